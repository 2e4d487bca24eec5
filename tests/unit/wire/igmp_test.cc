// SPDX-License-Identifier: BSD-3-Clause
//
// Compares with frames of Linux 6.18: a host at 10.99.0.10 that joined 224.0.0.18 and left it, and a bridge that is a
// querier.
#include "wire/igmp.h"

#include <gtest/gtest.h>

#include "hex.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;

constexpr MacAddress kHostMac{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x0a}};

GroupReport Report(GroupRecord record, VlanStack vlan = {}) {
  return {kHostMac, vlan, IpAddress::V4(0x0a63000a), kVrrpGroupV4, record};
}

template <typename Writer>
std::string Written(Writer writer, const GroupReport& report) {
  std::vector<uint8_t> frame(kMaxGroupReportBytes, 0xee);
  frame.resize(writer(report, frame.data()));
  return ToHex(frame);
}

TEST(IgmpV3ReportTest, BytesAreThoseOfLinux) {
  const std::string head = "01005e00001602000a63000a080046c00028000040000102f98c0a63000ae000001694040000";
  EXPECT_EQ(Written(WriteIgmpV3Report, Report(GroupRecord::kJoin)), head + "2200f9eb0000000104000000e0000012");
  EXPECT_EQ(Written(WriteIgmpV3Report, Report(GroupRecord::kIsMember)), head + "2200fbeb0000000102000000e0000012");
  EXPECT_EQ(Written(WriteIgmpV3Report, Report(GroupRecord::kLeave)), head + "2200faeb0000000103000000e0000012");
}

TEST(IgmpV3ReportTest, TheSegmentsTagsStandInFrontOfIt) {
  const std::string plain = Written(WriteIgmpV3Report, Report(GroupRecord::kJoin));
  EXPECT_EQ(Written(WriteIgmpV3Report, Report(GroupRecord::kJoin, {100, 7})),
            plain.substr(0, 24) + "88a8c0648100c0070800" + plain.substr(28));
}

TEST(IgmpV2ReportTest, BytesAreThoseOfLinux) {
  EXPECT_EQ(Written(WriteIgmpV2Report, Report(GroupRecord::kJoin)),
            "01005e00001202000a63000a080046c00020000040000102f9980a63000ae0000012940400001600"
            "09ede0000012");
  EXPECT_EQ(Written(WriteIgmpV2Report, Report(GroupRecord::kLeave)),
            "01005e00000202000a63000a080046c00020000040000102f9a80a63000ae0000002940400001700"
            "08ede0000012");
}

TEST(IgmpQueryTest, AGeneralQueryOfLinuxIsRead) {
  GroupQuery query;
  ASSERT_TRUE(ParseIgmpQuery(FromHex("1164 ec1e 0000 0000 027d 0000"), query));
  EXPECT_EQ(query.version, 3);
  EXPECT_TRUE(query.group.IsUnspecified());
  EXPECT_EQ(query.max_response, 10s);
}

// RFC 3376 7.1: the length gives the version, and for short messages the response time does.
TEST(IgmpQueryTest, VersionsAreToldApart) {
  GroupQuery query;
  ASSERT_TRUE(ParseIgmpQuery(FromHex("1100 eeff 0000 0000"), query));
  EXPECT_EQ(query.version, 1);
  EXPECT_EQ(query.max_response, 10s);
  ASSERT_TRUE(ParseIgmpQuery(FromHex("1119 0ed4 e000 0012"), query));  // Last Member Query Interval, 2.5 s
  EXPECT_EQ(query.version, 2);
  EXPECT_EQ(query.group, kVrrpGroupV4);
  EXPECT_EQ(query.max_response, 2500ms);
  EXPECT_FALSE(ParseIgmpQuery(FromHex("1119 0ed4 e000 0012 0000"), query));  // neither length
}

// RFC 3376 4.1.1: 0x8d is (16 + 13) << 3 = 232 tenths; 0xff is (16 + 15) << 10.
TEST(IgmpQueryTest, LongResponseTimesAreFloatingPoint) {
  GroupQuery query;
  ASSERT_TRUE(ParseIgmpQuery(FromHex("118d ebf5 0000 0000 027d 0000"), query));
  EXPECT_EQ(query.max_response, 23200ms);
  ASSERT_TRUE(ParseIgmpQuery(FromHex("11ff eb83 0000 0000 027d 0000"), query));
  EXPECT_EQ(query.max_response, 3174400ms);
}

TEST(IgmpQueryTest, AFaultyQueryIsRefused) {
  GroupQuery query;
  EXPECT_FALSE(ParseIgmpQuery(FromHex(""), query));
  EXPECT_FALSE(ParseIgmpQuery(FromHex("1164 ec1e 0000 00"), query));
  EXPECT_FALSE(ParseIgmpQuery(FromHex("1164 ec1f 0000 0000 027d 0000"), query));  // checksum
  EXPECT_FALSE(ParseIgmpQuery(FromHex("1600 09ed e000 0012"), query));            // a report
  EXPECT_FALSE(ParseIgmpQuery(FromHex("1164 e438 0a63 0064"), query));            // of no group: 10.99.0.100
}

}  // namespace
}  // namespace dpvrrp
