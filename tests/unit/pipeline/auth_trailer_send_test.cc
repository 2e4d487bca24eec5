// SPDX-License-Identifier: BSD-3-Clause
//
// Our own adverts with an auth_hmac trailer (keepalived.md 2.1, 2.4).
#include <gtest/gtest.h>

#include <algorithm>

#include "support/captures.h"
#include "support/test_shard.h"

namespace dpvrrp {
namespace {

using testing::SizeIs;

constexpr uint32_t kSendSecond = 0x6b00'0000;
constexpr auto kSendUtc = std::chrono::seconds(kSendSecond);

class AuthTrailerSendTest : public testing::Test {
 protected:
  AuthTrailerSendTest() { t_.SetUtc(kSendUtc); }

  VirtualRouter& AddMaster(VirtualRouterConfig config, TrailerRules rules = {}) {
    config = TrailerConfig(record_, std::move(config));
    config.trailer = rules;
    VirtualRouter& router = t_.Add(std::move(config));
    t_.Apply(command::Takeover{&router});
    return router;
  }
  // A well-formed advert with a trailer of ours, verified.
  SeenAdvert See(const Sent& sent, const Bytes& key = TrailerKey()) {
    const std::optional<SeenAdvert> advert = SeeAdvert(sent.frame);
    EXPECT_TRUE(advert.has_value() && advert->trailer.has_value()) << ToHex(sent.frame);
    if (!advert.has_value() || !advert->trailer.has_value()) return {};
    EXPECT_EQ(advert->trailer->type, 1);
    EXPECT_EQ(advert->trailer->reserved, 0);
    EXPECT_EQ(ReferenceTrailerHmac(advert->source, advert->trailer->message, key), advert->trailer->hmac);
    return *advert;
  }
  uint64_t NextNumber() {
    const std::vector<Sent> sent = t_.RunFor(1001ms);
    EXPECT_THAT(sent, SizeIs(1));
    return sent.empty() ? 0 : See(sent[0]).trailer->number;
  }

