// SPDX-License-Identifier: BSD-3-Clause
#include "wire/ndisc.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "hex.h"

namespace dpvrrp {
namespace {

constexpr IpAddress kVip = IpAddress::V6({0x20, 0x01, 0x0d, 0xb8, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54});

// Conformance V3-52, V3-14. The checksum was computed by hand: addresses, length and next header of the pseudo-header
// and the message add up to 2ea4d; with the carry added that is ea4f, and 15b0 is its complement.
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

// From here on against frames of Linux 6.18: 2001:db8:51::10 asks for ::11 and is answered.
constexpr MacAddress kAskerMac{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x0a}};
constexpr MacAddress kAskedMac{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x0b}};
constexpr IpAddress kAsker = IpAddress::V6({0x20, 0x01, 0x0d, 0xb8, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10});
constexpr IpAddress kAsked = IpAddress::V6({0x20, 0x01, 0x0d, 0xb8, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x11});
constexpr char kSolicitation[] =
    "6000000000203aff20010db8005100000000000000000010ff0200000000000000000001ff000011870010ec0000000020010db80051000000"
    "00000000000011010102000a63000a";
constexpr char kAdvertisement[] =
    "6000000000203aff20010db800510000000000000000001120010db8005100000000000000000010"
    "88007ee56000000020010db8005100000000000000000011020102000a63000b";
constexpr char kProbe[] =  // duplicate address detection, with a nonce
    "6000000000203aff00000000000000000000000000000000ff0200000000000000000001ff63000a8700491300000000fe8000000000000000"
    "000afffe63000a0e01ae5052121ace";

bool Parse(const std::vector<uint8_t>& packet, SeenNd& out) {
  const auto& ip = *reinterpret_cast<const Ipv6Header*>(packet.data());
  return ParseNd(ip, std::span(packet).subspan(sizeof ip), out);
}

TEST(NdTest, ASolicitationIsLinuxs) {
  std::vector<uint8_t> frame(kMaxNdFrameBytes, 0xee);
  frame.resize(WriteNd({.destination_mac = MulticastMac(SolicitedNodeGroup(kAsked)),
                        .source_mac = kAskerMac,
                        .vlan = {},
                        .destination = SolicitedNodeGroup(kAsked),
                        .source = kAsker,
                        .type = kNeighbourSolicitation,
                        .flags = 0,
                        .target = kAsked,
                        .link_layer = kAskerMac},
                       frame.data()));
  frame[14] = 0x60;  // the traffic class is our own affair
  EXPECT_EQ(ToHex(frame), std::string("3333ff00001102000a63000a86dd") + kSolicitation);
}

TEST(NdTest, AnAdvertisementIsLinuxs) {
  std::vector<uint8_t> frame(kMaxNdFrameBytes, 0xee);
  frame.resize(WriteNd({.destination_mac = kAskerMac,
                        .source_mac = kAskedMac,
                        .vlan = {},
                        .destination = kAsker,
                        .source = kAsked,
                        .type = kNeighbourAdvertisement,
                        .flags = kNaSolicited | kNaOverride,
                        .target = kAsked,
                        .link_layer = kAskedMac},
                       frame.data()));
  frame[14] = 0x60;
  EXPECT_EQ(ToHex(frame), std::string("02000a63000a02000a63000b86dd") + kAdvertisement);
}

TEST(NdTest, AreRead) {
  SeenNd seen;
  const std::vector<uint8_t> solicitation = FromHex(kSolicitation);
  ASSERT_TRUE(Parse(solicitation, seen));
  EXPECT_EQ(seen.message->type, kNeighbourSolicitation);
  EXPECT_EQ(seen.target(), kAsked);
  ASSERT_NE(seen.link_layer, nullptr);
  EXPECT_EQ(*seen.link_layer, kAskerMac);

  const std::vector<uint8_t> advertisement = FromHex(kAdvertisement);
  ASSERT_TRUE(Parse(advertisement, seen));
  EXPECT_EQ(seen.message->type, kNeighbourAdvertisement);
  EXPECT_TRUE(seen.Has(kNaSolicited) && seen.Has(kNaOverride) && !seen.Has(kNaRouter));
  EXPECT_EQ(*seen.link_layer, kAskedMac);
}

TEST(NdTest, AProbeHasNoLinkLayerAddress) {
  SeenNd seen;
  const std::vector<uint8_t> probe = FromHex(kProbe);
  ASSERT_TRUE(Parse(probe, seen));
  EXPECT_EQ(seen.link_layer, nullptr);
}

// Bytes 40.. are the message. Each is refused for its own reason: the checksum is put right again.
std::vector<uint8_t> With(const char* packet_hex, std::initializer_list<std::pair<size_t, uint8_t>> changes) {
  std::vector<uint8_t> packet = FromHex(packet_hex);
  for (const auto& [at, value] : changes) packet[at] = value;
  packet[42] = packet[43] = 0;
  uint32_t sum = 58 + 32;
  for (size_t at = 8; at < packet.size(); at += 2) sum += static_cast<uint32_t>(packet[at] << 8 | packet[at + 1]);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  packet[42] = static_cast<uint8_t>(~sum >> 8);
  packet[43] = static_cast<uint8_t>(~sum);
  return packet;
}

// RFC 4861 7.1.1, 7.1.2.
TEST(NdTest, WhatTheRfcIgnoresIsRefused) {
  SeenNd seen;
  EXPECT_TRUE(Parse(With(kSolicitation, {}), seen));
  EXPECT_FALSE(Parse(With(kSolicitation, {{7, 254}}), seen)) << "hop limit is not 255";
  EXPECT_FALSE(Parse(With(kSolicitation, {{41, 1}}), seen)) << "code";
  EXPECT_FALSE(Parse(With(kSolicitation, {{40, 134}}), seen)) << "type";
  EXPECT_FALSE(Parse(With(kSolicitation, {{48, 0xff}}), seen)) << "target is a group";
  EXPECT_FALSE(Parse(With(kSolicitation, {{65, 0}}), seen)) << "an option of length 0";
  EXPECT_FALSE(Parse(With(kSolicitation, {{65, 2}}), seen)) << "an option beyond the end";
  EXPECT_TRUE(Parse(With(kAdvertisement, {}), seen));
  EXPECT_FALSE(Parse(With(kAdvertisement, {{24, 0xff}}), seen)) << "solicited, yet to a group";
  EXPECT_TRUE(Parse(With(kProbe, {}), seen));
  EXPECT_FALSE(Parse(With(kProbe, {{64, 1}}), seen)) << "from ::, yet with a link-layer address";
  EXPECT_FALSE(Parse(With(kProbe, {{39, 1}}), seen)) << "from ::, yet to another group";

  std::vector<uint8_t> packet = FromHex(kSolicitation);
  packet[43] ^= 1;
  EXPECT_FALSE(Parse(packet, seen)) << "checksum";
  for (size_t bytes = sizeof(Ipv6Header); bytes < packet.size(); ++bytes) {
    EXPECT_FALSE(Parse({packet.begin(), packet.begin() + static_cast<ptrdiff_t>(bytes)}, seen)) << bytes;
  }
}

}  // namespace
}  // namespace dpvrrp
