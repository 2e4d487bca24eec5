// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/grammar.h"
#include "unit/cli/command_table.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Candidates(absl::string_view line) {
  return Complete(kTestCommands, line, [](absl::string_view parameter) -> std::vector<std::string> {
    if (parameter == "NAME") return {"wan", "lan-30", "lan-40", "my lan", "all", "--odd"};
    return {};
  });
}

TEST(CompleteTest, AnEmptyLineOffersTheFirstWords) { EXPECT_THAT(Candidates(""), ElementsAre("help", "set", "show")); }

TEST(CompleteTest, AWordBeingTypedIsMatchedByItsBeginning) {
  EXPECT_THAT(Candidates("s"), ElementsAre("set", "show"));
  EXPECT_THAT(Candidates("show inst"), ElementsAre("instance", "instances"));
  EXPECT_THAT(Candidates("show status"), ElementsAre("status"));
}

TEST(CompleteTest, ABlankBeginsTheNextWord) {
  EXPECT_THAT(Candidates("show "), ElementsAre("drops", "events", "instance", "instances", "status"));
  EXPECT_THAT(Candidates("sh "), ElementsAre("drops", "events", "instance", "instances", "status"));
}

TEST(CompleteTest, ParametersAreOfferedAsTheyMustBeTyped) {
  EXPECT_THAT(Candidates("show instance "), ElementsAre("\"--odd\"", "\"my lan\"", "all", "lan-30", "lan-40", "wan"));
  EXPECT_THAT(Candidates("show instance la"), ElementsAre("lan-30", "lan-40"));
  EXPECT_THAT(Candidates("show instance \"my l"), ElementsAre("\"my lan\""));
  EXPECT_THAT(Candidates("set instance \"my lan\" p"), ElementsAre("priority"));
}

TEST(CompleteTest, AValueThatLooksLikeAKeywordIsQuoted) {
  EXPECT_THAT(Candidates("set instance a"), ElementsAre("\"all\"", "all"));
}

TEST(CompleteTest, FlagsAreOfferedWhenTheCommandIsCompleteOrADashIsTyped) {
  EXPECT_THAT(Candidates("show events "), ElementsAre("--follow"));
  EXPECT_THAT(Candidates("show events --follow "), IsEmpty());
  EXPECT_THAT(Candidates("show events --"), ElementsAre("--follow", "--json", "--wide"));
  EXPECT_THAT(Candidates("show status -"), ElementsAre("--json", "--wide"));
  EXPECT_THAT(Candidates("show status --json --j"), IsEmpty());
}

TEST(CompleteTest, NonsenseHasNoCandidates) {
  EXPECT_THAT(Candidates("fly "), IsEmpty());
  EXPECT_THAT(Candidates("s "), IsEmpty());  // ambiguous
  EXPECT_THAT(Candidates("show status more "), IsEmpty());
  EXPECT_THAT(Candidates("show \x01"), IsEmpty());
}

TEST(CompleteTest, NoProviderMeansNoValues) {
  EXPECT_THAT(Complete(kTestCommands, "show instance ", nullptr), IsEmpty());
}

TEST(CompleteTest, AnAbbreviationOfTwoWordsOffersWhatFollowsEither) {
  EXPECT_THAT(Candidates("show inst l"), ElementsAre("lan-30", "lan-40"));
}

TEST(CompleteTest, TheOptionsOfATableAreOffered) {
  constexpr CommandSpec kTables[] = {{"show x [state STATE]", "all", true}};
  const auto offered = [&](absl::string_view line) { return Complete(kTables, line, nullptr); };
  EXPECT_THAT(offered("show x "), ElementsAre("columns", "limit", "sort", "state", "where"));
  EXPECT_THAT(offered("show x limit 3 s"), ElementsAre("sort", "state"));
  EXPECT_THAT(offered("show x --limit 3 c"), ElementsAre("columns"));
}

// Whatever completion offers must be understood by the parser at that place.
TEST(CompleteTest, EveryCandidateIsAccepted) {
  for (const std::string line : {"", "show ", "show instance ", "set instance ", "set instance all ", "show events "}) {
    for (const std::string& candidate : Candidates(line)) {
      const absl::StatusOr<ParsedCommand> parsed = ParseCommand(kTestCommands, line + candidate);
      EXPECT_TRUE(parsed.ok() || parsed.status().message().find("is not complete") != absl::string_view::npos)
          << line << candidate << ": " << parsed.status();
    }
  }
}

}  // namespace
}  // namespace dpvrrp
