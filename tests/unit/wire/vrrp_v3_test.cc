// SPDX-License-Identifier: BSD-3-Clause
#include "wire/vrrp_v3.h"

#include <gtest/gtest.h>

#include "unit/wire/hex.h"

namespace dpvrrp {
namespace {

using Message = std::vector<uint8_t>;

const IpAddress kFrom4 = *ParseIpAddress("10.99.0.1");
const IpAddress kFrom6 = *ParseIpAddress("fe80::aff:fe63:1");

// keepalived 2.2.7's: VRID 56, priority 150, 50 centiseconds, 10.99.0.160 and .161.
Message Captured4() { return FromHex("3138960200323795 0a6300a0 0a6300a1"); }
// VRID 57; fe80::5e:57 and fd99::1:57.
Message Captured6() {
  return FromHex("31399602003233d8 fe8000000000000000000000005e0057 fd990000000000000000000000010057");
}

DropReason Parse4(const Message& m) {
  VrrpV3Advert advert;
  return ParseVrrpV3(m, kFrom4, kVrrpGroupV4, advert);
}
DropReason Parse6(const Message& m) {
  VrrpV3Advert advert;
  return ParseVrrpV3(m, kFrom6, kVrrpGroupV6, advert);
}

// RFC 9568's rule: anything may change if the sum is made right again.
void FixChecksumAlone(Message& m) {
  m[6] = m[7] = 0;
  const uint16_t checksum = ChecksumOf(m.data(), m.size()).host();
  m[6] = static_cast<uint8_t>(checksum >> 8);
  m[7] = static_cast<uint8_t>(checksum);
}

TEST(VrrpV3Test, ACapturedIpv4AdvertIsRead) {
  const Message m = Captured4();
  VrrpV3Advert advert;
  ASSERT_EQ(ParseVrrpV3(m, kFrom4, kVrrpGroupV4, advert), DropReason::kNone);
  EXPECT_EQ(advert.header->vrid, 56);
  EXPECT_EQ(advert.header->priority, 150);
  EXPECT_EQ(advert.header->count, 2);
  EXPECT_EQ(advert.header->interval(), Centiseconds(50));
  EXPECT_EQ(advert.checksum, ChecksumRule::kRfc5798);
  EXPECT_EQ(ToString(AdvertisedAddress(advert.addresses, Family::kIpv4, 1)), "10.99.0.161");
}

TEST(VrrpV3Test, ACapturedIpv6AdvertIsRead) {
  const Message m = Captured6();
  VrrpV3Advert advert;
  ASSERT_EQ(ParseVrrpV3(m, kFrom6, kVrrpGroupV6, advert), DropReason::kNone);
  EXPECT_EQ(advert.header->vrid, 57);
  EXPECT_EQ(ToString(AdvertisedAddress(advert.addresses, Family::kIpv6, 0)), "fe80::5e:57");
  EXPECT_EQ(ToString(AdvertisedAddress(advert.addresses, Family::kIpv6, 1)), "fd99::1:57");
}

// Conformance V3-30, V3-32: over IPv4 either rule, and the result names it; V3-31: over IPv6 one rule.
TEST(VrrpV3Test, BothChecksumRulesHoldOverIpv4Only) {
  Message m = Captured4();
  FixChecksumAlone(m);
  VrrpV3Advert advert;
  ASSERT_EQ(ParseVrrpV3(m, kFrom4, kVrrpGroupV4, advert), DropReason::kNone);
  EXPECT_EQ(advert.checksum, ChecksumRule::kRfc9568);
  EXPECT_EQ(ParseVrrpV3(Captured4(), kVrrpGroupV4, kFrom4, advert), DropReason::kNone) << "a sum has no order";
  EXPECT_EQ(ParseVrrpV3(Captured4(), *ParseIpAddress("10.99.0.3"), kVrrpGroupV4, advert), DropReason::kBadChecksum);
  Message m6 = Captured6();
  FixChecksumAlone(m6);
  EXPECT_EQ(Parse6(m6), DropReason::kBadChecksum);
}

TEST(VrrpV3Test, EveryBitCounts) {
  for (size_t bit = 0; bit < 8 * Captured4().size(); ++bit) {
    Message m = Captured4();
    m[bit / 8] ^= static_cast<uint8_t>(0x80 >> bit % 8);
    EXPECT_NE(Parse4(m), DropReason::kNone) << bit;
  }
  for (size_t bit = 0; bit < 8 * Captured6().size(); ++bit) {
    Message m = Captured6();
    m[bit / 8] ^= static_cast<uint8_t>(0x80 >> bit % 8);
    EXPECT_NE(Parse6(m), DropReason::kNone) << bit;
  }
}

TEST(VrrpV3Test, OtherVersionsAndTypesAreRefused) {
  for (int first = 0; first < 256; ++first) {
    if (first == 0x31) continue;
    Message m = Captured4();
    m[0] = static_cast<uint8_t>(first);
    FixChecksumAlone(m);
    EXPECT_EQ(Parse4(m), first >> 4 == 3 ? DropReason::kBadType : DropReason::kBadVersion) << first;
  }
}

// Conformance V3-26, V3-106: every length but the counted one.
TEST(VrrpV3Test, EveryLengthButTheCountedOneIsRefused) {
  EXPECT_EQ(Parse4({}), DropReason::kTruncated);
  Message m = Captured6();
  m.resize(80);
  for (size_t length = 1; length <= m.size(); ++length) {
    Message cut(m.begin(), m.begin() + static_cast<ptrdiff_t>(length));
    const DropReason wanted = length < 8     ? DropReason::kTruncated
                              : length == 40 ? DropReason::kNone
                                             : DropReason::kBadLength;
    EXPECT_EQ(Parse6(cut), wanted) << length;
  }
  for (int count = 0; count < 256; ++count) {
    Message counted = Captured4();
    counted[3] = static_cast<uint8_t>(count);
    FixChecksumAlone(counted);
    EXPECT_EQ(Parse4(counted), count == 2 ? DropReason::kNone : DropReason::kBadLength) << count;
  }
  Message none = FromHex("3138960000320000");
  FixChecksumAlone(none);
  EXPECT_EQ(Parse4(none), DropReason::kNoAddresses);
}

// Conformance V3-28, V3-29: twelve bits, whatever the other four are; 0 is none.
TEST(VrrpV3Test, EveryIntervalButZeroIsRead) {
  for (int field = 0; field <= 0xffff; ++field) {
    Message m = Captured4();
    m[4] = static_cast<uint8_t>(field >> 8);
    m[5] = static_cast<uint8_t>(field);
    FixChecksumAlone(m);
    VrrpV3Advert advert;
    const DropReason reason = ParseVrrpV3(m, kFrom4, kVrrpGroupV4, advert);
    if ((field & 0x0fff) == 0) {
      ASSERT_EQ(reason, DropReason::kBadInterval) << field;
    } else {
      ASSERT_EQ(reason, DropReason::kNone) << field;
      ASSERT_EQ(advert.header->interval().count(), field & 0x0fff);
    }
  }
}

}  // namespace
}  // namespace dpvrrp
