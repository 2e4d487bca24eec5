// SPDX-License-Identifier: BSD-3-Clause
#include "wire/vrrp.h"

#include <gtest/gtest.h>

#include <vector>

#include "wire/ah.h"

namespace dpvrrp {
namespace {

using Message = std::vector<uint8_t>;

void FixChecksum(Message& m) {
  m[6] = m[7] = 0;
  const uint16_t checksum = ChecksumOf(m.data(), m.size()).host();
  m[6] = static_cast<uint8_t>(checksum >> 8);
  m[7] = static_cast<uint8_t>(checksum);
}

// RFC 3768 5.1, as keepalived 2.2.7 sends it: VRID 54, priority 150, 10.99.0.140, password "pw12".
Message Captured() {
  return {0x21, 0x36, 0x96, 0x01, 0x01, 0x01, 0x9b, 0x2e, 0x0a, 0x63, 0x00, 0x8c, 0x70, 0x77, 0x31, 0x32, 0, 0, 0, 0};
}

DropReason Parse(const Message& m) {
  VrrpV2Advert advert;
  return ParseVrrpV2(m, advert);
}

TEST(VrrpV2Test, ACapturedAdvertIsRead) {
  const Message m = Captured();
  VrrpV2Advert advert;
  ASSERT_EQ(ParseVrrpV2(m, advert), DropReason::kNone);
  EXPECT_EQ(advert.header->vrid, 54);
  EXPECT_EQ(advert.header->priority, 150);
  EXPECT_EQ(advert.header->auth_type, 1);
  EXPECT_EQ(advert.header->adver_int, 1);
  ASSERT_EQ(advert.addresses.size(), 1u);
  EXPECT_EQ(advert.addresses[0].host(), 0x0a63008cu);
  EXPECT_EQ(advert.auth_data, m.data() + 12);
}

// Conformance V2-02: the count field allows at most 255 addresses.
TEST(VrrpV2Test, TwoHundredFiftyFiveAddressesAreRead) {
  Message m(VrrpV2Bytes(255), 7);
  m[0] = 0x21;
  m[3] = 255;
  FixChecksum(m);
  VrrpV2Advert advert;
  ASSERT_EQ(ParseVrrpV2(m, advert), DropReason::kNone);
  EXPECT_EQ(advert.addresses.size(), 255u);
  EXPECT_EQ(advert.auth_data, m.data() + 8 + 4 * 255);
}

TEST(VrrpV2Test, OtherVersionsAreRefused) {
  for (int version = 0; version < 16; ++version) {
    if (version == 2) continue;
    Message m = Captured();
    m[0] = static_cast<uint8_t>(version << 4 | 1);
    FixChecksum(m);
    EXPECT_EQ(Parse(m), DropReason::kBadVersion) << version;
  }
}

// Conformance V2-03
TEST(VrrpV2Test, OtherTypesAreRefused) {
  for (int type = 0; type < 16; ++type) {
    if (type == 1) continue;
    Message m = Captured();
    m[0] = static_cast<uint8_t>(0x20 | type);
    FixChecksum(m);
    EXPECT_EQ(Parse(m), DropReason::kBadType) << type;
  }
}

TEST(VrrpV2Test, AMessageShorterThanItsHeaderIsTruncated) {
  const Message whole = Captured();
  EXPECT_EQ(Parse({}), DropReason::kTruncated);
  for (size_t length = 1; length < sizeof(VrrpV2Header); ++length) {
    EXPECT_EQ(Parse(Message(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length))), DropReason::kTruncated);
  }
}

// Conformance V2-02: the authentication data is always there. V3-106: nothing is behind it.
TEST(VrrpV2Test, EveryLengthButTheCountedOneIsRefused) {
  Message m = Captured();
  m.resize(60);
  for (size_t length = sizeof(VrrpV2Header); length <= m.size(); ++length) {
    Message cut(m.begin(), m.begin() + static_cast<ptrdiff_t>(length));
    FixChecksum(cut);
    EXPECT_EQ(Parse(cut), length == 20 ? DropReason::kNone : DropReason::kBadLength) << length;
  }
}

// Conformance V3-26
TEST(VrrpV2Test, ACountOfZeroIsRefused) {
  Message m = {0x21, 0x36, 0x96, 0x00, 0x00, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  FixChecksum(m);
  EXPECT_EQ(Parse(m), DropReason::kNoAddresses);
}

// Conformance V2-08: no pseudo-header, authentication data included.
TEST(VrrpV2Test, TheChecksumCoversTheAuthenticationData) {
  Message m = Captured();
  m.back() ^= 1;
  EXPECT_EQ(Parse(m), DropReason::kBadChecksum);
  m = Captured();
  m[7] ^= 1;
  EXPECT_EQ(Parse(m), DropReason::kBadChecksum);
}

// Conformance AH-03, A-10: 32-bit words minus 2.
TEST(AhTest, PayloadLengthFollowsTheIcv) {
  EXPECT_EQ(AhPayloadLen(12, Family::kIpv4), 4);
  EXPECT_EQ(AhPayloadLen(16, Family::kIpv4), 5);
  EXPECT_EQ(AhPayloadLen(24, Family::kIpv4), 7);
  EXPECT_EQ(AhPayloadLen(32, Family::kIpv4), 9);
  EXPECT_EQ(AhPayloadLen(12, Family::kIpv6), 4);   // 24 bytes, no padding
  EXPECT_EQ(AhPayloadLen(16, Family::kIpv6), 6);   // 28 and 4
  EXPECT_EQ(AhPayloadLen(24, Family::kIpv6), 8);   // 36 and 4
  EXPECT_EQ(AhPayloadLen(32, Family::kIpv6), 10);  // 44 and 4
}

}  // namespace
}  // namespace dpvrrp
