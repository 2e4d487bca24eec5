// SPDX-License-Identifier: BSD-3-Clause
#include "base/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dpvrrp {
namespace {

using ::testing::HasSubstr;

TEST(IpAddressTest, TextRoundTrips) {
  for (const char* text : {"0.0.0.0", "10.99.0.1", "224.0.0.18", "255.255.255.255", "::", "fe80::1", "ff02::12"}) {
    const absl::StatusOr<IpAddress> address = ParseIpAddress(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(ToString(*address), text);
  }
}

TEST(IpAddressTest, RefusesATextThatIsNoAddress) {
  for (const char* text : {"", "10.99.0", "10.99.0.256", "10.99.0.1 ", "fe80::1%eth0", "host"}) {
    EXPECT_EQ(ParseIpAddress(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

// Conformance V3-90: unsigned, network order.
TEST(IpAddressTest, OrderIsUnsignedNetworkOrder) {
  EXPECT_LT(*ParseIpAddress("10.0.0.2"), *ParseIpAddress("10.0.1.1"));
  EXPECT_LT(*ParseIpAddress("127.0.0.1"), *ParseIpAddress("192.0.2.1"));
  EXPECT_LT(*ParseIpAddress("fe80::1"), *ParseIpAddress("fe80::ff:fe00:1"));
}

TEST(IpAddressTest, KnowsMulticastAndUnspecified) {
  EXPECT_TRUE(ParseIpAddress("224.0.0.18")->IsMulticast());
  EXPECT_TRUE(ParseIpAddress("239.255.255.255")->IsMulticast());
  EXPECT_FALSE(ParseIpAddress("223.255.255.255")->IsMulticast());
  EXPECT_TRUE(ParseIpAddress("ff02::12")->IsMulticast());
  EXPECT_TRUE(IpAddress().IsUnspecified());
  EXPECT_TRUE(ParseIpAddress("::")->IsUnspecified());
}

TEST(IpPrefixTest, LengthDefaultsToTheHost) {
  EXPECT_EQ(ToString(*ParseIpPrefix("10.99.0.100")), "10.99.0.100/32");
  EXPECT_EQ(ToString(*ParseIpPrefix("10.99.0.100/24")), "10.99.0.100/24");
  EXPECT_EQ(ToString(*ParseIpPrefix("fe80::1")), "fe80::1/128");
}

TEST(IpPrefixTest, ErrorNamesTheValueAndTheRule) {
  EXPECT_THAT(ParseIpPrefix("10.99.0.100/33").status().message(), HasSubstr("0..32, got '10.99.0.100/33'"));
  EXPECT_FALSE(ParseIpPrefix("10.99.0.100/").ok());
  EXPECT_FALSE(ParseIpPrefix("10.99.0.100/-1").ok());
}

TEST(MacAddressTest, TextRoundTrips) {
  EXPECT_EQ(ToString(*ParseMacAddress("02:00:0a:63:00:01")), "02:00:0a:63:00:01");
  EXPECT_FALSE(ParseMacAddress("02:00:0a:63:00").ok());
  EXPECT_FALSE(ParseMacAddress("02:00:0a:63:00:0g").ok());
}

// Conformance V3-13.
TEST(MacAddressTest, VirtualMacEndsInTheVrid) {
  EXPECT_EQ(ToString(VirtualMac(Family::kIpv4, Vrid(51))), "00:00:5e:00:01:33");
}

}  // namespace
}  // namespace dpvrrp
