// SPDX-License-Identifier: BSD-3-Clause
#include "wire/arp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace dpvrrp {
namespace {

// Conformance V3-51: broadcast, both protocol addresses the VIP, both hardware addresses the MAC that answers for it.
TEST(GratuitousArpTest, BytesAreThoseOfTheErrata) {
  std::array<uint8_t, 43> frame;
  frame.fill(0xee);
  EXPECT_EQ(
      WriteGratuitousArp(VirtualMac(Family::kIpv4, Vrid(51)), VlanStack{}, IpAddress::V4(0x0a630064), frame.data()),
      42u);
  const std::array<uint8_t, 43> expected = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff,  // Ethernet destination
                                            0x00, 0x00, 0x5e, 0x00, 0x01, 0x33,  // source: 00:00:5e:00:01:VRID (V3-13)
                                            0x08, 0x06,                          // ARP
                                            0x00, 0x01, 0x08, 0x00, 6,    4,    0x00, 0x01,  // Ethernet, IPv4, request
                                            0x00, 0x00, 0x5e, 0x00, 0x01, 0x33, 10,   99,   0, 100,  // sender
                                            0x00, 0x00, 0x5e, 0x00, 0x01, 0x33, 10,   99,   0, 100,  // target
                                            0xee};  // and not a byte more
  EXPECT_EQ(frame, expected);
}

TEST(GratuitousArpTest, TheSegmentsTagsStandInFrontOfIt) {
  std::array<uint8_t, 50> frame;
  EXPECT_EQ(
      WriteGratuitousArp(VirtualMac(Family::kIpv4, Vrid(51)), VlanStack{7, 0}, IpAddress::V4(0x0a630064), frame.data()),
      46u);
  const std::array<uint8_t, 8> tagged = {0x81, 0x00, 0xc0, 0x07, 0x08, 0x06, 0x00, 0x01};
  EXPECT_TRUE(std::equal(tagged.begin(), tagged.end(), frame.begin() + 12));
}

}  // namespace
}  // namespace dpvrrp
