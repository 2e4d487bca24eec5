// SPDX-License-Identifier: BSD-3-Clause
#include "wire/checksum.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace dpvrrp {
namespace {

// RFC 1071 4.1, 16 bits at a time in network order.
uint16_t Model(const std::vector<uint8_t>& data) {
  uint32_t sum = 0;
  for (size_t i = 0; i < data.size(); ++i) sum += i % 2 == 0 ? static_cast<uint32_t>(data[i] << 8) : data[i];
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

uint16_t Checksum(const std::vector<uint8_t>& data) { return ChecksumOf(data.data(), data.size()).host(); }

// RFC 1071 3: the sum of 0001 f203 f4f5 f6f7 is ddf2.
TEST(ChecksumTest, Rfc1071ExampleMatches) {
  EXPECT_EQ(Checksum({0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}), 0x220d);
}

TEST(ChecksumTest, NothingSumsToZero) { EXPECT_EQ(Checksum({}), 0xffff); }

TEST(ChecksumTest, TheLastByteOfAnOddLengthIsTheHighHalfOfAWord) {
  EXPECT_EQ(Checksum({0x12}), static_cast<uint16_t>(~0x1200));
  EXPECT_EQ(Checksum({0x00, 0x01, 0xf2}), static_cast<uint16_t>(~0xf201));
}

TEST(ChecksumTest, AgreesWithTheModelOnEveryLength) {
  std::mt19937 random(1);
  for (size_t length = 0; length <= 1100; ++length) {
    std::vector<uint8_t> data(length);
    for (uint8_t& byte : data) byte = length % 3 == 0 ? 0xff : static_cast<uint8_t>(random());
    ASSERT_EQ(Checksum(data), Model(data)) << length;
  }
}

TEST(ChecksumTest, PartsOfEvenLengthAddUp) {
  const std::vector<uint8_t> data = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  for (size_t cut = 0; cut <= 8; cut += 2) {
    const uint64_t first = OnesComplementSum(data.data(), cut);
    const uint64_t sum = OnesComplementSum(data.data() + cut, data.size() - cut, first);
    EXPECT_EQ(FoldSum(sum), FoldSum(OnesComplementSum(data.data(), data.size()))) << cut;
  }
}

TEST(ChecksumTest, AnyOneBitWrongIsSeen) {
  std::vector<uint8_t> data = {0x21, 0x33, 0x96, 0x01, 0x02, 0x01, 0x3c, 0x03, 0x0a, 0x63,
                               0x00, 0x64, 0,    0,    0,    0,    0,    0,    0,    0};
  ASSERT_TRUE(ChecksumHolds(data.data(), data.size()));
  for (size_t bit = 0; bit < data.size() * 8; ++bit) {
    data[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_FALSE(ChecksumHolds(data.data(), data.size())) << bit;
    data[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
  }
}

// Conformance V3-33: a checksum of zero may be written 0x0000 or 0xffff.
TEST(ChecksumTest, BothFormsOfZeroHold) {
  const uint8_t zero[] = {0x12, 0x34, 0x00, 0x00, 0xed, 0xcb};
  const uint8_t ones[] = {0x12, 0x34, 0xff, 0xff, 0xed, 0xcb};
  EXPECT_TRUE(ChecksumHolds(zero, sizeof zero));
  EXPECT_TRUE(ChecksumHolds(ones, sizeof ones));
}

}  // namespace
}  // namespace dpvrrp
