// SPDX-License-Identifier: BSD-3-Clause
//
// Unicast peers' Ethernet addresses, over IPv4.
#include "pipeline/stand_in/neighbours.h"

#include <gtest/gtest.h>

#include "host_testing.h"

namespace dpvrrp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kUs[] = "10.99.0.2";
constexpr char kPeer[] = "10.99.0.1";
constexpr char kGateway[] = "10.99.0.254";
constexpr MacAddress kNeighbourMac{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x01}};

class NeighboursTest : public testing::Test {
 protected:
  static VirtualRouterConfig Config() {
    VirtualRouterConfig config = BackupConfig();
    config.port_mac = kPortMac;
    config.machine.preempt = false;
    config.unicast_peers = {{.address = Ip(kPeer), .next_hop = Ip(kPeer)},
                            {.address = Ip("10.98.0.1"), .next_hop = Ip(kGateway)}};
    return config;
  }
  // ARP frames of a period, with their times.
  std::vector<std::pair<Nanoseconds, std::string>> Arps(Nanoseconds time) {
    std::vector<std::pair<Nanoseconds, std::string>> out;
    for (const Sent& sent : t_.RunFor(time)) {
      if (SeeArp(sent.frame).has_value()) {
        out.emplace_back(std::chrono::duration_cast<std::chrono::milliseconds>(sent.after()), ToHex(sent.frame));
      }
    }
    return out;
  }
  static std::string Question(const char* of) { return ToHex(Arp(kBroadcastMac, 1, kPortMac, kUs, MacAddress{}, of)); }
  void Hear(const Bytes& frame) { t_.ReceiveBurst({frame}); }
  Bytes AnswerOf(const char* who) { return Arp(kPortMac, 2, kNeighbourMac, who, kPortMac, kUs); }

  TestShard t_;
};

TEST_F(NeighboursTest, AreAskedForOnceASecondUntilTheyAnswer) {
  VirtualRouter& router = t_.Add(Config());
  EXPECT_THAT(Arps(1500ms), ElementsAre(std::pair(0ms, Question(kPeer)), std::pair(0ms, Question(kGateway)),
                                        std::pair(1000ms, Question(kPeer)), std::pair(1000ms, Question(kGateway))));
  EXPECT_FALSE(router.neighbours[0].known);
  Hear(AnswerOf(kPeer));
  EXPECT_TRUE(router.neighbours[0].known);
  EXPECT_EQ(router.neighbours[0].mac, kNeighbourMac);
  EXPECT_FALSE(router.neighbours[1].known);
  EXPECT_THAT(Arps(1s), ElementsAre(std::pair(2000ms, Question(kGateway))));
  EXPECT_EQ(t_.shard->counters().responder.peer_questions.value(), 5u);
}

TEST_F(NeighboursTest, AreKeptFresh) {
  VirtualRouter& router = t_.Add(Config());
  Arps(0ms);
  Hear(AnswerOf(kPeer));
  Hear(AnswerOf(kGateway));
  EXPECT_THAT(Arps(29s), IsEmpty());
  EXPECT_THAT(Arps(2500ms), ElementsAre(std::pair(30000ms, Question(kPeer)), std::pair(30000ms, Question(kGateway)),
                                        std::pair(31000ms, Question(kPeer)), std::pair(31000ms, Question(kGateway))));
  EXPECT_TRUE(router.neighbours[0].known) << "a known peer stays known";
  Bytes moved = AnswerOf(kPeer);
  moved[27] = 0x77;  // the last byte of the sender's hardware address
  Hear(moved);
  EXPECT_EQ(router.neighbours[0].mac, Mac("02:00:0a:63:00:77"));
}

TEST_F(NeighboursTest, ARequestToUsIsLearnedFromToo) {
  VirtualRouter& router = t_.Add(Config());
  Hear(Arp(kBroadcastMac, 1, kNeighbourMac, kPeer, MacAddress{}, kUs));
  EXPECT_TRUE(router.neighbours[0].known);
}

TEST_F(NeighboursTest, RepliesToOthersAreNotLearnedFrom) {
  VirtualRouter& router = t_.Add(Config());
  Hear(Arp(kBroadcastMac, 1, kNeighbourMac, kPeer, MacAddress{}, "10.99.0.3"));
  Hear(Arp(kPortMac, 2, Mac("03:00:00:00:00:01"), kPeer, kPortMac, kUs));  // a group address
  Hear(Arp(kPortMac, 2, kNeighbourMac, "10.99.0.77", kPortMac, kUs));      // not a peer of ours
  t_.ReceiveBurst({AnswerOf(kPeer)}, PortId(1));                           // on another segment
  EXPECT_FALSE(router.neighbours[0].known || router.neighbours[1].known);
}

