// SPDX-License-Identifier: BSD-3-Clause
//
// A port for whose addresses a kernel answers: other hosts that claim them, other masters, and a master that was late.
#include <gtest/gtest.h>

#include "host_testing.h"
#include "pipeline/stand_in/host_frame.h"

namespace dpvrrp {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr char kClaimed[] = "10.99.0.100";
constexpr char kClaimant[] = "10.99.0.10";

// The check of Shard::Receive.
bool MightClaim(Bytes frame) {
  return MightClaimAddress(Frame{.data = frame.data(), .length = static_cast<uint16_t>(frame.size())});
}

class ClaimTest : public testing::Test {
 protected:
  VirtualRouter& AddMaster(VirtualRouterConfig config = BackupConfig()) {
    config.port_mac = config.source_mac = kPortMac;
    VirtualRouter& router = t_.Add(std::move(config));
    t_.Apply(command::Takeover{&router});
    t_.Transmit();
    t_.Events();
    return router;
  }
  std::vector<ShardEvent> Receive(const Bytes& frame) {
    t_.ReceiveBurst({frame});
    EXPECT_THAT(t_.Transmit(), IsEmpty()) << "the kernel answers";
    return t_.Events();
  }
  const Bytes kClaim = Arp(kBroadcastMac, 1, kHostMac, kClaimed, MacAddress{}, kClaimed);
  const Bytes kProbe = Arp(kBroadcastMac, 1, kHostMac, "0.0.0.0", MacAddress{}, kClaimed);
  TestShard t_;
};

TEST_F(ClaimTest, AMasterReportsIt) {
  VirtualRouter& router = AddMaster();
  const Bytes claims[] = {
      kClaim,                                                               // gratuitous request
      Arp(kBroadcastMac, 2, kHostMac, kClaimed, kBroadcastMac, kClaimed),   // gratuitous reply
      Arp(kPortMac, 2, kHostMac, kClaimed, kPortMac, kClaimant),            // a reply to a request
      Arp(kBroadcastMac, 1, kHostMac, kClaimed, MacAddress{}, kClaimant)};  // a request from the address
  uint64_t count = 0;
  for (const Bytes& claim : claims) {
    t_.RunFor(kNoticeInterval);
    const std::vector<ShardEvent> events = Receive(claim);
    ASSERT_THAT(events, SizeIs(1)) << count;
    const auto& conflict = std::get<event::Conflict>(events[0]);
    EXPECT_EQ(conflict.peer, Ip(kClaimed));
    EXPECT_EQ(conflict.peer_mac, kHostMac);
    EXPECT_EQ(conflict.count, ++count);
  }
  EXPECT_THAT(Receive(kClaim), IsEmpty()) << "one in kNoticeInterval";
  EXPECT_EQ(router.counters.conflicts.value(), count + 1);
  EXPECT_EQ(t_.drops(DropReason::kNotVrrp), 5u);
  EXPECT_EQ(t_.shard->counters().responder.not_ours.value(), 0u);
}

TEST_F(ClaimTest, OtherAddressesBackupsAndOurOwnMacsAreNoClaims) {
  VirtualRouter& router = AddMaster();
  EXPECT_THAT(Receive(Arp(kBroadcastMac, 1, kHostMac, kClaimant, MacAddress{}, kClaimant)), IsEmpty());
  EXPECT_THAT(Receive(Arp(kBroadcastMac, 1, kHostMac, kClaimant, MacAddress{}, kClaimed)), IsEmpty())
      << "a host asks for it";
  EXPECT_THAT(Receive(Arp(kBroadcastMac, 1, kPortMac, kClaimed, MacAddress{}, kClaimed)), IsEmpty()) << "our echo";
  EXPECT_THAT(Receive(Arp(kBroadcastMac, 1, kHostMac, kClaimed, MacAddress{}, kClaimed, "810000070806")), IsEmpty())
      << "on another segment";
  t_.Apply(command::OurMac{&router, kHostMac});
  EXPECT_THAT(Receive(kClaim), IsEmpty()) << "our kernel's";
  EXPECT_EQ(router.counters.conflicts.value(), 0u);
  t_.Apply(command::Resign{&router});
  t_.Transmit();
  t_.Events();
  EXPECT_THAT(Receive(Arp(kBroadcastMac, 1, Mac("02:00:0a:63:00:0c"), kClaimed, MacAddress{}, kClaimed)), IsEmpty())
      << "the master's, to a backup";
}

TEST_F(ClaimTest, OnATaggedSegment) {
  VirtualRouterConfig config = BackupConfig();
  config.vlan = {100, 7};
  AddMaster(std::move(config));
  EXPECT_THAT(Receive(Arp(kBroadcastMac, 1, kHostMac, kClaimed, MacAddress{}, kClaimed, "88a80064810000070806")),
              SizeIs(1));
}

// RFC 5227 2.1.1: the host does not have the address, and will not use it if it gets an answer. Some switches probe
// repeatedly (Cisco's IP device tracking), so a probe is no conflict.
TEST_F(ClaimTest, AProbeIsReportedOnceInAnHour) {
  VirtualRouter& router = AddMaster();
  const std::vector<ShardEvent> events = Receive(kProbe);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(std::get<event::Probed>(events[0]).peer_mac, kHostMac);
  t_.RunFor(kRemarkInterval - 1s);
  EXPECT_THAT(Receive(kProbe), IsEmpty());
  EXPECT_EQ(router.counters.probes.value(), 2u);
  EXPECT_EQ(router.counters.conflicts.value(), 0u);
}

TEST_F(ClaimTest, OverIpv6) {
  VirtualRouter& router = AddMaster(V3Config(Family::kIpv6));
  const MacAddress all_nodes = Mac("33:33:00:00:00:01");
  const std::string vip = Hex(Ip("2001:db8::100"));
  const auto frame = [&](const std::string& packet) { return FromHex(Ethernet(all_nodes, kHostMac, "86dd") + packet); };
  const Bytes advertised = frame(Ipv6("fe80::10", "ff02::1", "8800000020000000" + vip + "0201" + Hex(kHostMac), 255));
  EXPECT_THAT(Receive(advertised), SizeIs(1));
  EXPECT_EQ(router.counters.conflicts.value(), 1u);
  const Bytes probe = frame(Ipv6("::", "ff02::1:ff00:100", "8700000000000000" + vip, 255));
  const std::vector<ShardEvent> events = Receive(probe);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(std::get<event::Probed>(events[0]).peer, Ip("2001:db8::100"));
  EXPECT_TRUE(MightClaim(advertised));
  EXPECT_FALSE(MightClaim(frame(Ipv6("fe80::10", "ff02::1", "8000000012340001", 255)))) << "an echo request";
}

// For other host traffic on a shared port only these few bytes are read.
TEST_F(ClaimTest, OnlyArpAndNeighbourDiscoveryAreParsed) {
  EXPECT_TRUE(MightClaim(kClaim));
  EXPECT_TRUE(MightClaim(Arp(kBroadcastMac, 1, kHostMac, kClaimed, MacAddress{}, kClaimed, "88a80064810000070806")));
  EXPECT_FALSE(MightClaim(FromHex(Ethernet(kPortMac, kHostMac, "0800") + Ipv4(kClaimant, kClaimed, 17, "0000"))));
  for (size_t length = 0; length < 14; ++length) EXPECT_FALSE(MightClaim(Bytes(length, 0x08))) << length;
  for (const char* type : {"8100", "88a8"}) {
    const std::string cut = Ethernet(kPortMac, kHostMac, type);
    for (const char* more : {"", "00", "0001", "000108", "00018100", "0001810000"}) {
      EXPECT_FALSE(MightClaim(FromHex(cut + more))) << type << more;
    }
  }
  const Bytes nd = FromHex(Ethernet(kPortMac, kHostMac, "86dd") +
                           Ipv6("fe80::10", "ff02::1", "8800000020000000" + Hex(Ip("fe80::100")), 255));
  for (size_t length = 14; length < 55; ++length) {
    EXPECT_FALSE(MightClaim(Bytes(nd.begin(), nd.begin() + static_cast<ptrdiff_t>(length)))) << length;
  }
  EXPECT_TRUE(MightClaim(nd));
}

// ---- Another router was master ----

TEST_F(ClaimTest, AMasterReportsAnotherMasterThatLosesTheElection) {
  VirtualRouter& router = AddMaster();
  const AdvertFrame lower{.priority = 90};
  t_.Receive(lower.Build());
  std::vector<ShardEvent> events = t_.Events();
  ASSERT_THAT(events, SizeIs(1));
  const auto other = std::get<event::OtherMaster>(events[0]);
  EXPECT_EQ(other.peer, Ip("10.99.0.1"));
  EXPECT_EQ(other.peer_mac, lower.source_mac);
  EXPECT_EQ(other.peer_priority, Priority(90));
  t_.now += kOtherMasterInterval - 1ms;
  t_.Receive(lower.Build());
  EXPECT_THAT(t_.Events(), IsEmpty());
  t_.now += 1ms;
  t_.Receive(AdvertFrame{.priority = 0}.Build());
  EXPECT_THAT(t_.Events(), SizeIs(1)) << "a router that resigns was master too";
  EXPECT_EQ(router.counters.other_masters.value(), 3u);
  t_.now += kOtherMasterInterval;
  t_.Receive(AdvertFrame{.priority = 200}.Build());
  events = t_.Events();
  ASSERT_THAT(events, SizeIs(1)) << "it gives way to that master";
  EXPECT_TRUE(Is<event::Transition>(events[0]));
}

TEST_F(ClaimTest, ABackupReportsNoAdvertOfItsMaster) {
  t_.Add(BackupConfig());
  t_.Events();
  for (const uint8_t priority : {200, 50, 0}) t_.Receive(AdvertFrame{.priority = priority}.Build());
  EXPECT_THAT(t_.Events(), IsEmpty());
}

TEST_F(ClaimTest, AMasterWhoseAdvertWasLateReportsIt) {
  VirtualRouter& router = AddMaster();
  t_.RunFor(10s);
  EXPECT_THAT(t_.Events(), IsEmpty());
  t_.now = router.machine.deadline + 1900ms;
  t_.Transmit();
  EXPECT_EQ(router.counters.oversleeps.value(), 0u) << "less than three intervals since the last advert";
  t_.RunFor(2s);
  t_.now = router.machine.deadline + 2100ms;
  EXPECT_THAT(t_.Transmit(), SizeIs(1));
  const std::vector<ShardEvent> events = t_.Events();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_GT(std::get<event::Overslept>(events[0]).late, 2s);
}

TEST_F(ClaimTest, ABackupThatWasLateBecomesMasterAndReportsOnlyThat) {
  t_.Add(BackupConfig());
  t_.Events();
  t_.now += 60s;
  t_.Transmit();
  const std::vector<ShardEvent> events = t_.Events();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_TRUE(Is<event::Transition>(events[0]));
}

// ---- Held down ----

TEST_F(ClaimTest, AMasterThatGivesWayDoesNotPreemptUntilTheHoldEnds) {
  VirtualRouter& router = AddMaster();
  t_.Apply(command::GiveWay{&router});
  EXPECT_THAT(t_.Transmit(), testing::ElementsAre(IsAdvert(Vrid(51), Priority(0))));
  EXPECT_EQ(router.machine.reason, Reason::kAddressLost);
  for (int i = 0; i < 20; ++i) {
    t_.Receive(AdvertFrame{.priority = 90}.Build());
    t_.RunFor(1s);
  }
  EXPECT_EQ(router.machine.state, State::kBackup);
  t_.Apply(command::EndHold{&router, Hold::kNoAddress});
  for (int i = 0; i < 5; ++i) {
    t_.Receive(AdvertFrame{.priority = 90}.Build());
    t_.RunFor(1s);
  }
  EXPECT_EQ(router.machine.state, State::kMaster);
}

TEST_F(ClaimTest, ARouterThatIsHeldDownStaysInFault) {
  VirtualRouter& router = AddMaster();
  t_.Apply(command::HoldDown{&router, Hold::kNoAddress});
  EXPECT_THAT(t_.Transmit(), testing::ElementsAre(IsAdvert(Vrid(51), Priority(0))));
  t_.RunFor(20s);
  t_.Apply(command::PortDown{PortId(0)});
  t_.Apply(command::PortUp{PortId(0)});
  t_.RunFor(20s);
  EXPECT_EQ(router.machine.state, State::kFault);
  t_.Apply(command::PortDown{PortId(0)});
  t_.Apply(command::EndHold{&router, Hold::kNoAddress});
  EXPECT_EQ(router.machine.state, State::kInitialize) << "its port is down";
  t_.Apply(command::PortUp{PortId(0)});
  EXPECT_EQ(router.machine.state, State::kBackup);
}

}  // namespace
}  // namespace dpvrrp
