// SPDX-License-Identifier: BSD-3-Clause
//
// Accepted adverts, alone and in bursts.
#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

AdvertFrame Ah(uint32_t sequence) { return AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = sequence}; }

class AuthenticationTest : public testing::Test {
 protected:
  SequenceRecord record_;
  TestShard t_;
};

// Conformance AH-15, W-09: both pass the check before the ICV. The second is refused after it.
TEST_F(AuthenticationTest, OneNumberTwiceInABurstIsAcceptedOnce) {
  VirtualRouter& router = t_.Add(AhConfig(record_));
  t_.ReceiveBurst({Ah(5).Build(), Ah(5).Build(), Ah(6).Build()});
  EXPECT_EQ(router.counters.adverts_received.value(), 2u);
  EXPECT_EQ(Drops(router, DropReason::kReplayed), 1u);
}

TEST_F(AuthenticationTest, AForgedTwinInFrontDoesNotShadowTheGenuineOne) {
  VirtualRouter& router = t_.Add(AhConfig(record_));
  AdvertFrame forged = Ah(5);
  forged.forged = true;
  t_.ReceiveBurst({forged.Build(), Ah(5).Build()});
  EXPECT_EQ(router.counters.adverts_received.value(), 1u);
  EXPECT_EQ(Drops(router, DropReason::kBadIcv), 1u);
}

TEST_F(AuthenticationTest, KindsOfAuthenticationMixInABurst) {
  VirtualRouterConfig ah = AhConfig(record_);
  VirtualRouterConfig none = BackupConfig();
  none.vrid = Vrid(52);
  VirtualRouterConfig simple = BackupConfig();
  simple.vrid = Vrid(53);
  simple.auth = AuthKind::kSimple;
  simple.password = {'p', 'w'};
  VirtualRouter& r_ah = t_.Add(std::move(ah));
  VirtualRouter& r_none = t_.Add(std::move(none));
  VirtualRouter& r_simple = t_.Add(std::move(simple));

  std::vector<Bytes> burst;
  for (uint32_t i = 1; burst.size() + 4 <= kMaxBurst; ++i) {
    burst.push_back(AdvertFrame{.vrid = 52}.Build());
    burst.push_back(Ah(i).Build());
    burst.push_back(AdvertFrame{.vrid = 53, .auth_type = 1, .auth_data = {'p', 'w', 0, 0, 0, 0, 0, 0}}.Build());
    burst.push_back(AdvertFrame{.protocol = 17}.Build());
  }
  t_.ReceiveBurst(burst);
  EXPECT_EQ(r_ah.counters.adverts_received.value(), 16u);
  EXPECT_EQ(r_none.counters.adverts_received.value(), 16u);
  EXPECT_EQ(r_simple.counters.adverts_received.value(), 16u);
  EXPECT_EQ(t_.drops(DropReason::kNotVrrp), 16u);
  EXPECT_EQ(t_.shard->counters().frames_received.value(), 64u);
}

TEST_F(AuthenticationTest, AnEmptyBurstChangesNothing) {
  t_.ReceiveBurst({});
  EXPECT_EQ(t_.shard->counters().frames_received.value(), 0u);
}

// Conformance AH-27: two senders have separate numbers.
TEST_F(AuthenticationTest, EachSenderHasItsOwnWindow) {
  t_.Add(AhConfig(record_));
  AdvertFrame other = Ah(998);
  other.source = Ip("10.99.0.3");
  EXPECT_EQ(t_.Receive(Ah(1000).Build()), DropReason::kNone);
  EXPECT_EQ(t_.Receive(other.Build()), DropReason::kNone);
  EXPECT_EQ(t_.Receive(other.Build()), DropReason::kReplayed);
}

// Conformance AH-31: senders without the key neither enter the table nor evict others from it.
TEST_F(AuthenticationTest, ForgedSendersNeitherEnterNorEvict) {
  VirtualRouter& router = t_.Add(AhConfig(record_));
  for (uint32_t i = 0; i < kMaxSenders; ++i) {
    AdvertFrame frame = Ah(1);
    frame.source = IpAddress::V4(0x0a630010 + i);
    EXPECT_EQ(t_.Receive(frame.Build()), DropReason::kNone);
  }
  const std::string before = StateOf(router);
  for (uint32_t i = 0; i < 100; ++i) {
    AdvertFrame frame = Ah(7);
    frame.source = IpAddress::V4(0x0a640000 + i);
    frame.forged = true;
    EXPECT_EQ(t_.Receive(frame.Build()), DropReason::kBadIcv);
  }
  EXPECT_EQ(StateOf(router), before);
}

