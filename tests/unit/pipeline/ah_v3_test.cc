// SPDX-License-Identifier: BSD-3-Clause
//
// AH for VRRPv3, our profile (docs/decisions/0010): over IPv4, over IPv6, and with AES-GMAC.
#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

constexpr uint32_t kSpi = 0x1234;
constexpr Family kFamilies[] = {Family::kIpv4, Family::kIpv6};

Bytes Counting(size_t bytes) {
  Bytes out(bytes);
  for (size_t i = 0; i < bytes; ++i) out[i] = static_cast<uint8_t>(i);
  return out;
}

VirtualRouterConfig V3AhConfig(Family family, MacAlgorithm algorithm, SequenceRecord& record) {
  VirtualRouterConfig config = V3Config(family);
  config.auth = AuthKind::kAh;
  config.icv_rule = IcvRule::kRfc4302;
  config.spi = kSpi;
  config.keys = OneKey(*MacKey::Create(algorithm, Counting(InfoOf(algorithm).key_bytes)));
  config.record = &record;
  return config;
}

// The advert of another router of the group.
AdvertFrame Peer(Family family, MacAlgorithm algorithm, uint32_t sequence = 1) {
  AdvertFrame frame{.key = Counting(InfoOf(algorithm).key_bytes),
                    .algorithm = algorithm,
                    .rule = IcvRule::kRfc4302,
                    .spi = kSpi,
                    .sequence = sequence,
                    .version = 3};
  if (family == Family::kIpv6) {
    frame.source = Ip("fe80::1");
    frame.addresses = {Ip("fe80::100"), Ip("2001:db8::100")};
  }
  return frame;
}

Bytes OneV3Advert(Family family, MacAlgorithm algorithm) {
  SequenceRecord record;
  TestShard t;
  t.Apply(command::Takeover{&t.Add(V3AhConfig(family, algorithm, record))});
  const std::vector<Sent> sent = t.Transmit();
  EXPECT_EQ(sent.size(), 1u);
  return sent.at(0).frame;
}

// Whole frames as Python's hmac module, and its AES-GCM, make them. Conformance AH-03, AH-04, AH-19, AH-22, AH-23.
TEST(AhV3Test, OurAdvertsAreByteForByteThoseOfAnIndependentWriter) {
  EXPECT_EQ(ToHex(OneV3Advert(Family::kIpv4, MacAlgorithm::kHmacSha512_256)),
            "01005e00001202000a630002080045c0004c00010000ff33d0460a630002e0000012"
            "7009000000001234000000011a76efc7ca6d37b8163fb129a4bcf7fcb7960b3f92cd871d88618a5e8b12a9da"
            "31336401006474ac0a630064");
  EXPECT_EQ(
      ToHex(OneV3Advert(Family::kIpv6, MacAlgorithm::kHmacSha256_128)),
      "33330000001202000a63000286dd6c000000004833fffe800000000000000000000000000002ff020000000000000000000000000012"
      "7006000000001234000000010f41dee0141e2e35d8208564c1541b8b00000000"
      "3133640200643dfcfe80000000000000000000000000010020010db8000000000000000000000100");
  EXPECT_EQ(
      ToHex(OneV3Advert(Family::kIpv6, MacAlgorithm::kAes128Gmac)),
      "33330000001202000a63000286dd6c000000005033fffe800000000000000000000000000002ff020000000000000000000000000012"
      "7008000000001234000000010000000200000001da2fabd5ef34afd4ae3910183da3b52900000000"
      "3133640200643dfcfe80000000000000000000000000010020010db8000000000000000000000100");
}

TEST(AhV3Test, EveryAlgorithmIsUnderstoodOverBothFamilies) {
  for (const Family family : kFamilies) {
    for (const MacAlgorithmInfo& info : AllMacAlgorithms()) {
      SequenceRecord record;
      TestShard t;
      t.Add(V3AhConfig(family, info.algorithm, record));
      EXPECT_EQ(t.Receive(Peer(family, info.algorithm).Build()), DropReason::kNone) << info.name;
      EXPECT_EQ(t.Receive(Peer(family, info.algorithm).Build()), DropReason::kReplayed) << info.name;
      AdvertFrame forged = Peer(family, info.algorithm, 2);
      forged.forged = true;
      EXPECT_EQ(t.Receive(forged.Build()), DropReason::kBadIcv) << info.name;
      EXPECT_EQ(t.Receive(Peer(family, info.algorithm, 2).Build()), DropReason::kNone) << info.name;
    }
  }
}

