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

TEST(GrammarTest, AnOptionIsNotGivenTwice) {
  EXPECT_EQ(ParseCommand(kOptions, "list x state a state b").status().message(), "expected port, got 'state'");
}

// Every option may follow every other one, so all orders would be 3.6 million ways to write this.
TEST(GrammarTest, ManyOptionsAreCheap) {
  constexpr CommandSpec kMany[] = {{"go [a A] [b B] [c C] [d D] [e E] [f F] [g G] [h H] [i I] [j J]", "ten options"}};
  const absl::StatusOr<ParsedCommand> parsed = ParseCommand(kMany, "go j 1 i 2 h 3 g 4 f 5 e 6 d 7 c 8 b 9 a 10");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->options.size(), 10u);
  EXPECT_EQ(parsed->options.at("a"), "10");
}

constexpr CommandSpec kTables[] = {{"show instances [state STATE]", "all", true}, {"show instance NAME", "one"}};

TEST(GrammarTest, ATableTakesTheViewOptionsWithOrWithoutDashes) {
  const auto view = [](absl::string_view line) {
    const absl::StatusOr<ParsedCommand> parsed = ParseCommand(kTables, line);
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    return parsed.ok() ? parsed->view : decltype(parsed->view)();
  };
  using View = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(view("show instances state master sort since limit 20"), (View{{"sort", "since"}, {"limit", "20"}}));
  EXPECT_EQ(view("show instances --columns a,b --limit=3"), (View{{"columns", "a,b"}, {"limit", "3"}}));
  EXPECT_EQ(view("--sort -name show instances"), (View{{"sort", "-name"}}));
  EXPECT_EQ(view("show instances where a=1 where b=2"), (View{{"where", "a=1"}, {"where", "b=2"}}));
  EXPECT_TRUE(ParseCommand(kTables, "show instances --wide")->wide);
}

TEST(GrammarTest, ViewOptionsOfOtherCommandsAreRefused) {
  const auto error = [](absl::string_view line) { return std::string(ParseCommand(kTables, line).status().message()); };
  EXPECT_EQ(error("show instance gw limit 3"), "unexpected word 'limit' after 'show instance gw'");
  EXPECT_EQ(error("show instance gw --limit 3"),
            "'show instance gw' has no flag '--limit', its flags are: --json --wide");
  EXPECT_EQ(error("show instances --limit"), "'--limit' needs a value");
  EXPECT_EQ(error("show instances --limits 3"), "expected one of: state where sort limit columns, got '3'");
  EXPECT_EQ(error("show instances limit 3 limit 4"), "expected one of: state where sort columns, got 'limit'");
}

TEST(GrammarTest, WhatFollowsDecidesBetweenAWordAndALongerOne) {
  EXPECT_EQ(ParseCommand(kTables, "show inst")->index, 0u);
  EXPECT_EQ(ParseCommand(kTables, "sh i state Master")->index, 0u);
  EXPECT_EQ(ParseCommand(kTables, "show inst limit 3")->index, 0u);
  EXPECT_EQ(ParseCommand(kTables, "show inst gw-1")->index, 1u);
  EXPECT_EQ(ParseCommand(kTables, "show inst \"state\"")->arguments, std::vector<std::string>{"state"});
}

TEST(GrammarTest, AnUnknownWordGetsASuggestion) {
  EXPECT_EQ(ErrorOf("shwo"), "expected one of: show set help, got 'shwo'; did you mean 'show'?");
  EXPECT_EQ(ErrorOf("show event --folow"),
            "'show event' has no flag '--folow', its flags are: --follow --json --wide; did you mean '--follow'?");
}

TEST(GrammarTest, ALongPatternHasItsHelpOnTheNextLine) {
  constexpr CommandSpec kLong[] = {{"show x", "short"}, {"show y [first FIRST] [second SECOND] [third THIRD]", "long"}};
  EXPECT_EQ(HelpText(kLong, {"show"}),
            "show x  short\n"
            "show y [first FIRST] [second SECOND] [third THIRD]\n"
            "        long\n");
  EXPECT_EQ(HelpText(kTables, {"show", "instances"}),
            "show instances [state STATE]  all\n"
            "\n"
            "Tables also take: [where CONDITION] [sort COLUMN] [limit ROWS] [columns COLUMNS] [--wide]\n");
}

TEST(GrammarTest, ErrorsNameTheBadWordAndWhatWasExpected) {
  EXPECT_EQ(ErrorOf("show foo"), "expected one of: status instances instance drops events, got 'foo'");
  EXPECT_EQ(ErrorOf("show"), "'show' is not complete, expected one of: status instances instance drops events");
  EXPECT_EQ(ErrorOf("show instance"), "'show instance' is not complete, expected NAME");
  EXPECT_EQ(ErrorOf("se instance lan x"), "expected one of: priority resign, got 'x'");
  EXPECT_EQ(ErrorOf("s status"), "'s' is ambiguous: show set");
  EXPECT_EQ(ErrorOf("show status now"), "unexpected word 'now' after 'show status'");
  EXPECT_EQ(ErrorOf("set instance lan colour 3"), "expected one of: priority resign, got 'colour'");
  EXPECT_EQ(ErrorOf("show status --follow"), "'show status' has no flag '--follow', its flags are: --json --wide");
  EXPECT_EQ(ErrorOf("show events --fast"), "'show events' has no flag '--fast', its flags are: --follow --json --wide");
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
