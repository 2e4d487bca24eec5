// SPDX-License-Identifier: BSD-3-Clause
//
// Compares with frames of Linux 6.18: a host that joined ff02::12 and left it, and a bridge that is a querier.
#include "wire/mld.h"

#include <gtest/gtest.h>

#include "hex.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;

constexpr MacAddress kListenerMac{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x0a}};
constexpr IpAddress kLinkLocal = IpAddress::V6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0x0a, 0xff, 0xfe, 0x63, 0, 0x0a});

std::string WrittenReport(const GroupReport& report) {
  std::vector<uint8_t> frame(kMaxGroupReportBytes, 0xee);
  frame.resize(WriteMldV2Report(report, frame.data()));
  return ToHex(frame);
}

// But for the traffic class, which is our adverts'.
TEST(MldV2ReportTest, BytesAreThoseOfLinux) {
  const std::string head =
      "33330000001602000a63000a86dd6c000000002400"
      "01fe8000000000000000000afffe63000aff0200000000000000000000000000163a000502000001008f00";
  const std::string group = "000000ff020000000000000000000000000012";
  EXPECT_EQ(WrittenReport({kListenerMac, {}, kLinkLocal, kVrrpGroupV6, GroupRecord::kJoin}),
            head + "668c0000000104" + group);
  EXPECT_EQ(WrittenReport({kListenerMac, {}, kLinkLocal, kVrrpGroupV6, GroupRecord::kLeave}),
            head + "678c0000000103" + group);
}

// RFC 3810 5.2.13.
TEST(MldV2ReportTest, WithoutALinkLocalAddressItComesFromTheUnspecifiedOne) {
  const IpAddress group = IpAddress::V6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0x63, 0, 0x0a});
  const IpAddress global = IpAddress::V6({0x20, 0x01, 0x0d, 0xb8, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10});
  EXPECT_EQ(WrittenReport({kListenerMac, {}, global, group, GroupRecord::kJoin}),
            "33330000001602000a63000a86dd6c000000002400"
            "0100000000000000000000000000000000ff0200000000000000000000000000163a000502000001008f00"
            "6f1d0000000104000000ff0200000000000000000001ff63000a");
}

class MldQueryTest : public testing::Test {
 protected:
  // A whole IPv6 packet.
  bool Parse(const std::vector<uint8_t>& packet) {
    const auto& ip = *reinterpret_cast<const Ipv6Header*>(packet.data());
    std::span<const uint8_t> payload = std::span(packet).subspan(sizeof ip);
    uint8_t next_header = ip.next_header;
    return SkipHopByHop(next_header, payload) && next_header == 58 && ParseMldQuery(ip, payload, query_);
  }

  const std::vector<uint8_t> kOfGroup = FromHex(
      "6000000000240001fe8000000000000000000afffe63000bff0200000000000000000000000000123a0005020000"
      "01008200692b03e80000ff0200000000000000000000000000120a7d0000");
  GroupQuery query_;
};

TEST_F(MldQueryTest, AQueryOfLinuxForAGroupIsRead) {
  ASSERT_TRUE(Parse(kOfGroup));
  EXPECT_EQ(query_.version, 2);
  EXPECT_EQ(query_.group, kVrrpGroupV6);
  EXPECT_EQ(query_.max_response, 1s);
}

// The checksum was summed outside.
TEST_F(MldQueryTest, AGeneralQueryOfVersion1IsRead) {
  ASSERT_TRUE(
      Parse(FromHex("6000000000200001fe8000000000000000000afffe63000bff0200000000000000000000000000013a0005020000"
                    "010082004faa27100000 00000000000000000000000000000000")));
  EXPECT_EQ(query_.version, 1);
  EXPECT_TRUE(query_.group.IsUnspecified());
  EXPECT_EQ(query_.max_response, 10s);
}

TEST_F(MldQueryTest, AFaultyQueryIsRefused) {
  const auto with = [&](size_t at, uint8_t value) {
    std::vector<uint8_t> packet = kOfGroup;
    packet[at] = value;
    return packet;
  };
  EXPECT_TRUE(Parse(with(7, 1)));
  EXPECT_FALSE(Parse(with(7, 255))) << "hop limit is not 1";
  EXPECT_FALSE(Parse(with(8, 0x20))) << "source is not link-local";
  EXPECT_FALSE(Parse(with(48, 131))) << "a report";
  EXPECT_FALSE(Parse(with(49, 1))) << "code";
  EXPECT_FALSE(Parse(with(51, 0))) << "checksum";
  EXPECT_FALSE(Parse(with(41, 1))) << "options end beyond the message's beginning";
  EXPECT_FALSE(Parse(with(41, 200))) << "options end beyond the packet";
  for (size_t bytes = sizeof(Ipv6Header); bytes < kOfGroup.size(); ++bytes) {
    EXPECT_FALSE(Parse({kOfGroup.begin(), kOfGroup.begin() + static_cast<ptrdiff_t>(bytes)})) << bytes;
  }
}

}  // namespace
}  // namespace dpvrrp
