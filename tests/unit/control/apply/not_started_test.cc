// SPDX-License-Identifier: BSD-3-Clause
//
// If an instance cannot be set up, the others start. It is shown, and retried.
#include "control/apply/not_started.h"

#include <gmock/gmock.h>

#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

InstanceConfig On(const std::string& device, const std::string& name = "two", uint8_t vrid = 2) {
  InstanceConfig config = AhInstance(name, vrid);
  config.virtual_addresses = {{*ParseIpPrefix("10.99.0.101/24"), "eth0"}, {*ParseIpPrefix("10.99.0.102/24"), device}};
  return config;
}

// "one" runs; "two" waits for the device "missing".
class NotStartedTest : public ::testing::Test {
 protected:
  NotStartedTest() { gateway.Start(WithInstances({AhInstance("one", 1), On("missing")})); }

  bool Runs(const std::string& name) { return gateway.controller.FindInstance(name) != nullptr; }
  void DeviceEvent(HostEvent::Kind kind, const std::string& device) {
    gateway.controller.OnHostEvent({kind, device, {}}, gateway.Time());
  }

  Gateway gateway;
};

TEST_F(NotStartedTest, TheOthersStart) {
  gateway.RunFor(5s);
  EXPECT_TRUE(Runs("one"));
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24"));
  EXPECT_FALSE(Runs("two"));
  EXPECT_THAT(gateway.Logged("daemon"), ElementsAre("started with 1 instance; 1 could not be started, retrying"));
}

TEST_F(NotStartedTest, LeavesNothingOfItsOwnBehind) {
  EXPECT_EQ(gateway.services.acquired, std::multiset<std::string>({"eth0"}));  // of "one"
}

TEST_F(NotStartedTest, IsLoggedOnceForAllRetries) {
  gateway.RunFor(300s);
  EXPECT_THAT(gateway.Logged("instance"), ElementsAre("not started, retrying: no interface missing"));
}

TEST_F(NotStartedTest, IsShownWithTheReason) {
  const std::string instances = gateway.Ask("show instances").body;
  EXPECT_THAT(instances, HasSubstr("Initialize"));
  EXPECT_THAT(instances, HasSubstr("not-started"));
  EXPECT_THAT(instances, HasSubstr("no interface missing"));
  EXPECT_THAT(gateway.Ask("show instances state master").body, Not(HasSubstr("two")));
  EXPECT_THAT(gateway.Ask("show instances state initialize --json").body, HasSubstr("\"no interface missing\""));
  const Answer one = gateway.Ask("show instance two --json");
  EXPECT_EQ(one.status, Answer::Status::kOk);
  EXPECT_THAT(one.body, HasSubstr("\"error\":\"no interface missing\""));
  EXPECT_THAT(gateway.Ask("show status --json").body, HasSubstr("\"not_started\":1"));
  EXPECT_THAT(gateway.Ask("show segments --json").body, HasSubstr("\"instances\":2"));
}

TEST_F(NotStartedTest, TakesNoOrders) {
  for (const char* line : {"set instance two priority 5", "resign two", "takeover two"}) {
    const Answer answer = gateway.Ask(line);
    EXPECT_EQ(answer.status, Answer::Status::kError);
    EXPECT_THAT(answer.body, HasSubstr("two is not started: no interface missing")) << line;
  }
}

TEST_F(NotStartedTest, StartsWhenTheDeviceAppears) {
  gateway.RunFor(60s);  // the retries are at their longest interval
  gateway.services.missing_devices.clear();
  DeviceEvent(HostEvent::Kind::kLinkUp, "eth9");
  gateway.RunFor(1ms);
  EXPECT_FALSE(Runs("two"));
  DeviceEvent(HostEvent::Kind::kLinkUp, "missing");
  gateway.RunFor(1ms);
  EXPECT_TRUE(Runs("two"));
  gateway.RunFor(5s);
  EXPECT_TRUE(gateway.services.Has("10.99.0.102/24", "missing"));
  EXPECT_EQ(gateway.Logged("instance").back(), "started");
  EXPECT_THAT(gateway.controller.not_started().entries(), IsEmpty());
}

TEST_F(NotStartedTest, StartsByItselfWithinHalfAMinuteWithoutAnyEvent) {
  gateway.RunFor(100s);
  gateway.services.missing_devices.clear();
  gateway.RunFor(NotStarted::kLongestWait);
  EXPECT_TRUE(Runs("two"));
}

TEST_F(NotStartedTest, StartsByAReload) {
  gateway.services.next_load = LoadResult{WithInstances({AhInstance("one", 1), On("missing")}), {}, {}};
  EXPECT_THAT(gateway.Ask("reload").body, HasSubstr("not started: instance two: no interface missing"));
  gateway.services.missing_devices.clear();
  EXPECT_EQ(gateway.Ask("reload").status, Answer::Status::kOk);
  EXPECT_TRUE(Runs("two"));
}

TEST_F(NotStartedTest, IsForgottenWhenTheFileNoLongerHasIt) {
  gateway.services.next_load = LoadResult{WithInstances({AhInstance("one", 1)}), {}, {}};
  EXPECT_EQ(gateway.Ask("reload").status, Answer::Status::kOk);
  gateway.services.missing_devices.clear();
  gateway.RunFor(60s);
  EXPECT_FALSE(Runs("two"));
  EXPECT_THAT(gateway.Ask("show instances").body, Not(HasSubstr("two")));
}

TEST(AllNotStartedTest, TheDaemonRunsAndWaits) {
  Gateway gateway;
  gateway.Start(WithInstances({On("missing")}));
  gateway.RunFor(10s);
  EXPECT_THAT(gateway.Ask("show status").body, HasSubstr("not started"));
  gateway.services.missing_devices.clear();
  gateway.RunFor(NotStarted::kLongestWait);
  EXPECT_NE(gateway.controller.FindInstance("two"), nullptr);
}

TEST(AllNotStartedTest, WaitsWhileAnotherInstanceUsesItsVrid) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance("one", 1), On("missing")}));
  gateway.RunFor(5s);
  EXPECT_EQ(gateway.Ask("vrid migrate one 2").status, Answer::Status::kOk);
  gateway.services.missing_devices.clear();
  gateway.RunFor(60s);
  EXPECT_EQ(gateway.controller.FindInstance("two"), nullptr);
  EXPECT_THAT(gateway.Ask("show instance two").body, HasSubstr("another instance uses its VRID"));
}

// Thousands of instances may wait for a missing trunk. Control must have time for its other work.
TEST(AllNotStartedTest, ThousandsOfInstancesAreRetriedAFewAtATime) {
  NotStarted waiting;
  const Instant start{};
  for (int i = 0; i < 5000; ++i) waiting.Note(On("eth7", "gw-" + std::to_string(i)), "no eth7", {start, 0});
  EXPECT_THAT(waiting.Due(start), IsEmpty());
  EXPECT_EQ(waiting.Due(start + 1s).size(), NotStarted::kTriesATurn);
  waiting.OnDevice("eth7", start + 500ms);
  EXPECT_EQ(waiting.NextDeadline(), start + 500ms);
  waiting.OnDevice("eth7", start + 1ms);
  EXPECT_EQ(waiting.NextDeadline(), start + NotStarted::kShortestWait);
}

}  // namespace
}  // namespace dpvrrp
