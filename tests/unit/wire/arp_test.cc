// SPDX-License-Identifier: BSD-3-Clause
#include "wire/arp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "hex.h"

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

// Linux 6.18's answer to its neighbour, as the neighbour's own question.
constexpr char kLinuxReply[] = "02000a63000a02000a63000b0806000108000604000202000a63000b0a63000b02000a63000a0a63000a";
constexpr MacAddress kArpAsker{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x0a}};
constexpr MacAddress kAnswerer{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x0b}};

TEST(ArpTest, AReplyIsLinuxs) {
  std::vector<uint8_t> frame(kMaxArpFrameBytes, 0xee);
  frame.resize(WriteArp({kArpAsker, kAnswerer, VlanStack{}, kArpReply, kAnswerer, IpAddress::V4(0x0a63000b), kArpAsker,
                         IpAddress::V4(0x0a63000a)},
                        frame.data()));
  EXPECT_EQ(ToHex(frame), kLinuxReply);
}

TEST(ArpTest, IsRead) {
  const std::vector<uint8_t> frame = FromHex(kLinuxReply);
  const ArpPacket* arp = ParseArp(std::span(frame).subspan(14));
  ASSERT_NE(arp, nullptr);
  EXPECT_EQ(arp->operation.host(), kArpReply);
  EXPECT_EQ(arp->sender_hardware, kAnswerer);
  EXPECT_EQ(arp->sender(), IpAddress::V4(0x0a63000b));
  EXPECT_EQ(arp->target_hardware, kArpAsker);
  EXPECT_EQ(arp->target(), IpAddress::V4(0x0a63000a));
}

TEST(ArpTest, APacketThatIsNotOfEthernetAndIpv4IsRefused) {
  const std::vector<uint8_t> frame = FromHex(kLinuxReply);
  std::vector<uint8_t> payload(frame.begin() + 14, frame.end());
  for (size_t at = 0; at < 6; ++at) {  // hardware type, protocol type, their lengths
    payload[at] ^= 1;
    EXPECT_EQ(ParseArp(payload), nullptr) << at;
    payload[at] ^= 1;
  }
  payload.push_back(0);  // padding
  EXPECT_NE(ParseArp(payload), nullptr);
  EXPECT_EQ(ParseArp(std::span(payload).first(27)), nullptr);
}

}  // namespace
}  // namespace dpvrrp
