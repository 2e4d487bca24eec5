// SPDX-License-Identifier: BSD-3-Clause
#include "config/duration.h"

#include <gtest/gtest.h>

namespace dpvrrp::config_internal {
namespace {

TEST(DurationTest, KnowsFourUnits) {
  EXPECT_EQ(*ParseDuration("7ns"), std::chrono::nanoseconds(7));
  EXPECT_EQ(*ParseDuration("50us"), std::chrono::microseconds(50));
  EXPECT_EQ(*ParseDuration("100ms"), std::chrono::milliseconds(100));
  EXPECT_EQ(*ParseDuration("255s"), std::chrono::seconds(255));
  EXPECT_EQ(*ParseDuration("0s"), Nanoseconds(0));
  EXPECT_EQ(*DurationOfSeconds(3), std::chrono::seconds(3));
}

TEST(DurationTest, RefusesATextThatIsNoDuration) {
  for (const char* text : {"", "1", "s", "1 s", " 1s", "1s ", "1.5s", "-1s", "+1s", "1m", "1S", "1ms1"}) {
    EXPECT_EQ(ParseDuration(text).status().message(), "must be a whole number and a unit, ns, us, ms or s") << text;
  }
  EXPECT_EQ(DurationOfSeconds(-1).status().message(), "must not be negative");
}

TEST(DurationTest, RefusesWhatNanosecondsCannotHold) {
  EXPECT_EQ(*ParseDuration("9223372036s"), std::chrono::seconds(9223372036));
  for (const char* text : {"9223372037s", "99999999999999999999ns", "9223372036854775807us"}) {
    EXPECT_EQ(ParseDuration(text).status().message(), "must be less than 292 years") << text;
  }
  EXPECT_FALSE(DurationOfSeconds(INT64_MAX).ok());
}

}  // namespace
}  // namespace dpvrrp::config_internal
