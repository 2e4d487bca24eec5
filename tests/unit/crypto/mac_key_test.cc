// SPDX-License-Identifier: BSD-3-Clause
#include "crypto/mac_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "unit/crypto/mac_testing.h"

namespace dpvrrp {
namespace {

using ::testing::Each;

static_assert(!std::is_copy_constructible_v<MacKey> && !std::is_copy_assignable_v<MacKey>);

TEST(MacKeyTest, AnEmptyKeyIsRefused) {
  const auto made = MacKey::Create(MacAlgorithm::kHmacMd5_96, {});
  EXPECT_EQ(made.status().code(), absl::StatusCode::kInvalidArgument);
}

// RFC 4494 2, RFC 4543 5.3: unlike HMAC's, the key of AES has one length.
TEST(MacKeyTest, AKeyForAesHasJustTheLengthOfTheTable) {
  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    if (IsHmac(row.algorithm)) continue;
    for (size_t length : {row.key_bytes - 1, row.key_bytes + 1}) {
      const absl::Status status = MacKey::Create(row.algorithm, Bytes(length, 1)).status();
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << row.name;
      EXPECT_THAT(std::string(status.message()), testing::HasSubstr(absl::StrCat("got ", length)));
    }
  }
}

TEST(MacKeyTest, KnowsItsAlgorithmAndIcvLength) {
  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    const auto key = MakeKey(row.algorithm, Bytes(row.key_bytes, 1));
    EXPECT_EQ(key->algorithm(), row.algorithm);
    EXPECT_EQ(key->icv_bytes(), row.icv_bytes);
  }
}

// Conformance A-08: HMAC fills up with zeros, so keepalived's eight characters are a 128-bit key.
TEST(MacKeyTest, TrailingZerosMakeNoDifference) {
  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    if (!IsHmac(row.algorithm)) continue;
    const auto short_key = MakeKey(row.algorithm, Bytes{'s', '3', 'c', 'r', '3', 't'});
    const auto padded = MakeKey(row.algorithm, Bytes{'s', '3', 'c', 'r', '3', 't', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    EXPECT_TRUE(std::equal(short_key->inner(), short_key->inner() + 8, padded->inner()));
    EXPECT_TRUE(std::equal(short_key->outer(), short_key->outer() + 8, padded->outer()));
    if (short_key->wide() != nullptr) {
      EXPECT_THAT(short_key->wide()->words, testing::ElementsAreArray(padded->wide()->words));
    }
  }
}

TEST(MacKeyTest, InnerAndOuterStatesDiffer) {
  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    if (!IsHmac(row.algorithm)) continue;
    const auto key = MakeKey(row.algorithm, Bytes(16, 7));
    if (const internal::WideStates* wide = key->wide(); wide != nullptr) {
      EXPECT_FALSE(std::equal(wide->words, wide->words + 8, wide->words + 8)) << row.name;
    } else {
      EXPECT_FALSE(std::equal(key->inner(), key->inner() + 4, key->outer())) << row.name;
    }
  }
}

// Keeps the memory and destroys only the object, to see what it leaves in memory.
TEST(MacKeyTest, NothingSecretIsLeftBehind) {
  const MacKey* key = MakeKey(MacAlgorithm::kHmacSha256_128, Bytes(32, 0xa5)).release();
  const auto inner = reinterpret_cast<const uint8_t*>(key->inner());
  const auto outer = reinterpret_cast<const uint8_t*>(key->outer());
  ASSERT_THAT(Bytes(inner, inner + 32), testing::Not(Each(0)));

  key->~MacKey();

  EXPECT_THAT(Bytes(inner, inner + 32), Each(0));
  EXPECT_THAT(Bytes(outer, outer + 32), Each(0));
  ::operator delete(const_cast<MacKey*>(key), std::align_val_t(alignof(MacKey)));
}

// And of what does not fit into it.
TEST(MacKeyTest, NothingSecretIsLeftBehindOfWideStates) {
  alignas(internal::WideStates) uint8_t room[sizeof(internal::WideStates)];
  auto* states = new (room) internal::WideStates;
  std::memset(states->words, 0xa5, sizeof states->words);

  states->~WideStates();

  EXPECT_THAT(room, Each(0));
}

TEST(WipeSecretTest, OverwritesJustTheBytesNamed) {
  Bytes bytes(16, 0xff);
  WipeSecret(bytes.data() + 4, 8);
  EXPECT_EQ(bytes, (Bytes{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}));
}

// Conformance AH-30. The result for every position; that the time is the same is CRYPTO_memcmp's word.
TEST(EqualInConstantTimeTest, SeesADifferenceAnywhere) {
  const Bytes a(16, 0x5a);
  Bytes b = a;
  EXPECT_TRUE(EqualInConstantTime(a.data(), b.data(), a.size()));
  EXPECT_TRUE(EqualInConstantTime(a.data(), b.data(), 0));
  for (size_t bit = 0; bit < 8 * a.size(); ++bit) {
    b[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_FALSE(EqualInConstantTime(a.data(), b.data(), a.size())) << "bit " << bit;
    EXPECT_TRUE(EqualInConstantTime(a.data(), b.data(), bit / 8)) << "not asked about byte " << bit / 8;
    b = a;
  }
}

}  // namespace
}  // namespace dpvrrp
