// SPDX-License-Identifier: BSD-3-Clause
//
// Real adverts of keepalived 2.2.7 (packet captures), and their ICVs.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "absl/strings/string_view.h"
#include "crypto/icv_engine.h"
#include "unit/crypto/mac_testing.h"
#include "unit/wire/hex.h"

namespace dpvrrp {
namespace {

enum class Ttl { kKept, kZeroed };

struct Capture {
  const char* what;
  absl::string_view auth_pass;  // the key is its first eight characters
  Ttl ttl;                      // conformance AH-20: kept for multicast, zeroed for unicast
  absl::string_view packet;     // IPv4, AH, VRRP; hex
};

constexpr Capture kCaptures[] = {
    {"multicast, 1 address, sequence 1", "s3cr3t", Ttl::kKept,
     "45c0004000010000ff33d0530a630001e0000012700400000a63000100000001ebab815dd1ea68cb4294cf1e"
     "2133960102013c030a6300640000000000000000"},
    {"multicast, 1 address, sequence 2", "s3cr3t", Ttl::kKept,
     "45c0004000020000ff33d0520a630001e0000012700400000a63000100000002a8a653513b883d562ac0e23e"
     "2133960102013c030a6300640000000000000000"},
    {"multicast, priority 0 at shutdown", "s3cr3t", Ttl::kKept,
     "45c0004000080000ff33d04c0a630001e0000012700400000a63000100000008b68ad912a2ffc53a2ee293dc"
     "213300010201d2030a6300640000000000000000"},
    {"multicast, 20 addresses", "longerthan8chars", Ttl::kKept,
     "45c0008c00010000ff33d0070a630001e0000012700400000a63000100000001fd09821a459b0b80e1599440"
     "2134c81402013c570a6300650a6300660a6300670a6300680a6300690a63006a0a63006b0a63006c0a63006d0a63006e0a63006f0a630070"
     "0a6300710a6300720a6300730a6300740a6300750a6300760a6300770a6300780000000000000000"},
    {"unicast, to 10.99.0.2", "s3cr3t", Ttl::kZeroed,
     "45c0004000010000ff33a6010a6300010a630002700400000a6300010000000106922c8b819470e3f005332e"
     "2135960102013be30a6300820000000000000000"},
    {"unicast, the same advert to 10.99.0.3", "s3cr3t", Ttl::kZeroed,
     "45c0004000010000ff33a6000a6300010a630003700400000a6300010000000143c3b3f0b2a153fc6acb45d2"
     "2135960102013be30a6300820000000000000000"},
};

constexpr size_t kIpv4Bytes = 20;
constexpr size_t kIcvOffset = kIpv4Bytes + 12;
constexpr size_t kIcvBytes = 12;

std::unique_ptr<const MacKey> KeyOf(absl::string_view auth_pass) {
  const absl::string_view used = auth_pass.substr(0, 8);
  return MakeKey(MacAlgorithm::kHmacMd5_96, Bytes(used.begin(), used.end()));
}

// The bytes the ICV is over: mutable fields of the IPv4 header zero (RFC 4302 3.3.3.1.1), the ICV field too.
Bytes IcvInput(Bytes packet, Ttl ttl) {
  packet[1] = 0;              // DSCP, ECN
  packet[6] = packet[7] = 0;  // flags, fragment offset
  if (ttl == Ttl::kZeroed) packet[8] = 0;
  packet[10] = packet[11] = 0;  // header checksum
  std::fill_n(packet.begin() + kIcvOffset, kIcvBytes, uint8_t{0});
  return packet;
}

IcvJob JobOf(const MacKey& key, const Bytes& input, const Bytes& packet) {
  IcvJob job = MakeJob(key, input);
  std::copy_n(packet.begin() + kIcvOffset, kIcvBytes, job.icv);
  return job;
}

// Conformance A-03, AH-19, AH-20, AH-23
TEST(KeepalivedIcvTest, CapturedAdvertsVerify) {
  const std::unique_ptr<IcvEngine> engine = MakeOpensslEngine();
  for (const Capture& capture : kCaptures) {
    const Bytes packet = FromHex(capture.packet);
    ASSERT_EQ(packet.size(), static_cast<size_t>(packet[2] << 8 | packet[3])) << capture.what;
    const auto key = KeyOf(capture.auth_pass);
    const Bytes input = IcvInput(packet, capture.ttl);
    IcvJob job = JobOf(*key, input, packet);
    engine->Verify({&job, 1});
    EXPECT_TRUE(job.match) << capture.what;
  }
}

// Conformance AH-20: the two rules for the TTL are not interchangeable.
TEST(KeepalivedIcvTest, TheOtherTtlRuleDoesNotVerify) {
  const std::unique_ptr<IcvEngine> engine = MakeOpensslEngine();
  for (const Capture& capture : kCaptures) {
    const Bytes packet = FromHex(capture.packet);
    const auto key = KeyOf(capture.auth_pass);
    const Bytes input = IcvInput(packet, capture.ttl == Ttl::kKept ? Ttl::kZeroed : Ttl::kKept);
    IcvJob job = JobOf(*key, input, packet);
    engine->Verify({&job, 1});
    EXPECT_FALSE(job.match) << capture.what;
  }
}

TEST(KeepalivedIcvTest, AnotherKeyDoesNotVerify) {
  const std::unique_ptr<IcvEngine> engine = MakeOpensslEngine();
  const auto key = KeyOf("s3cr3T");
  for (const Capture& capture : kCaptures) {
    const Bytes packet = FromHex(capture.packet);
    const Bytes input = IcvInput(packet, capture.ttl);
    IcvJob job = JobOf(*key, input, packet);
    engine->Verify({&job, 1});
    EXPECT_FALSE(job.match) << capture.what;
  }
}

}  // namespace
}  // namespace dpvrrp
