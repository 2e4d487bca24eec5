// SPDX-License-Identifier: BSD-3-Clause
//
// Received adverts with an auth_hmac trailer (keepalived.md 2.5).
#include <gtest/gtest.h>

#include <algorithm>

#include "support/captures.h"
#include "support/test_shard.h"

namespace dpvrrp {
namespace {

constexpr uint32_t kSecond = 0x6b00'0000;  // UTC at kTestStart
constexpr auto kUtc = std::chrono::seconds(kSecond);

constexpr uint64_t At(int64_t seconds_later, uint16_t counter = 0) {
  return static_cast<uint64_t>(kSecond + seconds_later) << 32 | counter;
}

// An advert of the neighbour, one tick old.
AdvertFrame V3Trailer(uint64_t number = At(0)) {
  return AdvertFrame{.version = 3, .trailer_key = TrailerKey(), .trailer_number = number};
}

class AuthTrailerTest : public testing::Test {
 protected:
  AuthTrailerTest() { t_.SetUtc(kUtc); }

  VirtualRouter& Add(TrailerRules rules = {}, VirtualRouterConfig config = V3Config()) {
    config = TrailerConfig(record_, std::move(config));
    config.trailer = rules;
    return t_.Add(std::move(config));
  }
  DropReason Receive(const AdvertFrame& frame) { return t_.Receive(frame.Build()); }
  // The process ends, and another one continues with the record.
  VirtualRouter& Restart(TrailerRules rules = {}, VirtualRouterConfig config = V3Config()) {
    const Instant now = t_.now;
    t_.Kill();
    t_.shard = std::make_unique<Shard>(*t_.engine, now);
    t_.SetUtc(kUtc + (now - kTestStart));
    return Add(rules, std::move(config));
  }

