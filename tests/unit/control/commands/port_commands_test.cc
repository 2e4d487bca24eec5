// SPDX-License-Identifier: BSD-3-Clause
//
// testpmd's words for ports.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

PortStatus PortCalled(uint16_t id, uint16_t number) {
  PortStatus port;
  port.id = PortId(id);
  port.name = PortName(id);
  port.driver = "net_null";
  port.up = true;
  port.number = number;
  port.counts.rx_packets = 10;
  port.counts.tx_bytes = 600;
  return port;
}

// Two ports, of which DPDK counts the second first.
class PortCommandsTest : public testing::Test {
 protected:
  PortCommandsTest() {
    gateway.services.ports = {PortCalled(0, 1), PortCalled(1, 0)};
    InstanceConfig other = AhInstance("other", 52);
    other.port = PortName(1);
    gateway.Start(WithInstances({AhInstance("gw", 51), other}));
    gateway.RunFor(5s);
  }
  State StateOf(const std::string& name) { return gateway.controller.FindInstance(name)->state; }

  Gateway gateway;
};

TEST_F(PortCommandsTest, APortHasANameAndDpdksNumber) {
  EXPECT_THAT(gateway.Ask("show port info lan1").body, HasSubstr("port               0\nname               lan1\n"));
  EXPECT_THAT(gateway.Ask("show port info 1 --json").body, HasSubstr(R"({"port":1,"name":"lan")"));
  EXPECT_THAT(
      gateway.Ask("show port summary all --json").body,
      HasSubstr(R"([{"port":1,"mac":"00:00:00:00:00:00","name":"lan","driver":"net_null","link":"up"},{"port":0)"));
  EXPECT_THAT(gateway.Ask("show port info all --json").body, HasSubstr(R"("lan1":{"port":0)"));
}

TEST_F(PortCommandsTest, AnUnknownPortIsRefusedWithTheKnownOnes) {
  for (const char* line : {"show port stats 7", "port stop 7", "clear port stats 7", "set promisc 7 on"}) {
    const Answer answer = gateway.Ask(line);
    EXPECT_EQ(answer.status, Answer::Status::kError) << line;
    EXPECT_EQ(answer.body, "no port '7'; there are: 1 (lan), 0 (lan1), all\n");
  }
}

TEST_F(PortCommandsTest, ClearedStatisticsCountFromThenOn) {
  EXPECT_EQ(gateway.Ask("clear port stats lan").body, "lan: statistics cleared\n");
  gateway.services.ports[0].counts.rx_packets = 13;
  const std::string body = gateway.Ask("show port stats all --json").body;
  EXPECT_THAT(body, HasSubstr(R"("name":"lan","rx_packets":3)"));
  EXPECT_THAT(body, HasSubstr(R"("name":"lan1","rx_packets":10)"));
}

TEST_F(PortCommandsTest, TheMastersOfAStoppedPortResignAndThoseOfOthersStay) {
  ASSERT_EQ(StateOf("gw"), State::kMaster);
  EXPECT_EQ(gateway.Ask("port stop lan").body, "lan: stopped; its instances are in Fault until port start\n");
  gateway.RunFor(10ms);
  EXPECT_EQ(StateOf("gw"), State::kFault);
  EXPECT_EQ(gateway.controller.FindInstance("gw")->reason, Reason::kPortStopped);
  EXPECT_EQ(StateOf("other"), State::kMaster);
  EXPECT_THAT(gateway.Ask("show port info lan").body, HasSubstr("stopped"));
  EXPECT_THAT(gateway.Logged("port"), ElementsAre("port lan: stopped by an operator, its masters resign"));
  EXPECT_EQ(gateway.Ask("port stop lan").body, "lan: is stopped already\n");

  EXPECT_EQ(gateway.Ask("port start lan").body, "lan: started\n");
  gateway.RunFor(5s);
  EXPECT_EQ(StateOf("gw"), State::kMaster);
}

TEST_F(PortCommandsTest, AStoppedPortsLastAdvertHasPriorityZero) {
  gateway.controller.OnCommand(RequesterId(7), "port stop lan", gateway.Time());
  const std::vector<Sent> sent = gateway.RunFor(1ms);
  ASSERT_FALSE(sent.empty());
  EXPECT_THAT(sent[0].frame, IsAhAdvert(Vrid(51), Priority(0), SeeAdvert(sent[0].frame)->sequence.value()));
}

TEST_F(PortCommandsTest, StopAndStartAreOfAllPorts) {
  EXPECT_THAT(gateway.Ask("stop").body, HasSubstr("lan1: stopped"));
  gateway.RunFor(5s);
  EXPECT_EQ(StateOf("gw"), State::kFault);
  EXPECT_EQ(StateOf("other"), State::kFault);
  gateway.Ask("start");
  gateway.RunFor(5s);
  EXPECT_EQ(StateOf("gw"), State::kMaster);
  EXPECT_EQ(StateOf("other"), State::kMaster);
}

TEST_F(PortCommandsTest, AnInstanceThatAReloadAddsToAStoppedPortIsInFaultToo) {
  gateway.Ask("stop");
  gateway.services.next_load.config = WithInstances({AhInstance("gw", 51), AhInstance("new", 53)});
  EXPECT_EQ(gateway.Ask("reload").status, Answer::Status::kOk);
  gateway.RunFor(5s);
  EXPECT_EQ(StateOf("new"), State::kFault);
  gateway.Ask("start");
  gateway.RunFor(5s);
  EXPECT_EQ(StateOf("new"), State::kMaster);
}

TEST_F(PortCommandsTest, PromiscuousModeIsOnOrOff) {
  EXPECT_EQ(gateway.Ask("set promisc all on").body, "lan, lan1: promiscuous mode on\n");
  EXPECT_TRUE(gateway.services.ports[1].promiscuous);
  EXPECT_EQ(gateway.Ask("set promisc 0 off").body, "lan1: promiscuous mode off\n");
  EXPECT_FALSE(gateway.services.ports[1].promiscuous);
  EXPECT_EQ(gateway.Ask("set promisc 0 maybe").body, "promiscuous mode must be on or off, got 'maybe'\n");
  gateway.services.refuse_promiscuous = absl::FailedPreconditionError("needs it");
  EXPECT_EQ(gateway.Ask("set promisc lan off").body, "lan: needs it\n");
}

}  // namespace
}  // namespace dpvrrp
