// SPDX-License-Identifier: BSD-3-Clause
#include "base/glob.h"

#include <gtest/gtest.h>

#include <string>

namespace dpvrrp {
namespace {

TEST(GlobTest, APatternFitsTheWholeText) {
  EXPECT_TRUE(GlobMatches("gw-1", "gw-1"));
  EXPECT_FALSE(GlobMatches("gw-1", "gw-10"));
  EXPECT_TRUE(GlobMatches("gw-1*", "gw-1"));
  EXPECT_TRUE(GlobMatches("gw-1*", "gw-10"));
  EXPECT_TRUE(GlobMatches("gw-?", "gw-7"));
  EXPECT_FALSE(GlobMatches("gw-?", "gw-"));
  EXPECT_TRUE(GlobMatches("*-10", "gw-10-10"));
  EXPECT_TRUE(GlobMatches("g*-*0", "gw-a-b-0"));
  EXPECT_TRUE(GlobMatches("*-a-?", "a-b-a-c"));
  EXPECT_FALSE(GlobMatches("gw-1?", "gw-1"));
  EXPECT_FALSE(GlobMatches("gw-*", "xgw-1"));
  EXPECT_FALSE(GlobMatches("*-1", "gw-1x"));
  EXPECT_FALSE(GlobMatches("?", ""));
  EXPECT_TRUE(GlobMatches("**", ""));
  EXPECT_TRUE(GlobMatches("*", ""));
  EXPECT_TRUE(GlobMatches("", ""));
  EXPECT_FALSE(GlobMatches("", "a"));
}

TEST(GlobTest, CaseIsIgnoredOnRequest) {
  EXPECT_FALSE(GlobMatches("MAST*", "Master"));
  EXPECT_TRUE(GlobMatches("MAST*", "Master", true));
}

TEST(GlobTest, ManyStarsTakeLittleTime) {
  const std::string text(4000, 'a');
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "a*";
  EXPECT_FALSE(GlobMatches(pattern + "b", text));
}

}  // namespace
}  // namespace dpvrrp