TEST_F(NeighboursTest, InInitializeNoPeerIsAskedFor) {
  t_.Add(Config());
  Arps(0ms);
  t_.Apply(command::PortDown{PortId(0)});
  EXPECT_THAT(Arps(5s), IsEmpty());
  t_.Apply(command::PortUp{PortId(0)});
  EXPECT_THAT(Arps(0ms), SizeIs(2));
}

// V3-122: the address of an owner is a virtual address, and no host may learn the port's MAC for it.
TEST_F(NeighboursTest, AnOwnerAsksAtTheVirtualMacAndOnlyAsMaster) {
  VirtualRouterConfig config = Config();
  config.machine.priority = kPriorityOwner;
  config.addresses = {Ip(kUs)};
  config.source_mac = kVmac;
  config.unicast_peers.pop_back();
  VirtualRouter& router = t_.Add(std::move(config));
  const std::string question = ToHex(Arp(kBroadcastMac, 1, kVmac, kUs, MacAddress{}, kPeer));
  EXPECT_THAT(Arps(1500ms), ElementsAre(std::pair(0ms, question), std::pair(1000ms, question)));
  t_.Apply(command::Resign{&router});
  EXPECT_THAT(Arps(2s), IsEmpty());
  t_.Apply(command::Takeover{&router});
  EXPECT_THAT(Arps(0s), ElementsAre(std::pair(3500ms, question)));
}

TEST_F(NeighboursTest, InstancesWithOnePeerAllLearnOfIt) {
  std::vector<VirtualRouter*> routers;
  for (uint8_t i = 0; i < 3; ++i) {
    VirtualRouterConfig config = Config();
    config.id = InstanceId(i + 1u);
    config.vrid = Vrid(static_cast<uint8_t>(51 + i));
    routers.push_back(&t_.Add(std::move(config)));
  }
  Hear(AnswerOf(kPeer));
  for (const VirtualRouter* router : routers) EXPECT_TRUE(router->neighbours[0].known);
}

TEST_F(NeighboursTest, AFloodOfAnswersIsNotLearnedFrom) {
  VirtualRouter& router = t_.Add(Config());
  for (int i = 0; i < 3000; ++i) Hear(AnswerOf(kPeer));
  EXPECT_TRUE(router.neighbours[0].known);
  EXPECT_EQ(t_.shard->counters().responder.limited.value(), 3000u - kLessonsPerSecond / 10);
}

TEST_F(NeighboursTest, AFullQueueOnlyDelaysTheRequest) {
  for (uint32_t i = 0; i < kMaxReadyFrames / 2 + 10; ++i) {
    VirtualRouterConfig config = Config();
    config.id = InstanceId(i + 1);
    config.vrid = Vrid(static_cast<uint8_t>(i + 1));
    t_.Add(std::move(config));
  }
  EXPECT_THAT(Arps(100ms), SizeIs(kMaxReadyFrames + 20));
}

// The source address of a unicast instance: on a port without a kernel no other program answers for it.
class OwnAddressTest : public NeighboursTest {
 protected:
  OwnAddressTest() {
    VirtualRouterConfig config = Config();
    config.responder = true;
    config.source_mac = kVmac;
    router_ = &t_.Add(std::move(config));
    Arps(0ms);
  }
  std::vector<Sent> Ask() {
    Hear(Arp(kBroadcastMac, 1, kHostMac, "10.99.0.10", MacAddress{}, kUs));
    return t_.Transmit();
  }
  VirtualRouter* router_;
};

TEST_F(OwnAddressTest, IsAnsweredForAtThePortsMac) {
  const std::string reply = ToHex(Arp(kHostMac, 2, kPortMac, kUs, kHostMac, "10.99.0.10"));
  std::vector<Sent> sent = Ask();  // a backup
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(ToHex(sent[0].frame), reply);
  t_.Apply(command::Takeover{router_});
  t_.Transmit();
  sent = Ask();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(ToHex(sent[0].frame), reply);
}

TEST_F(OwnAddressTest, IsNotInInitialize) {
  t_.Apply(command::PortDown{PortId(0)});
  EXPECT_THAT(Ask(), IsEmpty());
}

TEST_F(OwnAddressTest, IsNotPingable) {
  t_.ReceiveBurst({FromHex(Ethernet(kPortMac, kHostMac, "0800") + Ipv4("10.99.0.10", kUs, 1, EchoV4(8)))});
  EXPECT_THAT(t_.Transmit(), IsEmpty());
}

}  // namespace
}  // namespace dpvrrp
