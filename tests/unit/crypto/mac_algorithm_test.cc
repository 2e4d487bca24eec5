// SPDX-License-Identifier: BSD-3-Clause
#include "crypto/mac_algorithm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "crypto/published_vectors.h"

namespace dpvrrp {
namespace {

using ::testing::Optional;

TEST(MacAlgorithmTest, EveryRowHasItsOwnNameAndIsFoundByIt) {
  std::set<std::string> names;
  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    EXPECT_TRUE(names.insert(std::string(row.name)).second) << row.name;
    EXPECT_THAT(FindMacAlgorithm(row.name), Optional(row.algorithm));
    EXPECT_EQ(InfoOf(row.algorithm).name, row.name);
    EXPECT_FALSE(row.source.empty());
  }
}

TEST(MacAlgorithmTest, AnUnknownNameIsNotFound) {
  for (const char* name : {"", "hmac-md5", "HMAC-MD5-96", "hmac-md5-96 "}) {
    EXPECT_EQ(FindMacAlgorithm(name), std::nullopt) << name;
  }
}

// Conformance; RFC 2403, 2404, 4868 2.6, 4494 2, 4543 4.
TEST(MacAlgorithmTest, LengthsAreTheRfcs) {
  const auto expect = [](MacAlgorithm algorithm, size_t icv_bytes, size_t key_bytes) {
    EXPECT_EQ(InfoOf(algorithm).icv_bytes, icv_bytes) << InfoOf(algorithm).name;
    EXPECT_EQ(InfoOf(algorithm).key_bytes, key_bytes) << InfoOf(algorithm).name;
  };
  expect(MacAlgorithm::kHmacMd5_96, 12, 16);
  expect(MacAlgorithm::kHmacSha1_96, 12, 20);
  expect(MacAlgorithm::kHmacSha256_128, 16, 32);
  expect(MacAlgorithm::kHmacSha384_192, 24, 48);
  expect(MacAlgorithm::kHmacSha512_256, 32, 64);
  expect(MacAlgorithm::kAes128Cmac_96, 12, 16);
  expect(MacAlgorithm::kAes128Gmac, 24, 20);
  expect(MacAlgorithm::kAes256Gmac, 24, 36);
}

TEST(MacAlgorithmTest, EveryRowHasAPublishedVector) {
  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    const auto vectors = internal::AllPublishedVectors();
    EXPECT_TRUE(std::any_of(vectors.begin(), vectors.end(), [&](const auto& v) {
      return v.algorithm == row.algorithm;
    })) << row.name;
  }
}

}  // namespace
}  // namespace dpvrrp
