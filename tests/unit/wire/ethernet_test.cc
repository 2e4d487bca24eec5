// SPDX-License-Identifier: BSD-3-Clause
#include "wire/ethernet.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace dpvrrp {
namespace {

// Destination 02:..:01, source 02:..:02, then `rest`.
std::vector<uint8_t> FrameWith(const std::vector<uint8_t>& rest) {
  std::vector<uint8_t> frame = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
  for (uint8_t byte : rest) frame.push_back(byte);
  return frame;
}

TEST(EthernetTest, AnUntaggedFrameIsReadAsItStands) {
  const EthernetFrame parsed = ParseEthernet(FrameWith({0x08, 0x00}));
  EXPECT_TRUE(parsed.complete);
  EXPECT_EQ(parsed.destination, (MacAddress{{2, 0, 0, 0, 0, 1}}));
  EXPECT_EQ(parsed.source, (MacAddress{{2, 0, 0, 0, 0, 2}}));
  EXPECT_EQ(parsed.ether_type, kEtherTypeIpv4);
  EXPECT_EQ(parsed.payload_at, 14);
  EXPECT_EQ(parsed.vlan, VlanStack{});
}

// Only the VID names the segment; priority and drop eligibility do not.
TEST(EthernetTest, OneTagGivesTheOuterVid) {
  const EthernetFrame parsed = ParseEthernet(FrameWith({0x81, 0x00, 0xf0, 0x1e, 0x08, 0x00}));
  EXPECT_TRUE(parsed.complete);
  EXPECT_EQ(parsed.vlan, (VlanStack{30, 0}));
  EXPECT_EQ(parsed.ether_type, kEtherTypeIpv4);
  EXPECT_EQ(parsed.payload_at, 18);
}

TEST(EthernetTest, TwoTagsGiveOuterAndInner) {
  const EthernetFrame parsed = ParseEthernet(FrameWith({0x88, 0xa8, 0x00, 0x64, 0x81, 0x00, 0x0f, 0xfe, 0x08, 0x00}));
  EXPECT_TRUE(parsed.complete);
  EXPECT_EQ(parsed.vlan, (VlanStack{100, 4094}));
  EXPECT_EQ(parsed.payload_at, 22);
}

// Conformance V3-113
TEST(EthernetTest, APriorityTagIsNoTag) {
  EXPECT_EQ(ParseEthernet(FrameWith({0x81, 0x00, 0xe0, 0x00, 0x08, 0x00})).vlan, VlanStack{});
  EXPECT_EQ(ParseEthernet(FrameWith({0x81, 0x00, 0xe0, 0x00, 0x81, 0x00, 0x00, 0x05, 0x08, 0x00})).vlan,
            (VlanStack{5, 0}));
}

TEST(EthernetTest, AThirdTagIsLeftAsTheEtherType) {
  const EthernetFrame parsed =
      ParseEthernet(FrameWith({0x81, 0x00, 0, 1, 0x81, 0x00, 0, 2, 0x81, 0x00, 0, 3, 0x08, 0x00}));
  EXPECT_TRUE(parsed.complete);
  EXPECT_EQ(parsed.ether_type, kEtherTypeVlan);
}

TEST(EthernetTest, AFrameThatEndsInItsHeadersIsIncomplete) {
  const std::vector<uint8_t> whole = FrameWith({0x81, 0x00, 0, 1, 0x81, 0x00, 0, 2, 0x08, 0x00});
  for (size_t length = 0; length < whole.size(); ++length) {
    const std::vector<uint8_t> cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length));
    EXPECT_FALSE(ParseEthernet(cut).complete) << length;
  }
  EXPECT_TRUE(ParseEthernet(whole).complete);
}

// A written header parses to the same values, and has the priority of internetwork control.
TEST(EthernetTest, WritesTheTagsOfASegment) {
  const MacAddress to{{1, 0, 0x5e, 0, 0, 0x12}};
  const MacAddress from{{2, 0, 0, 0, 0, 2}};
  for (const VlanStack& vlan : {VlanStack{}, VlanStack{1, 0}, VlanStack{4094, 0}, VlanStack{100, 7}}) {
    std::vector<uint8_t> frame(kMaxEthernetBytes, 0xee);
    frame.resize(WriteEthernet(to, from, vlan, kEtherTypeIpv4, frame.data()));
    const EthernetFrame parsed = ParseEthernet(frame);
    EXPECT_TRUE(parsed.complete);
    EXPECT_EQ(parsed.destination, to);
    EXPECT_EQ(parsed.source, from);
    EXPECT_EQ(parsed.vlan, vlan);
    EXPECT_EQ(parsed.ether_type, kEtherTypeIpv4);
    EXPECT_EQ(parsed.payload_at, frame.size());
  }
  std::array<uint8_t, kMaxEthernetBytes> frame{};
  WriteEthernet(to, from, VlanStack{100, 7}, kEtherTypeIpv4, frame.data());
  const std::array<uint8_t, 10> tags = {0x88, 0xa8, 0xc0, 100, 0x81, 0x00, 0xc0, 7, 0x08, 0x00};
  EXPECT_TRUE(std::equal(tags.begin(), tags.end(), frame.begin() + 12));
}

TEST(EthernetTest, TagsThePortTookOffLieOutside) {
  const auto join = [](VlanStack stripped, VlanStack vlan) {
    return JoinVlans(stripped, vlan) ? vlan : VlanStack{0xffff, 0xffff};
  };
  EXPECT_EQ(join({}, {}), VlanStack{});
  EXPECT_EQ(join({}, {5, 6}), (VlanStack{5, 6}));
  EXPECT_EQ(join({5, 0}, {}), (VlanStack{5, 0}));
  EXPECT_EQ(join({5, 0}, {6, 0}), (VlanStack{5, 6}));
  EXPECT_EQ(join({5, 6}, {}), (VlanStack{5, 6}));
  VlanStack two{7, 8};
  VlanStack one{7, 0};
  EXPECT_FALSE(JoinVlans({5, 0}, two));
  EXPECT_FALSE(JoinVlans({5, 6}, one));
}

}  // namespace
}  // namespace dpvrrp
