// SPDX-License-Identifier: BSD-3-Clause
#include "cli/grammar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "unit/cli/command_table.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string PatternOf(absl::string_view line) {
  const absl::StatusOr<ParsedCommand> parsed = ParseCommand(kTestCommands, line);
  return parsed.ok() ? std::string(kTestCommands[parsed->index].pattern) : parsed.status().ToString();
}

std::string ErrorOf(absl::string_view line) {
  const absl::StatusOr<ParsedCommand> parsed = ParseCommand(kTestCommands, line);
  if (parsed.ok()) return "parsed";
  EXPECT_TRUE(absl::IsInvalidArgument(parsed.status()));
  return std::string(parsed.status().message());
}

TEST(GrammarTest, ArgumentsComeInPatternOrder) {
  const absl::StatusOr<ParsedCommand> parsed = ParseCommand(kTestCommands, "set instance lan-30 priority 150");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(kTestCommands[parsed->index].pattern, "set instance NAME priority N");
  EXPECT_THAT(parsed->arguments, ElementsAre("lan-30", "150"));
  EXPECT_THAT(parsed->flags, IsEmpty());
  EXPECT_FALSE(parsed->json);
}

TEST(GrammarTest, KeywordsMayBeAbbreviatedWhileUnique) {
  EXPECT_EQ(PatternOf("sh st"), "show status");
  EXPECT_EQ(PatternOf("sh d"), "show drops");
  EXPECT_EQ(PatternOf("se i lan p 7"), "set instance NAME priority N");
}

TEST(GrammarTest, AWholeKeywordIsNotAmbiguousWithALongerOne) {
  EXPECT_EQ(PatternOf("show instance lan"), "show instance NAME");
  EXPECT_EQ(PatternOf("show instances"), "show instances");
}

TEST(GrammarTest, AWholeKeywordBeatsAParameterAndAnAbbreviatedOneDoesNot) {
  EXPECT_EQ(PatternOf("set instance all resign"), "set instance all resign");
  EXPECT_EQ(PatternOf("set instance al resign"), "set instance NAME resign");
  EXPECT_EQ(PatternOf("set instance \"all\" resign"), "set instance NAME resign");
}

TEST(GrammarTest, QuotedArgumentsMayHoldBlanksQuotesAndDashes) {
  const absl::StatusOr<ParsedCommand> parsed = ParseCommand(kTestCommands, R"(show instance "my \"big\" --json lan")");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_THAT(parsed->arguments, ElementsAre(R"(my "big" --json lan)"));
  EXPECT_FALSE(parsed->json);
  EXPECT_EQ(PatternOf("\"show\" status"), "INVALID_ARGUMENT: expected one of: show set help, got 'show'");
}

TEST(GrammarTest, FlagsMayStandAnywhereAndJsonIsEverywhere) {
  const absl::StatusOr<ParsedCommand> parsed = ParseCommand(kTestCommands, "--json show --follow events --follow");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(parsed->json);
  EXPECT_TRUE(parsed->HasFlag("--follow"));
  EXPECT_THAT(parsed->flags, ElementsAre("--follow"));
  EXPECT_TRUE(ParseCommand(kTestCommands, "help --json")->json);
}

constexpr CommandSpec kOptions[] = {{"list NAME [state STATE] [port PORT] [--all]", "some"}, {"list", "all"}};

TEST(GrammarTest, OptionsAreGivenOrNotInAnyOrder) {
  const auto options = [](absl::string_view line) {
    const absl::StatusOr<ParsedCommand> parsed = ParseCommand(kOptions, line);
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_THAT(parsed->arguments, ElementsAre("x"));
    EXPECT_EQ(parsed->index, 0u);
    return parsed.ok() ? parsed->options : std::map<std::string, std::string>();
  };
  using Options = std::map<std::string, std::string>;
  EXPECT_EQ(options("list x --all"), Options());
  EXPECT_EQ(options("list x port lan"), (Options{{"port", "lan"}}));
  EXPECT_EQ(options("list x port state st port"), (Options{{"port", "state"}, {"state", "port"}}));
  EXPECT_EQ(ParseCommand(kOptions, "list")->index, 1u);
}

