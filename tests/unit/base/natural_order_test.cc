// SPDX-License-Identifier: BSD-3-Clause
#include "base/natural_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end(), NaturalLess());
  return names;
}

TEST(NaturalLessTest, NumbersCountAsNumbers) {
  EXPECT_THAT(Sorted({"gw-10", "gw-2", "gw-1", "gw"}), ElementsAre("gw", "gw-1", "gw-2", "gw-10"));
  EXPECT_THAT(Sorted({"v100-20", "v100-3", "v20-100"}), ElementsAre("v20-100", "v100-3", "v100-20"));
  EXPECT_THAT(Sorted({"sub-100.10", "sub-100.9", "sub-99.400"}), ElementsAre("sub-99.400", "sub-100.9", "sub-100.10"));
}

TEST(NaturalLessTest, ANumberOfAnyLength) {
  EXPECT_THAT(Sorted({"a100000000000000000000000000002", "a100000000000000000000000000001", "a9"}),
              ElementsAre("a9", "a100000000000000000000000000001", "a100000000000000000000000000002"));
}

TEST(NaturalLessTest, LeadingZerosDecideLast) {
  EXPECT_THAT(Sorted({"gw-2", "gw-002", "gw-02", "gw-1", "gw-003"}),
              ElementsAre("gw-1", "gw-002", "gw-02", "gw-2", "gw-003"));
  EXPECT_THAT(Sorted({"gw-0", "gw-00", "gw-000-a"}), ElementsAre("gw-0", "gw-00", "gw-000-a"));
}

TEST(NaturalLessTest, TextAndNumbers) {
  EXPECT_THAT(Sorted({"b", "a", "B", "1", "a-1", "a1"}), ElementsAre("1", "B", "a", "a-1", "a1", "b"));
}

// A map needs this of every pair and triple.
TEST(NaturalLessTest, IsAStrictOrderOfDifferentNames) {
  const std::vector<std::string> names = {"",    "0",   "00",   "1",    "01",    "a",   "a0",  "a00", "a1",
                                          "a01", "a1b", "a01b", "a1b2", "a01b1", "a10", "a-1", "b",   "0a"};
  const NaturalLess less;
  for (const std::string& a : names) {
    for (const std::string& b : names) {
      EXPECT_EQ(less(a, b) + less(b, a), a == b ? 0 : 1) << a << " and " << b;
      for (const std::string& c : names) {
        EXPECT_FALSE(less(a, b) && less(b, c) && !less(a, c)) << a << " " << b << " " << c;
      }
    }
  }
}

}  // namespace
}  // namespace dpvrrp
