// SPDX-License-Identifier: BSD-3-Clause
#include "base/hex.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dpvrrp {
namespace {

TEST(DecodeHexTest, AppendsTheBytesOfDigitsOfEitherCase) {
  std::vector<uint8_t> bytes = {7};
  EXPECT_TRUE(DecodeHex("00fFaB09", bytes));
  EXPECT_EQ(bytes, (std::vector<uint8_t>{7, 0x00, 0xff, 0xab, 0x09}));
  std::string text;
  EXPECT_TRUE(DecodeHex("6162", text));
  EXPECT_EQ(text, "ab");
  EXPECT_TRUE(DecodeHex("", text));
}

TEST(DecodeHexTest, RefusesATextThatIsNotPairsOfDigits) {
  for (const char* wrong : {"0", "001", "0g", "g0", "00 1", " 00", "0x00", "-1", "+1"}) {
    std::vector<uint8_t> bytes;
    EXPECT_FALSE(DecodeHex(wrong, bytes)) << wrong;
  }
}

}  // namespace
}  // namespace dpvrrp
