// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/definitions.h"

#include <gmock/gmock.h>

namespace dpvrrp::keepalived {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(DefinitionTest, IsADollarANameAndAnEqualsSign) {
  EXPECT_EQ(ParseDefinition("$A_1=x y")->name, "A_1");
  EXPECT_EQ(ParseDefinition("$A_1=x y")->value, "x y");
  EXPECT_EQ(ParseDefinition("$A=")->value, "");
  EXPECT_FALSE(ParseDefinition("$1A=x").has_value());
  EXPECT_FALSE(ParseDefinition("$A =x").has_value());
  EXPECT_FALSE(ParseDefinition("A=x").has_value());
}

TEST(DefinitionTest, ANameWithoutBracesNeedsABlankBehindIt) {
  Definitions definitions;
  definitions.Set("A", "1");
  EXPECT_EQ(definitions.ReplaceFirst("priority $A"), "priority 1");
  EXPECT_EQ(definitions.ReplaceFirst("x $A y"), "x 1 y");
  EXPECT_EQ(definitions.ReplaceFirst("10.${A}.0.1"), "10.1.0.1");
  EXPECT_FALSE(definitions.ReplaceFirst("10.$A.0.1").has_value());
  EXPECT_FALSE(definitions.ReplaceFirst("$B ${B} $ ${A").has_value());
  EXPECT_EQ(definitions.ReplaceFirst("$B $A"), "$B 1");
}

std::vector<std::string> RoundsOf(const std::string& line) {
  const auto found = ParseRepetition(line, 1000);
  if (!found.ok()) return {std::string(found.status().message())};
  std::vector<std::string> rounds;
  for (const std::vector<std::string>& round : (**found).rounds) {
    std::string text;
    for (const std::string& value : round) text += (text.empty() ? "" : "/") + value;
    rounds.push_back(text);
  }
  return rounds;
}

// The examples of keepalived.conf(5).
TEST(RepetitionTest, SequencesOfTheManual) {
  EXPECT_THAT(RoundsOf("~SEQ(SUBNET, 0, 3) x"), ElementsAre("0", "1", "2", "3"));
  EXPECT_THAT(RoundsOf("~SEQx(SUBNET, 144, 16, 192) x"), ElementsAre("90", "a0", "b0", "c0"));
  EXPECT_THAT(RoundsOf("~SEQx(S, 0x12, -1, 0x0f) x"), ElementsAre("12", "11", "10", "f"));
  EXPECT_THAT(RoundsOf("~SEQ(N, 3)"), ElementsAre("1", "2", "3"));
  EXPECT_THAT(RoundsOf("~SEQ(N, 3, 1)"), ElementsAre("3", "2", "1"));
}

TEST(RepetitionTest, ListsOfTheManual) {
  EXPECT_THAT(RoundsOf("~LST(IP, 1, 2, 3) x"), ElementsAre("1", "2", "3"));
  EXPECT_THAT(RoundsOf("~LST({IP, IP1}, {10,1},{20,4}) x"), ElementsAre("10/1", "20/4"));
}

TEST(RepetitionTest, FaultsAreNamed) {
  EXPECT_THAT(RoundsOf("~SEQ(N, 1, 0, 5)"), ElementsAre(HasSubstr("step must not be 0")));
  EXPECT_THAT(RoundsOf("~SEQ(N, 1, x)"), ElementsAre(HasSubstr("~SEQ must be")));
  EXPECT_THAT(RoundsOf("~SEQ(N, 1, 2000)"), ElementsAre(HasSubstr("too many lines")));
  EXPECT_THAT(RoundsOf("~SEQ(N, 1, 2"), ElementsAre(HasSubstr("no ')'")));
  EXPECT_THAT(RoundsOf("~LST({A, B}, {1, 2}, {3})"), ElementsAre(HasSubstr("must have 2 values")));
}

}  // namespace
}  // namespace dpvrrp::keepalived