// Conformance AH-06, AH-16, AH-17.
TEST(AhV3Test, AdvertsOutsideTheAssociationAreRefused) {
  for (const Family family : kFamilies) {
    const MacAlgorithm sha256 = MacAlgorithm::kHmacSha256_128;
    SequenceRecord record;
    TestShard t;
    t.Add(V3AhConfig(family, sha256, record));
    AdvertFrame frame = Peer(family, sha256);
    for (const uint32_t spi : {0u, 1u, kSpi + 1, 0x0a630001u}) {
      frame.spi = spi;
      EXPECT_EQ(t.Receive(frame.Build()), DropReason::kBadSpi) << spi;
    }
    EXPECT_EQ(t.Receive(Peer(family, MacAlgorithm::kHmacSha512_256).Build()), DropReason::kAhLength);
    frame = Peer(family, sha256);
    frame.key.clear();
    EXPECT_EQ(t.Receive(frame.Build()), DropReason::kAuthTypeMismatch);
    frame = Peer(family, sha256, 0xffffffff);
    frame.forged = true;
    EXPECT_EQ(t.Receive(frame.Build()), DropReason::kBadIcv);
    EXPECT_EQ(t.Receive(Peer(family, sha256).Build()), DropReason::kNone);
  }
}

// Conformance AH-04, AH-05, AH-22: class and flow label may change on the way. Padding and reserved field are covered.
TEST(AhV3Test, Ipv6sIcvCoversWhatTheRfcSays) {
  const MacAlgorithm sha256 = MacAlgorithm::kHmacSha256_128;
  SequenceRecord record;
  TestShard t;
  t.Add(V3AhConfig(Family::kIpv6, sha256, record));
  AdvertFrame frame = Peer(Family::kIpv6, sha256, 1);
  frame.tos = 0x2b;
  frame.flow_label = 0xbeef;
  EXPECT_EQ(t.Receive(frame.Build()), DropReason::kNone);

  frame = Peer(Family::kIpv6, sha256, 2);
  frame.ah_padding = 0x77;
  Bytes padded = frame.Build();
  EXPECT_EQ(t.Receive(padded), DropReason::kNone);
  frame = Peer(Family::kIpv6, sha256, 3);
  padded = frame.Build();
  padded[14 + 40 + 12 + 16] ^= 1;
  EXPECT_EQ(t.Receive(padded), DropReason::kBadIcv);

  frame.ah_reserved = 0xffff;
  EXPECT_EQ(t.Receive(frame.Build()), DropReason::kNone);
}

// A tag that is valid for another IV than ours is refused.
TEST(AhV3Test, GmacsIvIsSourceAndSequence) {
  for (const Family family : kFamilies) {
    const MacAlgorithm gmac = MacAlgorithm::kAes256Gmac;
    SequenceRecord record;
    TestShard t;
    t.Add(V3AhConfig(family, gmac, record));
    AdvertFrame frame = Peer(family, gmac, 7);
    const size_t iv_at = 14 + (family == Family::kIpv4 ? 20 : 40) + 12;
    for (size_t byte = 0; byte < kGmacIvBytes; ++byte) {
      Bytes other = frame.Build();
      other[iv_at + byte] ^= 1;
      EXPECT_EQ(t.Receive(other), DropReason::kBadIcv) << byte;
    }
    EXPECT_EQ(t.Receive(frame.Build()), DropReason::kNone);
  }
}

TEST(AhV3Test, GmacsNumbersAreNeverUsedTwice) {
  SequenceRecord record;
  TestShard t;
  VirtualRouter& router = t.Add(V3AhConfig(Family::kIpv6, MacAlgorithm::kAes128Gmac, record));
  t.Apply(command::Takeover{&router});
  std::vector<uint32_t> numbers;
  for (const Sent& sent : t.RunFor(3500ms)) {
    if (const auto advert = SeeAdvert(sent.frame)) numbers.push_back(advert->sequence.value());
  }
  EXPECT_GE(numbers.size(), 3u);
  for (size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], i + 1);
}

// The extreme values of a sender with the key, and their bounds.
TEST(AhV3Test, AnAuthenticPeersExtremesAreBounded) {
  for (Family family : kFamilies) {
    SequenceRecord record;
    TestShard t;
    VirtualRouterConfig config = V3AhConfig(family, MacAlgorithm::kHmacSha256_128, record);
    config.machine.longest_learned = 3s;
    VirtualRouter& router = t.Add(std::move(config));

    AdvertFrame frame = Peer(family, MacAlgorithm::kHmacSha256_128, 1);
    frame.interval = 0;
    const std::string machine = MachineOf(router);
    EXPECT_EQ(t.Receive(frame.Build()), DropReason::kBadInterval);
    EXPECT_EQ(MachineOf(router), machine);

    frame.sequence = 2;
    frame.interval = 100;
    frame.count = 255;  // more than there are
    EXPECT_EQ(t.Receive(frame.Build()), DropReason::kBadLength);
    EXPECT_EQ(MachineOf(router), machine);

    frame.sequence = 3;
    frame.count.reset();
    if (family == Family::kIpv4) frame.addresses.assign(255, Ip("10.99.0.200"));  // over IPv6 no frame has room
    frame.interval = 4095;
    EXPECT_EQ(t.Receive(frame.Build()), DropReason::kNone);
    EXPECT_EQ(router.machine.deadline - t.now, MasterDownInterval(VrrpVersion::kV3, Priority(100), 3s))
        << "not of 40.95 s";
  }
}

}  // namespace
}  // namespace dpvrrp
