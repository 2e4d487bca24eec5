// SPDX-License-Identifier: BSD-3-Clause
#include "wire/ndisc.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace dpvrrp {
namespace {

constexpr IpAddress kVip = IpAddress::V6({0x20, 0x01, 0x0d, 0xb8, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54});

// Conformance V3-52, V3-14. The checksum comes from outside: addresses, length and next header of the pseudo-header and
// the message add up to 2ea4d; with the carry brought round that is ea4f, and 15b0 is its complement.
TEST(UnsolicitedNaTest, BytesAreThoseOfTheRfc) {
  std::array<uint8_t, 87> frame;
  frame.fill(0xee);
  ASSERT_EQ(WriteUnsolicitedNa(VirtualMac(Family::kIpv6, Vrid(51)), VlanStack{}, kVip, frame.data()), 86u);
  const std::array<uint8_t, 87> expected = {
      0x33, 0x33, 0x00, 0x00, 0x00, 0x01,             // ff02::1's Ethernet address
      0x00, 0x00, 0x5e, 0x00, 0x02, 0x33,             // source: 00:00:5e:00:02:VRID
      0x86, 0xdd,                                     // IPv6
      0x6c, 0x00, 0x00, 0x00, 0x00, 32,   58,   255,  // version, class, length, ICMPv6, hop limit
      0x20, 0x01, 0x0d, 0xb8, 0,    0x51, 0,    0,    0, 0, 0, 0, 0, 0, 0x02, 0x54,  // from the address itself
      0xff, 0x02, 0,    0,    0,    0,    0,    0,    0, 0, 0, 0, 0, 0, 0,    0x01,  // to all nodes
      136,  0,    0x15, 0xb0,  // neighbour advertisement, checksum
      0xa0, 0,    0,    0,     // R=1 S=0 O=1
      0x20, 0x01, 0x0d, 0xb8, 0,    0x51, 0,    0,    0, 0, 0, 0, 0, 0, 0x02, 0x54,  // target
      2,    1,    0x00, 0x00, 0x5e, 0x00, 0x02, 0x33,                                // target link-layer address
      0xee};                                                                         // and not a byte more
  EXPECT_EQ(frame, expected);
}

TEST(UnsolicitedNaTest, TheSegmentsTagsStandInFrontOfIt) {
  const MacAddress mac = VirtualMac(Family::kIpv6, Vrid(51));
  std::array<uint8_t, kMaxNdFrameBytes> plain;
  std::array<uint8_t, kMaxNdFrameBytes> tagged;
  ASSERT_EQ(WriteUnsolicitedNa(mac, VlanStack{}, kVip, plain.data()), 86u);
  ASSERT_EQ(WriteUnsolicitedNa(mac, VlanStack{100, 7}, kVip, tagged.data()), 94u);
  const std::array<uint8_t, 10> tags = {0x88, 0xa8, 0xc0, 100, 0x81, 0x00, 0xc0, 0x07, 0x86, 0xdd};
  EXPECT_TRUE(std::equal(tags.begin(), tags.end(), tagged.begin() + 12));
  EXPECT_TRUE(std::equal(plain.begin() + 14, plain.begin() + 86, tagged.begin() + 22));
}

}  // namespace
}  // namespace dpvrrp
