// SPDX-License-Identifier: BSD-3-Clause
#include "config/number_set.h"

#include <gmock/gmock.h>

namespace dpvrrp::config_internal {
namespace {

using ::testing::ElementsAre;

TEST(NumberSetTest, RangesAndNumbersInTheOrderWritten) {
  EXPECT_THAT(*ParseNumberSet("7", 1, 4094), ElementsAre(7));
  EXPECT_THAT(*ParseNumberSet("3-5", 1, 4094), ElementsAre(3, 4, 5));
  EXPECT_THAT(*ParseNumberSet("200, 1 - 2,4094", 1, 4094), ElementsAre(200, 1, 2, 4094));
  EXPECT_EQ(ParseNumberSet("1-4094", 1, 4094)->size(), 4094u);
}

TEST(NumberSetTest, FaultsNameTheItemAndTheRule) {
  const struct {
    const char *text, *fault;
  } kCases[] = {
      {"", "must be numbers and ranges, such as \"100-163,200\""},
      {"all", "must be numbers and ranges, such as \"100-163,200\""},
      {"-5", "must be numbers and ranges, such as \"100-163,200\""},
      {"1,", "'' must be numbers and ranges, such as \"100-163,200\""},
      {"1,2-3-4", "'2-3-4' must be numbers and ranges, such as \"100-163,200\""},
      {"123456", "must be numbers and ranges, such as \"100-163,200\""},
      {"1, 0-9", "' 0-9' must lie in 1..255"},
      {"250-256", "must lie in 1..255"},
      {"9-3", "must ascend: write the lower end first"},
      {"1-9,5", "5 is given twice"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(ParseNumberSet(c.text, 1, 255).status().message(), c.fault) << c.text;
  }
}

}  // namespace
}  // namespace dpvrrp::config_internal
