// SPDX-License-Identifier: BSD-3-Clause
//
// Our own adverts, field by field, checked by an independent verifier (conformance V2-01, V2-02, AH-19).
#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

using testing::ElementsAre;

Bytes OneAdvert(TestShard& t, VirtualRouter& router) {
  t.Apply(command::Takeover{&router});
  const std::vector<Sent> sent = t.Transmit();
  EXPECT_EQ(sent.size(), 1u);
  return sent.at(0).frame;
}

TEST(OwnAdvertTest, EveryFieldIsAsTheRfcSays) {
  SequenceRecord record;
  TestShard t;
  VirtualRouterConfig config = AhConfig(record);
  config.source_mac = VirtualMac(Family::kIpv4, Vrid(51));
  config.machine.advertisement_interval = 7s;
  config.addresses = {Ip("10.99.0.101"), Ip("10.99.0.100")};
  const std::optional<SeenAdvert> advert = SeeAdvert(OneAdvert(t, t.Add(std::move(config))));
  ASSERT_TRUE(advert.has_value());
  EXPECT_EQ(advert->destination_mac, Mac("01:00:5e:00:00:12"));
  EXPECT_EQ(advert->source_mac, Mac("00:00:5e:00:01:33"));
  EXPECT_EQ(advert->source, Ip("10.99.0.2"));
  EXPECT_EQ(advert->destination, Ip("224.0.0.18"));
  EXPECT_EQ(advert->ttl, 255);
  EXPECT_EQ(advert->tos, 0xc0);
  EXPECT_EQ(advert->spi, Ip("10.99.0.2").v4());
  EXPECT_EQ(advert->sequence, 1u);
  EXPECT_EQ(advert->auth_type, 2);
  EXPECT_EQ(advert->interval, 7);
  EXPECT_THAT(advert->addresses, ElementsAre(Ip("10.99.0.101"), Ip("10.99.0.100")));  // the configured order (V3-36)
  EXPECT_EQ(advert->auth_data, Bytes(8, 0));
}

TEST(OwnAdvertTest, TheIcvSatisfiesAnIndependentVerifierUnderBothRules) {
  for (IcvRule rule : {IcvRule::kKeepalived, IcvRule::kRfc4302}) {
    for (const MacAlgorithmInfo& info : AllMacAlgorithms()) {
      for (size_t addresses : {1u, 2u, 20u, 255u}) {
        SequenceRecord record;
        TestShard t;
        const Bytes key(info.key_bytes, 0x3c);
        VirtualRouterConfig config = AhConfig(record);
        config.keys = OneKey(*MacKey::Create(info.algorithm, key));
        config.icv_rule = rule;
        config.addresses.clear();
        for (uint32_t i = 0; i < addresses; ++i) config.addresses.push_back(IpAddress::V4(0x0a630100 + i));
        const Bytes frame = OneAdvert(t, t.Add(std::move(config)));
        const std::optional<SeenAdvert> advert = SeeAdvert(frame);
        ASSERT_TRUE(advert.has_value());
        EXPECT_EQ(advert->addresses.size(), addresses);
        EXPECT_EQ(advert->icv, ReferenceIcv(std::span(frame).subspan(14), key, info.algorithm, rule)) << info.name;
      }
    }
  }
}

// Two routers of ours: each accepts the adverts of the other.
TEST(OwnAdvertTest, AnotherRouterOfOursAcceptsIt) {
  for (IcvRule rule : {IcvRule::kKeepalived, IcvRule::kRfc4302}) {
    SequenceRecord record, peer_record;
    TestShard t, peer;
    VirtualRouterConfig config = AhConfig(record);
    config.icv_rule = rule;
    VirtualRouterConfig peer_config = AhConfig(peer_record);
    peer_config.icv_rule = rule;
    peer_config.machine.source = Ip("10.99.0.3");
    peer.Add(std::move(peer_config));
    EXPECT_EQ(peer.Receive(OneAdvert(t, t.Add(std::move(config)))), DropReason::kNone);
  }
}

// Conformance A-02, V2-06
TEST(OwnAdvertTest, APasswordIsSentZeroFilledAndNothingWithoutOne) {
  TestShard t;
  VirtualRouterConfig config = BackupConfig();
  config.auth = AuthKind::kSimple;
  config.password = {'p', 'w', '1', '2'};
  std::optional<SeenAdvert> advert = SeeAdvert(OneAdvert(t, t.Add(std::move(config))));
  ASSERT_TRUE(advert.has_value());
  EXPECT_EQ(advert->auth_type, 1);
  EXPECT_EQ(advert->auth_data, (Bytes{'p', 'w', '1', '2', 0, 0, 0, 0}));
  EXPECT_FALSE(advert->sequence.has_value());

  config = BackupConfig();
  config.vrid = Vrid(52);
  advert = SeeAdvert(OneAdvert(t, t.Add(std::move(config))));
  ASSERT_TRUE(advert.has_value());
  EXPECT_EQ(advert->auth_type, 0);
  EXPECT_EQ(advert->auth_data, Bytes(8, 0));
}

// keepalived.md 1.1: a kernel would overwrite an id of 0, and the ICV covers it.
TEST(OwnAdvertTest, TheIpIdCountsUpAndSkipsZero) {
  TestShard t;
  VirtualRouter& router = t.Add(BackupConfig());
  EXPECT_EQ(SeeAdvert(OneAdvert(t, router))->ip_id, 1);
  router.ip_id = 65534;
  const std::vector<Sent> sent = t.RunFor(3100ms);
  ASSERT_EQ(sent.size(), 3u);
  EXPECT_EQ(SeeAdvert(sent[0].frame)->ip_id, 65535);
  EXPECT_EQ(SeeAdvert(sent[1].frame)->ip_id, 1);
  EXPECT_EQ(SeeAdvert(sent[2].frame)->ip_id, 2);
}

}  // namespace
}  // namespace dpvrrp