TEST(GrammarTest, ABadOptionIsNamed) {
  const auto error = [](absl::string_view line) {
    return std::string(ParseCommand(kOptions, line).status().message());
  };
  EXPECT_EQ(error("list x colour red"), "expected one of: state port, got 'colour'");
  EXPECT_EQ(error("list x port"), "'list x port' is not complete, expected PORT");
  EXPECT_EQ(error("list x port lan port wan"), "expected state, got 'port'");
  EXPECT_EQ(HelpText(kOptions, {"list", "x"}), "list NAME [state STATE] [port PORT] [--all]  some\n");
}

TEST(GrammarTest, ErrorsNameTheBadWordAndWhatWasExpected) {
  EXPECT_EQ(ErrorOf("show foo"), "expected one of: status instances instance drops events, got 'foo'");
  EXPECT_EQ(ErrorOf("show"), "'show' is not complete, expected one of: status instances instance drops events");
  EXPECT_EQ(ErrorOf("show instance"), "'show instance' is not complete, expected NAME");
  EXPECT_EQ(ErrorOf("show i"), "'i' is ambiguous: instances instance");
  EXPECT_EQ(ErrorOf("show status now"), "unexpected word 'now' after 'show status'");
  EXPECT_EQ(ErrorOf("set instance lan colour 3"), "expected one of: priority resign, got 'colour'");
  EXPECT_EQ(ErrorOf("show status --follow"), "'show status' has no flag '--follow', its flags are: --json");
  EXPECT_EQ(ErrorOf("show events --fast"), "'show events' has no flag '--fast', its flags are: --follow --json");
  EXPECT_EQ(ErrorOf("show instance \"lan"), "a quote is not closed: '\"lan'");
  EXPECT_EQ(ErrorOf("  "), "no command given, expected one of: show set help");
}

TEST(GrammarTest, AnEmptyQuotedWordIsAnArgumentButNoKeyword) {
  EXPECT_EQ(PatternOf("show instance \"\""), "show instance NAME");
  EXPECT_EQ(ErrorOf("\"\""), "expected one of: show set help, got ''");
}

TEST(GrammarTest, BytesThatAreNoTextAreRefusedAndShownEscaped) {
  EXPECT_EQ(ErrorOf(absl::string_view("show \x1b[2J", 9)), "not a line of text: 'show \\x1b[2J'");
  EXPECT_EQ(ErrorOf("show \xff\xfe"), "not a line of text: 'show \\xff\\xfe'");
}

TEST(GrammarTest, HelpListsEveryCommandInTableOrder) {
  EXPECT_EQ(HelpText(kTestCommands),
            "show status                   the daemon in a few lines\n"
            "show instances                all instances\n"
            "show instance NAME            one instance in detail\n"
            "show drops                    why frames were dropped\n"
            "show events [--follow]        what happened lately\n"
            "set instance NAME priority N  change the priority\n"
            "set instance NAME resign      give up mastership\n"
            "set instance all resign       give up every mastership\n"
            "help                          this list\n"
            "\n"
            "Keywords may be abbreviated. Every command accepts --json.\n");
}

TEST(GrammarTest, HelpCanBeNarrowedByAbbreviatedWords) {
  EXPECT_EQ(HelpText(kTestCommands, {"sh", "ev"}), "show events [--follow]  what happened lately\n");
  EXPECT_EQ(HelpText(kTestCommands, {"fly"}), "expected one of: show set help, got 'fly'\n");
}

// Seeded: any bytes give a command, or an InvalidArgument with a message that can be shown on a terminal.
TEST(GrammarTest, AnyBytesAreAnsweredByACommandOrACleanError) {
  std::mt19937 random(4302);
  const std::string alphabet = "showinstacedrp \t\"\\-[]NAME\n\x01\x7f\x80\xc3\xa9\xff";
  for (int round = 0; round < 20'000; ++round) {
    std::string line;
    for (size_t i = random() % 24; i > 0; --i) line += alphabet[random() % alphabet.size()];
    const absl::StatusOr<ParsedCommand> parsed = ParseCommand(kTestCommands, line);
    if (parsed.ok()) continue;
    EXPECT_TRUE(absl::IsInvalidArgument(parsed.status())) << parsed.status();
    for (const char c : parsed.status().message()) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << parsed.status();
    Complete(kTestCommands, line, nullptr);
  }
}

}  // namespace
}  // namespace dpvrrp