// Conformance AH-05, AH-19: fields outside the ICV may change on the way. Reserved bits are covered, but not read.
TEST_F(AuthenticationTest, MutableFieldsMayDiffer) {
  t_.Add(AhConfig(record_));
  AdvertFrame frame = Ah(1);
  frame.tos = 0x28;
  frame.flags_fragment = 0x4000;  // don't fragment
  frame.ah_reserved = 0xbeef;
  EXPECT_EQ(t_.Receive(frame.Build()), DropReason::kNone);
}

// Conformance AH-20: the two rules differ in the TTL, and neither accepts the other.
TEST_F(AuthenticationTest, TheRuleOfTheIcvIsTheInstances) {
  for (IcvRule rule : {IcvRule::kKeepalived, IcvRule::kRfc4302}) {
    for (IcvRule theirs : {IcvRule::kKeepalived, IcvRule::kRfc4302}) {
      SequenceRecord record;
      TestShard t;
      VirtualRouterConfig config = AhConfig(record);
      config.icv_rule = rule;
      t.Add(std::move(config));
      AdvertFrame frame = Ah(1);
      frame.rule = theirs;
      EXPECT_EQ(t.Receive(frame.Build()), rule == theirs ? DropReason::kNone : DropReason::kBadIcv);
    }
  }
}

// Conformance
TEST_F(AuthenticationTest, EveryAlgorithmIsUnderstood) {
  for (const MacAlgorithmInfo& info : AllMacAlgorithms()) {
    SequenceRecord record;
    TestShard t;
    VirtualRouterConfig config = AhConfig(record);
    const Bytes key(info.key_bytes, 0x5a);
    config.keys = OneKey(*MacKey::Create(info.algorithm, key));
    config.icv_rule = IcvRule::kRfc4302;
    t.Add(std::move(config));
    AdvertFrame frame{.key = key, .algorithm = info.algorithm, .rule = IcvRule::kRfc4302};
    EXPECT_EQ(t.Receive(frame.Build()), DropReason::kNone) << info.name;
    frame.sequence = 2;
    frame.forged = true;
    EXPECT_EQ(t.Receive(frame.Build()), DropReason::kBadIcv) << info.name;
  }
}

// Conformance V3-106, AH-23: Ethernet padding is ignored.
TEST_F(AuthenticationTest, EthernetPaddingIsNotPartOfThePacket) {
  t_.Add(AhConfig(record_));
  VirtualRouterConfig plain = BackupConfig();
  plain.port = PortId(1);
  t_.Add(std::move(plain));
  AdvertFrame ah = Ah(1);
  ah.padding = Bytes(6, 0xaa);
  EXPECT_EQ(t_.Receive(ah.Build()), DropReason::kNone);
  EXPECT_EQ(t_.Receive(AdvertFrame{.padding = Bytes(6, 0xaa)}.Build(), PortId(1)), DropReason::kNone);
}

// Conformance V3-107
TEST_F(AuthenticationTest, IpOptionsBeforePlainVrrpAreSteppedOver) {
  t_.Add(BackupConfig());
  EXPECT_EQ(t_.Receive(AdvertFrame{.ip_options = {0x94, 4, 0, 0}}.Build()), DropReason::kNone);
}

// Conformance V2-06
TEST_F(AuthenticationTest, AuthenticationDataIsIgnoredWithoutAPassword) {
  t_.Add(AhConfig(record_));
  VirtualRouterConfig plain = BackupConfig();
  plain.port = PortId(1);
  t_.Add(std::move(plain));
  AdvertFrame ah = Ah(1);
  ah.auth_data = Bytes(8, 0x77);
  EXPECT_EQ(t_.Receive(ah.Build()), DropReason::kNone);
  EXPECT_EQ(t_.Receive(AdvertFrame{.auth_data = Bytes(8, 0x77)}.Build(), PortId(1)), DropReason::kNone);
}

// RFC 3768 7.1: "the same addresses", in any order. Any list of the owner is accepted (V2-12).
TEST_F(AuthenticationTest, AddressesAreComparedAsASet) {
  VirtualRouterConfig config = BackupConfig();
  config.addresses = {Ip("10.99.0.100"), Ip("10.99.0.101"), Ip("10.99.0.102")};
  t_.Add(std::move(config));
  AdvertFrame frame;
  frame.addresses = {Ip("10.99.0.102"), Ip("10.99.0.100"), Ip("10.99.0.101")};
  EXPECT_EQ(t_.Receive(frame.Build()), DropReason::kNone);
  frame.addresses = {Ip("10.99.0.100"), Ip("10.99.0.100"), Ip("10.99.0.101")};
  EXPECT_EQ(t_.Receive(frame.Build()), DropReason::kAddressMismatch);
  frame.priority = 255;
  EXPECT_EQ(t_.Receive(frame.Build()), DropReason::kNone);
}

}  // namespace
}  // namespace dpvrrp
