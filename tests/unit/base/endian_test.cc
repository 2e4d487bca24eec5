// SPDX-License-Identifier: BSD-3-Clause
#include "base/endian.h"

#include <gtest/gtest.h>

#include <cstring>

namespace dpvrrp {
namespace {

TEST(BigEndianTest, BytesLieInNetworkOrder) {
  const Be32 be(0x01020304);
  const uint8_t expected[] = {1, 2, 3, 4};
  EXPECT_EQ(std::memcmp(&be, expected, 4), 0);
  EXPECT_EQ(be.host(), 0x01020304u);
  static_assert(Be16(0xe000).host() == 0xe000);
  static_assert(!std::is_convertible_v<uint16_t, Be16>);
}

}  // namespace
}  // namespace dpvrrp