  SequenceRecord record_, other_record_;
  TestShard t_;
};

// ---- keepalived 2.4.3's own ----

struct Captured {
  const char* file;
  uint8_t vrid;
  Family family;
  uint8_t version;
  std::vector<const char*> addresses;
  Nanoseconds interval;
  Nanoseconds utc;  // of the first frame of the file
  size_t adverts;
};
void PrintTo(const Captured& c, std::ostream* out) { *out << c.file; }

std::vector<Captured> AllCaptured() {
  return {
      {"hmac-v3-ipv4.pcap", 61, Family::kIpv4, 3, {"10.99.0.161"}, 500ms, 1795344349s, 10},
      {"hmac-v3-ipv6.pcap", 62, Family::kIpv6, 3, {"fe80::5e:62", "fd99::1:62"}, 500ms, 1795344358s, 10},
      {"hmac-v2-ipv4.pcap", 63, Family::kIpv4, 2, {"10.99.0.163"}, 1s, 1795344368s, 4},
  };
}

VirtualRouterConfig CaptureConfig(const Captured& c) {
  VirtualRouterConfig config = c.version == 2 ? BackupConfig() : V3Config(c.family);
  config.vrid = Vrid(c.vrid);
  config.addresses.clear();
  for (const char* address : c.addresses) config.addresses.push_back(Ip(address));
  config.machine.advertisement_interval = c.interval;
  return config;
}

class CapturedTrailerTest : public AuthTrailerTest, public testing::WithParamInterface<Captured> {
 protected:
  VirtualRouter& AddFor(const Captured& c, SequenceRecord& record, TrailerRules rules = {}) {
    VirtualRouterConfig config = TrailerConfig(record, CaptureConfig(c));
    if (c.version == 2) {
      const absl::string_view passphrase = "an ASCII passphrase of at least thirty-two bytes";
      config.keys =
          OneKey(*MacKey::Create(MacAlgorithm::kHmacSha256_128, Bytes(passphrase.begin(), passphrase.end())), 7);
    }
    config.trailer = rules;
    return t_.Add(std::move(config));
  }
  // Receives every advert of the capture at its time. Returns the reasons.
  std::map<DropReason, size_t> Play() {
    const Instant start = t_.now;
    std::map<DropReason, size_t> ends;
    for (const CapturedFrame& frame : ReadCapture(GetParam().file)) {
      t_.RunUntil(start + frame.at);
      ++ends[t_.Receive(frame.bytes)];
    }
    ends.erase(DropReason::kNotVrrp);
    ends.erase(DropReason::kExtensionHeader);  // MLD
    return ends;
  }
};

TEST_P(CapturedTrailerTest, IsAcceptedOnce) {
  const Captured& c = GetParam();
  VirtualRouter& router = AddFor(c, record_, {.time_window = 30});
  t_.SetUtc(c.utc);
  EXPECT_EQ(Play(), (std::map<DropReason, size_t>{{DropReason::kNone, c.adverts}}));
  EXPECT_EQ(RemarksOf(router, Remark::kClockDiffers), 0u);
  EXPECT_EQ(router.counters.priority_zero_received.value(), 1u);
  EXPECT_EQ(Play(), (std::map<DropReason, size_t>{{DropReason::kExtReplay, c.adverts}}));
}

// keepalived forgets the last numbers at a reload or restart. We do not.
TEST_P(CapturedTrailerTest, IsRefusedByTheNextProcess) {
  const Captured& c = GetParam();
  AddFor(c, record_, {.time_window = 60});
  t_.SetUtc(c.utc);
  Play();
  const Nanoseconds passed = t_.now - kTestStart;
  t_.Kill();
  t_.shard = std::make_unique<Shard>(*t_.engine, t_.now);
  t_.SetUtc(c.utc + passed);
  AddFor(c, record_, {.time_window = 60});
  EXPECT_EQ(Play(), (std::map<DropReason, size_t>{{DropReason::kExtReplay, c.adverts}}));
}

TEST_P(CapturedTrailerTest, IsStaleForAProcessThatHasNotHeardIt) {
  const Captured& c = GetParam();
  AddFor(c, record_);
  t_.SetUtc(c.utc + 60s);
  EXPECT_EQ(Play(), (std::map<DropReason, size_t>{{DropReason::kExtStale, c.adverts}}));
}

INSTANTIATE_TEST_SUITE_P(All, CapturedTrailerTest, testing::ValuesIn(AllCaptured()));

// The vectors of keepalived's own test (keepalived.md 2.3); the second with a checksum for the destination it names.
TEST_F(AuthTrailerTest, ThePublishedVectorsAreAccepted) {
  t_.SetUtc(std::chrono::seconds(0x68000000));
  VirtualRouterConfig config = V3Config();
  config.addresses = {Ip("192.0.2.100")};
  Add({}, std::move(config));
  AdvertFrame v4{.source = Ip("198.51.100.10"),
                 .version = 3,
                 .priority = 200,
                 .checksum_rule = ChecksumRule::kRfc9568,
                 .addresses = {Ip("192.0.2.100")},
                 .trailer_key = TrailerKey(),
                 .trailer_number = 0x68000000'80000000};
  EXPECT_EQ(ToHex(std::span<const uint8_t>(v4.Build()).subspan(34)),
            "3133c80100644402c0000264010100006800000080000000"
            "1b84bc4e8e43892dc6d98448f8ee2265");
  EXPECT_EQ(Receive(v4), DropReason::kNone);

  t_.RemoveAll();
  record_ = {};
  config = V3Config(Family::kIpv6);
  config.machine.source = Ip("fe80::20");
  config.addresses = {Ip("fe80::100")};
  config.unicast_peers = {{.address = Ip("fe80::10"), .next_hop = Ip("fe80::10")}};
  Add({}, std::move(config));
  AdvertFrame v6 = v4;
  v6.source = Ip("fe80::10");
  v6.destination = Ip("fe80::20");
  v6.checksum_rule = ChecksumRule::kRfc5798;
  v6.addresses = {Ip("fe80::100")};
  EXPECT_EQ(ToHex(std::span<const uint8_t>(v6.Build()).last(16)), "c8c56146ebfd66ee10ec4d8186461b78");
  EXPECT_EQ(Receive(v6), DropReason::kNone);
}

// ---- Modes ----

// The next VRID was in use before, and its adverts were recorded.
TEST_F(AuthTrailerTest, OldAdvertsOfTheNextVridAreRefused) {
  TrailerRules rules;
  rules.anti_replay = AntiReplay::kMonotonic;
  VirtualRouter& router = Add(rules);
  other_record_.senders[0] = {.address = {10, 99, 0, 1}, .highest = At(100), .family = 4};
  t_.Apply(command::SpeakNextVrid{.router = &router, .vrid = Vrid(61), .record = &other_record_});
  const auto hear = [&](uint8_t vrid, int seconds) {
    AdvertFrame frame = V3Trailer(At(seconds));
    frame.vrid = vrid;
    return Receive(frame);
  };
  EXPECT_EQ(hear(51, 1), DropReason::kNone);
  EXPECT_EQ(hear(61, 100), DropReason::kExtReplay);
  EXPECT_EQ(hear(51, 2), DropReason::kNone);
  t_.Apply(command::AdoptNextVrid{&router});
  EXPECT_EQ(hear(61, 100), DropReason::kExtReplay);
  EXPECT_EQ(hear(61, 101), DropReason::kNone);
}

TEST_F(AuthTrailerTest, EnforceRequiresATrailer) {
  Add();
  EXPECT_EQ(Receive(AdvertFrame{.version = 3}), DropReason::kExtMissing);
  EXPECT_EQ(Receive(V3Trailer()), DropReason::kNone);
}

TEST_F(AuthTrailerTest, OtherModesAcceptAMissingTrailerButNoWrongOne) {
  for (const TrailerMode mode : {TrailerMode::kPermissive, TrailerMode::kReceiveOnly}) {
    t_.RemoveAll();
    record_ = {};
    Add({.mode = mode});
    EXPECT_EQ(Receive(AdvertFrame{.version = 3}), DropReason::kNone);
    EXPECT_EQ(Receive(V3Trailer(At(0, 1))), DropReason::kNone);
    EXPECT_EQ(Receive(V3Trailer(At(0, 1))), DropReason::kExtReplay);
    AdvertFrame forged = V3Trailer(At(0, 2));
    forged.forged = true;
    EXPECT_EQ(Receive(forged), DropReason::kExtInvalidHmac);
    EXPECT_EQ(Receive(AdvertFrame{.version = 3}), DropReason::kNone);
  }
}

// The authentication types of VRRPv2 do not replace a trailer.
TEST_F(AuthTrailerTest, AVrrpV2AdvertOfAnotherKindIsRefused) {
  Add({.mode = TrailerMode::kPermissive}, BackupConfig());
  EXPECT_EQ(Receive(AdvertFrame{}), DropReason::kNone);
  EXPECT_EQ(Receive(AdvertFrame{.auth_type = 1}), DropReason::kAuthTypeMismatch);
  EXPECT_EQ(Receive(AdvertFrame{.key = KeepalivedKey("s3cr3t")}), DropReason::kAuthTypeMismatch);
  AdvertFrame typed{.auth_type = 1, .trailer_key = TrailerKey(), .trailer_number = At(0)};
  EXPECT_EQ(Receive(typed), DropReason::kAuthTypeMismatch);
}

TEST_F(AuthTrailerTest, AnInstanceWithoutTrailersRefusesTheLength) {
  t_.Add(V3Config());
  EXPECT_EQ(Receive(V3Trailer()), DropReason::kBadLength);
}

// ---- Malformed, wrong key, forged ----

TEST_F(AuthTrailerTest, InvalidFieldsAreMalformed) {
  Add();
  AdvertFrame frame = V3Trailer();
  frame.trailer_type = 2;
  EXPECT_EQ(Receive(frame), DropReason::kExtMalformed);
  frame = V3Trailer();
  frame.trailer_reserved = 0x0100;
  EXPECT_EQ(Receive(frame), DropReason::kExtMalformed);
}

TEST_F(AuthTrailerTest, OnlyTheNamedKeyIsTried) {
  VirtualRouterConfig config = TrailerConfig(record_);
  auto keys = std::make_unique<KeySet>();
  const Bytes second(64, 0x55);
  keys->keys.push_back({3, *MacKey::Create(MacAlgorithm::kHmacSha256_128, second)});
  keys->keys.push_back({1, *MacKey::Create(MacAlgorithm::kHmacSha256_128, TrailerKey())});
  config.keys = std::move(keys);
  t_.Add(std::move(config));
  AdvertFrame frame = V3Trailer(At(0, 1));
  EXPECT_EQ(Receive(frame), DropReason::kNone);
  frame.trailer_number = At(0, 2);
  frame.key_id = 2;
  EXPECT_EQ(Receive(frame), DropReason::kExtUnknownKey);
  frame.key_id = 3;
  EXPECT_EQ(Receive(frame), DropReason::kExtInvalidHmac) << "although another key of the set would verify it";
  frame.trailer_key = second;
  EXPECT_EQ(Receive(frame), DropReason::kNone);
}

// Flips one bit in every covered byte. Fields that are checked before the HMAC are corrected, so that the HMAC decides.
TEST_F(AuthTrailerTest, EveryCoveredBitCounts) {
  VirtualRouter& router = Add();
  const std::string before = StateOf(router);
  const Bytes good = V3Trailer().Build();
  const size_t message = 14 + 20;
  for (size_t at = message + 2; at < good.size(); ++at) {
    const bool in_checksum = at == message + 6 || at == message + 7;
    const bool is_count = at == message + 3;
    if (in_checksum || is_count) continue;
    Bytes frame = good;
    frame[at] ^= 0x01;
    if (at < message + 12) {
      frame[message + 6] = frame[message + 7] = 0;
      const uint16_t sum = ReferenceChecksum(Ip("10.99.0.1"), Ip("224.0.0.18"), 112,
                                             std::span<const uint8_t>(frame).subspan(message, 12));
      frame[message + 6] = static_cast<uint8_t>(sum >> 8);
      frame[message + 7] = static_cast<uint8_t>(sum);
    }
    const size_t in_trailer = at < message + 12 ? 99 : at - message - 12;
    const DropReason expected = in_trailer == 0 || in_trailer == 2 || in_trailer == 3 ? DropReason::kExtMalformed
                                : in_trailer == 1                                     ? DropReason::kExtUnknownKey
                                : in_trailer >= 4 && in_trailer <= 6                  ? DropReason::kExtStale
                                                                                      : DropReason::kExtInvalidHmac;
    EXPECT_EQ(t_.Receive(frame), expected) << "byte " << at;
    EXPECT_EQ(StateOf(router), before) << "byte " << at;
  }
  EXPECT_EQ(t_.Receive(good), DropReason::kNone);
}

TEST_F(AuthTrailerTest, ATrailerIsBoundToItsSourceAndVrid) {
  VirtualRouter& router = Add();
  VirtualRouterConfig other = V3Config();
  other.vrid = Vrid(52);
  t_.Add(TrailerConfig(other_record_, std::move(other)));
  Bytes frame = V3Trailer().Build();
  const std::string before = StateOf(router);
  AdvertFrame moved = V3Trailer();
  moved.source = Ip("10.99.0.9");
  Bytes copied = moved.Build();  // with the HMAC of another source
  std::copy(frame.end() - 16, frame.end(), copied.end() - 16);
  EXPECT_EQ(t_.Receive(copied), DropReason::kExtInvalidHmac);
  moved = V3Trailer();
  moved.vrid = 52;
  copied = moved.Build();
  std::copy(frame.end() - 16, frame.end(), copied.end() - 16);
  EXPECT_EQ(t_.Receive(copied), DropReason::kExtInvalidHmac);
  EXPECT_EQ(StateOf(router), before);
}

// ---- Numbers ----

TEST_F(AuthTrailerTest, NumbersMustGrowForEachSenderByItself) {
  Add();
  EXPECT_EQ(Receive(V3Trailer(At(1, 5))), DropReason::kNone);
  EXPECT_EQ(Receive(V3Trailer(At(1, 5))), DropReason::kExtReplay);
  EXPECT_EQ(Receive(V3Trailer(At(1, 4))), DropReason::kExtReplay) << "there is no window";
  EXPECT_EQ(Receive(V3Trailer(At(1, 6))), DropReason::kNone);
  AdvertFrame other = V3Trailer(At(0));
  other.source = Ip("10.99.0.3");
  EXPECT_EQ(Receive(other), DropReason::kNone);
}

TEST_F(AuthTrailerTest, TheSameNumberTwiceInABurstIsAcceptedOnce) {
  VirtualRouter& router = Add();
  t_.ReceiveBurst({V3Trailer(At(0)).Build(), V3Trailer(At(0)).Build()});
  EXPECT_EQ(router.counters.adverts_received.value(), 1u);
  EXPECT_EQ(Drops(router, DropReason::kExtReplay), 1u);
}

TEST_F(AuthTrailerTest, AForgedOneMovesNoMark) {
  VirtualRouter& router = Add({.anti_replay = AntiReplay::kMonotonic});
  EXPECT_EQ(Receive(V3Trailer(At(0))), DropReason::kNone);
  const std::string before = StateOf(router);
  AdvertFrame forged = V3Trailer(At(1'000'000));
  forged.forged = true;
  forged.priority = 0;
  EXPECT_EQ(Receive(forged), DropReason::kExtInvalidHmac);
  EXPECT_EQ(StateOf(router), before);
}

TEST_F(AuthTrailerTest, TimeModeChecksTheTimeMonotonicModeDoesNot) {
  Add();
  EXPECT_EQ(Receive(V3Trailer(At(-6))), DropReason::kExtStale);
  EXPECT_EQ(Receive(V3Trailer(At(6))), DropReason::kExtStale);
  EXPECT_EQ(Receive(V3Trailer(At(-5))), DropReason::kNone);
  EXPECT_EQ(Receive(V3Trailer(At(5))), DropReason::kNone);
  t_.RemoveAll();
  record_ = {};
  Add({.anti_replay = AntiReplay::kMonotonic});
  EXPECT_EQ(Receive(V3Trailer(At(-1'000'000))), DropReason::kNone);
  EXPECT_EQ(Receive(V3Trailer(At(1'000'000))), DropReason::kNone);
  EXPECT_EQ(Receive(V3Trailer(At(0))), DropReason::kExtReplay);
}

TEST_F(AuthTrailerTest, WithoutAClockEveryAdvertIsStale) {
  TestShard t;
  t.Add(TrailerConfig(record_));
  EXPECT_EQ(t.Receive(V3Trailer().Build()), DropReason::kExtStale);
}

TEST_F(AuthTrailerTest, AClockThatIsHalfAWindowOffIsRemarked) {
  VirtualRouter& router = Add({.time_window = 10});
  EXPECT_EQ(Receive(V3Trailer(At(5))), DropReason::kNone);
  EXPECT_EQ(RemarksOf(router, Remark::kClockDiffers), 0u);
  EXPECT_EQ(Receive(V3Trailer(At(6))), DropReason::kNone);
  EXPECT_EQ(RemarksOf(router, Remark::kClockDiffers), 1u);
}

// keepalived.md 2.5: a last number outside the window is forgotten. Otherwise a peer whose clock was wrong stays
// refused.
TEST_F(AuthTrailerTest, AfterTheClockIsPutBackPeersAreHeardAgain) {
  Add();
  EXPECT_EQ(Receive(V3Trailer(At(0))), DropReason::kNone);
  t_.SetUtc(kUtc - 3600s);
  EXPECT_EQ(Receive(V3Trailer(At(0, 1))), DropReason::kExtStale);
  EXPECT_EQ(Receive(V3Trailer(At(-3600))), DropReason::kNone);
  EXPECT_EQ(Receive(V3Trailer(At(-3600))), DropReason::kExtReplay);
}

TEST_F(AuthTrailerTest, MarksOutliveTheProcess) {
  Add();
  EXPECT_EQ(Receive(V3Trailer(At(1))), DropReason::kNone);
  Restart();
  EXPECT_EQ(Receive(V3Trailer(At(1))), DropReason::kExtReplay);
  EXPECT_EQ(Receive(V3Trailer(At(1, 1))), DropReason::kNone);
}

// ---- IPv6, unicast ----

TEST_F(AuthTrailerTest, OverIpv6TheChecksumCoversIt) {
  VirtualRouter& router = Add({}, V3Config(Family::kIpv6));
  AdvertFrame frame{.source = Ip("fe80::1"),
                    .version = 3,
                    .addresses = {Ip("fe80::100"), Ip("2001:db8::100")},
                    .trailer_key = TrailerKey(),
                    .trailer_number = At(0)};
  Bytes bytes = frame.Build();
  bytes.back() ^= 1;
  EXPECT_EQ(t_.Receive(bytes), DropReason::kBadChecksum);
  frame.forged = true;
  EXPECT_EQ(Receive(frame), DropReason::kExtInvalidHmac);
  frame.forged = false;
  EXPECT_EQ(Receive(frame), DropReason::kNone);
  EXPECT_EQ(router.machine.master_address, Ip("fe80::1"));
}

TEST_F(AuthTrailerTest, AUnicastPeerMustBeKnown) {
  VirtualRouterConfig config = V3Config();
  config.unicast_peers = {{.address = Ip("10.99.0.1"), .next_hop = Ip("10.99.0.1")}};
  Add({}, std::move(config));
  AdvertFrame frame = V3Trailer();
  frame.destination = Ip("10.99.0.2");
  frame.source = Ip("10.99.0.9");
  EXPECT_EQ(Receive(frame), DropReason::kUnknownPeer);
  frame.source = Ip("10.99.0.1");
  EXPECT_EQ(Receive(frame), DropReason::kNone);
}

}  // namespace
}  // namespace dpvrrp