  SequenceRecord record_;
  TestShard t_;
};

TEST_F(AuthTrailerSendTest, AdvertsOfEachVersionAndFamilyHaveATrailer) {
  for (int kind = 0; kind < 3; ++kind) {
    t_.RemoveAll();
    record_ = {};
    VirtualRouter& router = AddMaster(kind == 0 ? BackupConfig() : V3Config(kind == 1 ? Family::kIpv4 : Family::kIpv6));
    std::vector<Sent> sent = t_.RunFor(2500ms);
    t_.Apply(command::Remove{&router});
    for (Sent& last : t_.Transmit()) sent.push_back(std::move(last));
    ASSERT_THAT(sent, SizeIs(4));
    uint64_t number = 0;
    for (const Sent& one : sent) {
      const SeenAdvert advert = See(one);
      EXPECT_EQ(advert.auth_type, 0);
      EXPECT_GT(advert.trailer->number, number);
      number = advert.trailer->number;
    }
    EXPECT_EQ(See(sent.back()).priority, 0) << "the goodbye too";
    t_.Events();
  }
}

TEST_F(AuthTrailerSendTest, WeAcceptOurOwnTrailers) {
  SequenceRecord peer_record;
  TestShard peer;
  peer.SetUtc(kSendUtc);
  VirtualRouterConfig config = TrailerConfig(peer_record, V3Config(Family::kIpv6));
  config.machine.source = Ip("fe80::7");
  peer.Add(std::move(config));
  AddMaster(V3Config(Family::kIpv6));
  for (const Sent& sent : t_.RunFor(3s)) {
    peer.RunUntil(sent.at);
    EXPECT_EQ(peer.Receive(sent.frame), DropReason::kNone);
  }
}

// Byte for byte what keepalived 2.4.3 sent at that moment.
TEST_F(AuthTrailerSendTest, IsByteForByteKeepalived) {
  struct Row {
    const char* heading;
    uint8_t vrid;
    VirtualRouterConfig (*config)();
    Nanoseconds interval;
    std::vector<const char*> addresses;
    const char* passphrase;
  };
  const auto v3 = [] { return V3Config(); };
  const auto v6 = [] { return V3Config(Family::kIpv6); };
  const Row rows[] = {
      {"auth_hmac v3 IPv4 multicast (2.4.3, key 1)", 61, v3, 500ms, {"10.99.0.161"}, nullptr},
      {"auth_hmac v3 IPv6 multicast (2.4.3, key 1)", 62, v6, 500ms, {"fe80::5e:62", "fd99::1:62"}, nullptr},
      {"auth_hmac v2 IPv4 multicast (2.4.3, key 7)",
       63,
       BackupConfig,
       1s,
       {"10.99.0.163"},
       "an ASCII passphrase of at least thirty-two bytes"},
  };
  for (const Row& row : rows) {
    t_.RemoveAll();
    record_ = {};
    const Bytes wanted = ReadVector(row.heading, 1);
    VirtualRouterConfig config = row.config();
    const bool v4 = config.family() == Family::kIpv4;
    config.vrid = Vrid(row.vrid);
    config.machine.priority = Priority(150);
    config.machine.source = v4 ? Ip("10.99.0.1") : Ip("fe80::aff:fe63:1");
    config.machine.advertisement_interval = row.interval;
    config.addresses.clear();
    for (const char* address : row.addresses) config.addresses.push_back(Ip(address));
    config = TrailerConfig(record_, std::move(config));
    if (row.passphrase != nullptr) {
      const absl::string_view text = row.passphrase;
      config.keys = OneKey(*MacKey::Create(MacAlgorithm::kHmacSha256_128, Bytes(text.begin(), text.end())), 7);
    }
    const uint8_t* trailer = wanted.data() + wanted.size() - 24;  // its time
    const uint32_t second = static_cast<uint32_t>(trailer[0] << 24 | trailer[1] << 16 | trailer[2] << 8 | trailer[3]);
    const int64_t fraction = trailer[4] << 8 | trailer[5];
    t_.SetUtc(std::chrono::seconds(second) + Nanoseconds((fraction * 1'000'000'000 + 500'000'000) / 65536));
    VirtualRouter& router = t_.Add(std::move(config));
    t_.Apply(command::Takeover{&router});
    const std::vector<Sent> sent = t_.Transmit();
    ASSERT_THAT(sent, SizeIs(1)) << row.heading;
    Bytes packet(sent[0].frame.begin() + 14, sent[0].frame.end());
    if (!v4) std::copy_n(wanted.begin(), 4, packet.begin());  // a Linux socket chooses a flow label
    EXPECT_EQ(ToHex(packet), ToHex(wanted)) << row.heading;
    t_.Events();
  }
}

TEST_F(AuthTrailerSendTest, UnicastCopiesShareNumberAndHmac) {
  VirtualRouterConfig config = V3Config();
  config.unicast_peers = {{.address = Ip("10.99.0.7"), .next_hop = Ip("10.99.0.7")},
                          {.address = Ip("10.99.0.8"), .next_hop = Ip("10.99.0.8")}};
  config = TrailerConfig(record_, std::move(config));
  VirtualRouter& router = t_.Add(std::move(config));
  t_.ResolvePeers(router);
  t_.Apply(command::Takeover{&router});
  const std::vector<Sent> first = t_.Transmit(1);  // although they are sent at different times
  t_.now += 100ms;
  const std::vector<Sent> second = t_.Transmit(1);
  ASSERT_THAT(first, SizeIs(1));
  ASSERT_THAT(second, SizeIs(1));
  const SeenAdvert a = See(first[0]), b = See(second[0]);
  EXPECT_EQ(a.destination, Ip("10.99.0.7"));
  EXPECT_EQ(b.destination, Ip("10.99.0.8"));
  EXPECT_EQ(a.trailer->number, b.trailer->number);
  EXPECT_EQ(a.trailer->hmac, b.trailer->hmac);
}

// The first vector of keepalived's own test (keepalived.md 2.3).
TEST_F(AuthTrailerSendTest, ThePublishedVectorIsWhatWeSend) {
  VirtualRouterConfig config = V3Config();
  config.machine.priority = Priority(200);
  config.machine.source = Ip("198.51.100.10");
  config.addresses = {Ip("192.0.2.100")};
  config.checksum = ChecksumRule::kRfc9568;
  t_.SetUtc(std::chrono::seconds(0x68000000) + 500'001us);
  AddMaster(std::move(config));
  const std::vector<Sent> sent = t_.Transmit();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(ToHex(std::span(sent[0].frame).subspan(34)),
            "3133c80100644402c0000264010100006800000080000000"
            "1b84bc4e8e43892dc6d98448f8ee2265");
}

TEST_F(AuthTrailerSendTest, ReceiveOnlySendsNone) {
  AddMaster(V3Config(), {.mode = TrailerMode::kReceiveOnly});
  for (const Sent& sent : t_.RunFor(2s)) {
    const std::optional<SeenAdvert> advert = SeeAdvert(sent.frame);
    ASSERT_TRUE(advert.has_value());
    EXPECT_FALSE(advert->trailer.has_value());
  }
  EXPECT_EQ(record_.sent, 0u);
}

TEST_F(AuthTrailerSendTest, TheFirstKeySignsAndItsIdIsNamed) {
  VirtualRouter& router = AddMaster(V3Config());
  t_.Transmit();
  const Bytes next(48, 0x33);
  VirtualRouterConfig config = router.config;
  config.keys = OneKey(*MacKey::Create(MacAlgorithm::kHmacSha256_128, next), 200);
  t_.Replace(router, std::move(config));
  const std::vector<Sent> sent = t_.RunFor(1001ms);
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(See(sent[0], next).trailer->key_id, 200);
}

// ---- Numbers ----

TEST_F(AuthTrailerSendTest, TheNumberIsTheTime) {
  AddMaster(V3Config());
  t_.Transmit();
  EXPECT_EQ(NextNumber() >> 32, kSendSecond + 1u);
}

TEST_F(AuthTrailerSendTest, ItIsRecordedAndNeverRepeatsAcrossARestart) {
  AddMaster(V3Config(), {.anti_replay = AntiReplay::kMonotonic});
  t_.Transmit();
  const uint64_t last = NextNumber();
  EXPECT_EQ(record_.sent, last);
  const Instant now = t_.now;
  t_.Kill();
  t_.shard = std::make_unique<Shard>(*t_.engine, now);
  t_.SetUtc(kSendUtc - 3600s);  // the clock was set back, too
  AddMaster(V3Config(), {.anti_replay = AntiReplay::kMonotonic});
  const std::vector<Sent> sent = t_.Transmit();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(See(sent[0]).trailer->number, last + 1);
}

// keepalived.md 2.4.
TEST_F(AuthTrailerSendTest, AClockPutBackALittleDoesNotTakeTheNumbersBack) {
  AddMaster(V3Config());
  t_.Transmit();
  const uint64_t last = NextNumber();
  t_.SetUtc(kSendUtc - 3s);
  EXPECT_EQ(NextNumber(), last + 1);
}

TEST_F(AuthTrailerSendTest, AClockPutBackByMoreThanTheWindowIsFollowed) {
  AddMaster(V3Config());
  t_.Transmit();
  NextNumber();
  t_.SetUtc(kSendUtc - 3600s + 500ms);
  EXPECT_EQ(NextNumber() >> 32, kSendSecond - 3599u);
}

}  // namespace
}  // namespace dpvrrp
