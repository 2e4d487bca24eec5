// SPDX-License-Identifier: BSD-3-Clause
//
// Compares with Linux 6.18's replies to its own ping.
#include "wire/icmp.h"

#include <gtest/gtest.h>

#include "hex.h"

namespace dpvrrp {
namespace {

constexpr char kPayload[] =
    "27ec00014d44036b0000000040130e0000000000101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334"
    "35"
    "3637";
constexpr IpAddress kPinger = IpAddress::V6({0x20, 0x01, 0x0d, 0xb8, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10});
constexpr IpAddress kPinged = IpAddress::V6({0x20, 0x01, 0x0d, 0xb8, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x11});

TEST(EchoReplyTest, IsLinuxs) {
  const std::string payload =
      "27eb00014d44036b0000000015ea0d0000000000101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f30313233"
      "34"
      "353637";
  std::vector<uint8_t> message = FromHex("08009da7" + payload);
  ASSERT_TRUE(MakeEchoReply(message));
  EXPECT_EQ(ToHex(message), "0000a5a7" + payload);
  EXPECT_FALSE(MakeEchoReply(message)) << "a reply is not answered";
}

TEST(EchoReplyTest, OverIpv6IsLinuxs) {
  std::vector<uint8_t> message = FromHex(std::string("80009dcd") + kPayload);
  ASSERT_TRUE(MakeEchoReplyV6(kPinger, kPinged, message));
  EXPECT_EQ(ToHex(message), std::string("81009ccd") + kPayload);
  EXPECT_FALSE(MakeEchoReplyV6(kPinged, kPinger, message));
}

TEST(EchoReplyTest, ToABadRequestThereIsNone) {
  for (const char* text : {"", "0800f7ff000000", "0801f7fe00000000", "0800f7fe00000000", "0d00f2ff00000000"}) {
    std::vector<uint8_t> message = FromHex(text);
    EXPECT_FALSE(MakeEchoReply(message)) << text;
    EXPECT_EQ(message, FromHex(text)) << "nothing has changed";
  }
  std::vector<uint8_t> message = FromHex(std::string("80009dcd") + kPayload);
  message.back() ^= 1;
  EXPECT_FALSE(MakeEchoReplyV6(kPinger, kPinged, message));
}

TEST(EchoReplyTest, AnOddLengthIsSummedToTheEnd) {
  std::vector<uint8_t> message = FromHex("08004cff00000000ab");
  ASSERT_TRUE(MakeEchoReply(message));
  EXPECT_EQ(ToHex(message), "000054ff00000000ab");
}

}  // namespace
}  // namespace dpvrrp
