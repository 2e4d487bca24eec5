// SPDX-License-Identifier: BSD-3-Clause
#include "config/key_strength.h"

#include <gmock/gmock.h>

#include "absl/strings/string_view.h"

namespace dpvrrp {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<uint8_t> Key(absl::string_view text) { return {text.begin(), text.end()}; }

TEST(KeyStrengthTest, WhatChanceMakesIsStrong) {
  for (const absl::string_view key : {
           "k7Qw2ZpX",
           "x8fj2qpz",
           "mvwqkzfh",
           "9c3fd1b7",  // 8 bytes: keepalived's
           "pJ4vNq8Zs1WfXe6T",
           "mvwqkzfhtbyrxucp",
           "8d1fc05a9be47723",
           "8d1fc05a9be477231f60aa29c4d7eb53",
       }) {
    EXPECT_THAT(WeaknessOf(Key(key)), IsEmpty()) << key;
  }
  EXPECT_THAT(WeaknessOf(std::vector<uint8_t>{0x8d, 0x1f, 0xc0, 0x5a, 0x9b, 0xe4, 0x77, 0x23}), IsEmpty());
}

TEST(KeyStrengthTest, AKeyThatAPersonThinksUpIsWeak) {
  for (const absl::string_view key : {
           "00000000",         "12345678",
           "87654321",         "20261122",
           "90412873",         "abcdefgh",
           "abababab",         "password",
           "Passw0rd",         "P@$$w0rd",
           "secret12",         "s3cr3t99",
           "qwertz12",         "vrrpvrrp",
           "password12345678", "keepalived123456",
           "secretsecretsecr", "aaaaaaaaaaaaaaaa",
           "0123456789abcdef", "1234567890123456",
           "admin-router-123", "aB3aB3aB3aB3aB3aB3aB",
       }) {
    EXPECT_THAT(WeaknessOf(Key(key)), HasSubstr("bits to guess")) << key;
  }
  EXPECT_THAT(WeaknessOf(std::vector<uint8_t>(32, 0x5a)),
              HasSubstr("about 4 bits to guess, but at least 64 are required"));
}

TEST(KeyStrengthTest, ShortKeysAreWeakWhateverIsInThem) {
  EXPECT_EQ(WeaknessOf(Key("s3cr3t")), "has 6 bytes, but at least 8 are required");
  EXPECT_EQ(WeaknessOf(std::vector<uint8_t>{0x8d, 0x1f, 0xc0, 0x5a, 0x9b, 0xe4, 0x77}),
            "has 7 bytes, but at least 8 are required");
  EXPECT_EQ(WeaknessOf({}), "has 0 bytes, but at least 8 are required");
}

TEST(KeyStrengthTest, NothingOfTheKeyIsShown) { EXPECT_THAT(WeaknessOf(Key("password")), Not(HasSubstr("pass"))); }

TEST(KeyStrengthTest, MoreOfTheSameKindIsNeverLess) {
  const std::vector<uint8_t> key = Key("pJ4vNq8Zs1WfXe6TuYd3Hc0RbLk9MgAo");
  for (size_t length = 1; length < key.size(); ++length) {
    EXPECT_LE(GuessedBits(std::span(key).first(length)), GuessedBits(std::span(key).first(length + 1))) << length;
  }
}

}  // namespace
}  // namespace dpvrrp
