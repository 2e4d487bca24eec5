// SPDX-License-Identifier: BSD-3-Clause
#include "wire/arp.h"

#include <gtest/gtest.h>

#include <array>

namespace dpvrrp {
namespace {

// Conformance V3-51: broadcast, both protocol addresses the VIP, both hardware addresses the MAC that answers for it.
TEST(GratuitousArpTest, BytesAreThoseOfTheErrata) {
  std::array<uint8_t, kGratuitousArpBytes + 1> frame;
  frame.fill(0xee);
  WriteGratuitousArp(VirtualMacV4(Vrid(51)), IpAddress::V4(0x0a630064), frame.data());
  const std::array<uint8_t, kGratuitousArpBytes + 1> expected = {
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff,                      // Ethernet destination
      0x00, 0x00, 0x5e, 0x00, 0x01, 0x33,                      // source: 00:00:5e:00:01:VRID (V3-13)
      0x08, 0x06,                                              // ARP
      0x00, 0x01, 0x08, 0x00, 6,    4,    0x00, 0x01,          // Ethernet, IPv4, request
      0x00, 0x00, 0x5e, 0x00, 0x01, 0x33, 10,   99,   0, 100,  // sender
      0x00, 0x00, 0x5e, 0x00, 0x01, 0x33, 10,   99,   0, 100,  // target
      0xee};                                                   // and not a byte more
  EXPECT_EQ(frame, expected);
}

}  // namespace
}  // namespace dpvrrp
