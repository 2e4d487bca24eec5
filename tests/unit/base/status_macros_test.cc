// SPDX-License-Identifier: BSD-3-Clause
#include "base/status_macros.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

namespace dpvrrp {
namespace {

absl::StatusOr<int> Parse(int value) {
  if (value < 0) return absl::InvalidArgumentError("negative");
  return value;
}

absl::Status Check(int value) { return Parse(value).status(); }

absl::StatusOr<std::map<int, int>> Pair(int key, int value) { return std::map<int, int>{{key, value}}; }

absl::StatusOr<std::unique_ptr<int>> Own(int value) {
  DPVRRP_RETURN_IF_ERROR(Check(value));
  return std::make_unique<int>(value);
}

absl::StatusOr<int> Sum(int a, int b) {
  int sum = 0;
  DPVRRP_ASSIGN_OR_RETURN(sum, Parse(a));
  DPVRRP_ASSIGN_OR_RETURN(const int more, Parse(b));
  return sum + more;
}

TEST(StatusMacrosTest, AnErrorIsReturnedAsItIs) {
  EXPECT_EQ(Sum(-1, 2).status(), absl::InvalidArgumentError("negative"));
  EXPECT_EQ(Sum(1, -2).status(), absl::InvalidArgumentError("negative"));
  EXPECT_EQ(Own(-1).status(), absl::InvalidArgumentError("negative"));
}

TEST(StatusMacrosTest, AValueIsAssigned) {
  ASSERT_TRUE(Sum(1, 2).ok());
  EXPECT_EQ(*Sum(1, 2), 3);
}

TEST(StatusMacrosTest, AValueThatOnlyMovesIsMoved) {
  const auto twice = []() -> absl::StatusOr<int> {
    DPVRRP_ASSIGN_OR_RETURN(const std::unique_ptr<int> owned, Own(21));
    return *owned * 2;
  };
  EXPECT_EQ(*twice(), 42);
}

TEST(StatusMacrosTest, AnExpressionMayHaveCommas) {
  const auto size = []() -> absl::StatusOr<size_t> {
    DPVRRP_ASSIGN_OR_RETURN(const auto pair, Pair(1, 2));
    DPVRRP_RETURN_IF_ERROR(std::map<int, int>{{1, 2}}.empty() ? absl::InternalError("empty") : absl::OkStatus());
    return pair.size();
  };
  EXPECT_EQ(*size(), 1u);
}

TEST(StatusMacrosTest, AStatusIsEvaluatedOnce) {
  int calls = 0;
  const auto call = [&]() -> absl::Status {
    DPVRRP_RETURN_IF_ERROR((++calls, absl::OkStatus()));
    return absl::OkStatus();
  };
  EXPECT_TRUE(call().ok());
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace dpvrrp
