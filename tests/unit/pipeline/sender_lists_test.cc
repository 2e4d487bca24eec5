// SPDX-License-Identifier: BSD-3-Clause
//
// Blocked senders and allowed ones. rejection_test.cc tests that a refused frame changes nothing.
#include <gtest/gtest.h>

#include "unit/pipeline/host_testing.h"

namespace dpvrrp {
namespace {

const MacAddress kListedMac{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x09}};
const IpAddress kRogue = Ip("10.99.0.9");

AdvertFrame FromRogue() { return AdvertFrame{.source_mac = kListedMac, .source = kRogue, .priority = 200}; }
AdvertFrame FromPeer() { return AdvertFrame{}; }

class BlockTest : public testing::Test {
 protected:
  BlockTest() { t_.Add(BackupConfig()); }

  DropReason Receive(const AdvertFrame& frame, PortId port = PortId(0)) { return t_.Receive(frame.Build(), port); }
  uint64_t CountAt(size_t place) const { return t_.shard->counters().blocked[place].value(); }

  TestShard t_;
};

TEST_F(BlockTest, ByAddressWhateverTheMac) {
  t_.Apply(command::Block{.place = 7, .sender = {.address = kRogue}});
  EXPECT_EQ(Receive(FromRogue()), DropReason::kBlocked);
  AdvertFrame other_mac = FromRogue();
  other_mac.source_mac.bytes[5] = 0x77;
  EXPECT_EQ(Receive(other_mac), DropReason::kBlocked);
  EXPECT_EQ(Receive(FromPeer()), DropReason::kNone);
  EXPECT_EQ(CountAt(7), 2u);
}

TEST_F(BlockTest, ByMacWhateverTheAddress) {
  t_.Apply(command::Block{.place = 0, .sender = {.mac = kListedMac}});
  EXPECT_EQ(Receive(FromRogue()), DropReason::kBlocked);
  AdvertFrame other_address = FromRogue();
  other_address.source = Ip("10.99.0.8");
  EXPECT_EQ(Receive(other_address), DropReason::kBlocked);
  EXPECT_EQ(Receive(FromPeer()), DropReason::kNone);
}

TEST_F(BlockTest, ByBothOnlyIfBothMatch) {
  t_.Apply(command::Block{.place = 0, .sender = {.address = kRogue, .mac = kListedMac}});
  EXPECT_EQ(Receive(FromRogue()), DropReason::kBlocked);
  AdvertFrame other_address = FromRogue();
  other_address.source = Ip("10.99.0.8");
  EXPECT_EQ(Receive(other_address), DropReason::kNone);
  AdvertFrame other_mac = FromRogue();
  other_mac.source_mac.bytes[5] = 0x77;
  EXPECT_EQ(Receive(other_mac), DropReason::kNone);
}

TEST_F(BlockTest, OnOnePortAlone) {
  VirtualRouterConfig other = BackupConfig();
  other.port = PortId(1);
  t_.Add(std::move(other));
  t_.Apply(command::Block{.place = 0, .sender = {.address = kRogue, .port = PortId(1)}});
  EXPECT_EQ(Receive(FromRogue(), PortId(0)), DropReason::kNone);
  EXPECT_EQ(Receive(FromRogue(), PortId(1)), DropReason::kBlocked);
}

TEST_F(BlockTest, OverIpv6AndInAVlan) {
  VirtualRouterConfig v6 = V3Config(Family::kIpv6);
  v6.vlan = {.outer = 30};
  t_.Add(std::move(v6));
  const AdvertFrame frame{
      .vlan_tags = {30}, .source = Ip("fe80::1"), .version = 3, .addresses = {Ip("fe80::100"), Ip("2001:db8::100")}};
  ASSERT_EQ(Receive(frame), DropReason::kNone);
  t_.Apply(command::Block{.place = 0, .sender = {.address = Ip("fe80::1")}});
  EXPECT_EQ(Receive(frame), DropReason::kBlocked);
}

TEST_F(BlockTest, AVridThatIsNotOursToo) {
  t_.Apply(command::Block{.place = 0, .sender = {.address = kRogue}});
  AdvertFrame frame = FromRogue();
  frame.vrid = 52;
  EXPECT_EQ(Receive(frame), DropReason::kBlocked);
}

TEST_F(BlockTest, UntilUnblocked) {
  t_.Apply(command::Block{.place = 3, .sender = {.address = kRogue}});
  EXPECT_EQ(Receive(FromRogue()), DropReason::kBlocked);
  t_.Apply(command::Unblock{4});  // no block has this place
  EXPECT_EQ(Receive(FromRogue()), DropReason::kBlocked);
  t_.Apply(command::Unblock{3});
  EXPECT_EQ(Receive(FromRogue()), DropReason::kNone);
}

TEST_F(BlockTest, AFullTableAppliesEveryBlockAndRemovesOneAlone) {
  const auto frame_of = [](size_t i) {
    AdvertFrame frame = FromRogue();
    frame.source = IpAddress::V4(0x0a630100 + static_cast<uint32_t>(i));
    return frame;
  };
  for (uint16_t i = 0; i < kMaxBlockedSenders; ++i)
    t_.Apply(command::Block{.place = i, .sender = {.address = frame_of(i).source}});
  for (size_t i = 0; i < kMaxBlockedSenders; ++i) EXPECT_EQ(Receive(frame_of(i)), DropReason::kBlocked) << i;
  EXPECT_EQ(Receive(FromPeer()), DropReason::kNone);
  t_.Apply(command::Unblock{20});
  for (size_t i = 0; i < kMaxBlockedSenders; ++i) {
    EXPECT_EQ(Receive(frame_of(i)), i == 20 ? DropReason::kNone : DropReason::kBlocked) << i;
    EXPECT_EQ(CountAt(i), i == 20 ? 1u : 2u) << i;
  }
  t_.Apply(command::Block{.place = 20, .sender = {.mac = kListedMac}});  // the place is free again
  EXPECT_EQ(Receive(frame_of(20)), DropReason::kBlocked);
}

// In one burst with others, and without an event, because the operator ordered the block.
TEST_F(BlockTest, OtherAdvertsOfTheBurstAreAcceptedAndControlIsNotNotified) {
  t_.Apply(command::Block{.place = 0, .sender = {.address = kRogue}});
  t_.Events();
  t_.ReceiveBurst({FromRogue().Build(), FromPeer().Build(), FromRogue().Build()});
  EXPECT_EQ(t_.drops(DropReason::kBlocked), 2u);
  EXPECT_EQ(t_.shard->counters().adverts_accepted.value(), 1u);
  EXPECT_TRUE(t_.Events().empty());
}

// A blocked gateway is still a host: its ARP requests for our address are answered.
TEST_F(BlockTest, ItsArpIsAnswered) {
  VirtualRouterConfig config = ResponderConfig();
  config.port = PortId(1);
  VirtualRouter& router = t_.Add(std::move(config));
  t_.Apply(command::Takeover{&router});
  t_.RunFor(1s);
  t_.Apply(command::Block{.place = 0, .sender = {.address = Ip("10.99.0.10")}});
  t_.Apply(command::Block{.place = 1, .sender = {.mac = kHostMac}});
  t_.ReceiveBurst({Arp(kBroadcastMac, 1, kHostMac, "10.99.0.10", MacAddress{}, "10.99.0.100")}, PortId(1));
  t_.Transmit();
  EXPECT_EQ(t_.shard->counters().responder.arp_replies.value(), 1u);
  EXPECT_EQ(t_.drops(DropReason::kBlocked), 0u);
}

class AllowTest : public BlockTest {
 protected:
  void Allow(VirtualRouter& router, std::vector<IpAddress> addresses) {
    VirtualRouterConfig config = router.config;
    config.allowed_senders = {};
    for (const IpAddress& address : addresses) {
      config.allowed_senders.addresses[config.allowed_senders.count++] = address;
    }
    t_.Replace(router, std::move(config));
  }
};

TEST_F(AllowTest, OnlyListedSendersAreAccepted) {
  VirtualRouter& router = *t_.routers.front();
  Allow(router, {Ip("10.99.0.3"), Ip("10.99.0.1")});
  EXPECT_EQ(Receive(FromPeer()), DropReason::kNone);
  EXPECT_EQ(Receive(FromRogue()), DropReason::kUnlistedSender);
  Allow(router, {Ip("10.99.0.3")});
  EXPECT_EQ(Receive(FromPeer()), DropReason::kUnlistedSender);
  Allow(router, {});
  EXPECT_EQ(Receive(FromRogue()), DropReason::kNone);
}

TEST_F(AllowTest, AWrongDestinationOrTtlIsStillRefused) {
  Allow(*t_.routers.front(), {Ip("10.99.0.1")});
  AdvertFrame elsewhere = FromPeer();
  elsewhere.destination = Ip("224.0.0.19");
  EXPECT_EQ(Receive(elsewhere), DropReason::kBadDestination);
  AdvertFrame routed = FromPeer();
  routed.ttl = 254;
  EXPECT_EQ(Receive(routed), DropReason::kBadTtl);
}

TEST_F(AllowTest, TheListAppliesToOneInstanceOnly) {
  VirtualRouterConfig other = BackupConfig();
  other.vrid = Vrid(52);
  t_.Add(std::move(other));
  Allow(*t_.routers.front(), {Ip("10.99.0.1")});
  AdvertFrame frame = FromRogue();
  frame.vrid = 52;
  EXPECT_EQ(Receive(frame), DropReason::kNone);
}

TEST_F(AllowTest, OverIpv6) {
  VirtualRouter& router = t_.Add(V3Config(Family::kIpv6));
  const AdvertFrame frame{.source = Ip("fe80::1"), .version = 3, .addresses = {Ip("fe80::100"), Ip("2001:db8::100")}};
  Allow(router, {Ip("fe80::1")});
  EXPECT_EQ(Receive(frame), DropReason::kNone);
  Allow(router, {Ip("fe80::3")});
  EXPECT_EQ(Receive(frame), DropReason::kUnlistedSender);
}

}  // namespace
}  // namespace dpvrrp
