// SPDX-License-Identifier: BSD-3-Clause
#include "base/drop_reason.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace dpvrrp {
namespace {

TEST(DropReasonTest, EveryReasonHasItsOwnNameAndAMeaning) {
  std::set<std::string> names;
  for (const DropReasonInfo& row : AllDropReasons()) {
    EXPECT_TRUE(names.insert(std::string(row.name)).second) << row.name;
    EXPECT_FALSE(row.meaning.empty()) << row.name;
    EXPECT_EQ(&row - AllDropReasons().data(), static_cast<ptrdiff_t>(row.reason));
  }
  EXPECT_EQ(ToString(DropReason::kBadIcv), "bad-icv");
}

}  // namespace
}  // namespace dpvrrp
