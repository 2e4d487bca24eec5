// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>

#include "script_text.h"

namespace dpvrrp {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

template <typename Kind>
Kind Only(const ScriptResult& result) {
  EXPECT_EQ(FaultsOf(result), "");
  EXPECT_THAT(result.statements, SizeIs(1));
  return std::get<Kind>(result.statements.at(0).what);
}

TEST(ScriptTest, ALineIsACommandOfTheGrammar) {
  EXPECT_EQ(Only<statement::Run>(ParseText("  show status\r\n\n")).command, "show status");
}

TEST(ScriptTest, ACommentMayHaveAnOpenQuote) {
  const ScriptResult result = ParseText("# it's \"so\nshow ports # the \"ports\necho a#b \"# c\"\n");
  EXPECT_EQ(FaultsOf(result), "");
  ASSERT_THAT(result.statements, SizeIs(2));
  EXPECT_EQ(result.statements[0].text, "show ports");
  EXPECT_EQ(std::get<statement::Echo>(result.statements[1].what).text, "a#b # c");
}

TEST(ScriptTest, AnExpressionIsACommandAFieldAnOperatorAndAValue) {
  const auto terms = Only<statement::Expect>(ParseText("expect show instance \"a b\" state == Master")).terms;
  ASSERT_THAT(terms, SizeIs(1));
  EXPECT_EQ(terms[0].command, "show instance \"a b\"");
  EXPECT_EQ(terms[0].comparison.field, "state");
  EXPECT_EQ(terms[0].comparison.value, "Master");
}

TEST(ScriptTest, CountsHaveConditionsAndTermsAreJoinedByAnd) {
  const auto wait = Only<statement::WaitUntil>(ParseText(
      "wait until count(show ports where link == up and name =~ ^p) >= 2 and show status master == 4 within 5s"));
  ASSERT_THAT(wait.terms, SizeIs(2));
  EXPECT_TRUE(wait.terms[0].counts);
  EXPECT_EQ(wait.terms[0].command, "show ports");
  ASSERT_THAT(wait.terms[0].where, SizeIs(2));
  EXPECT_EQ(wait.terms[0].where[1].field, "name");
  EXPECT_EQ(wait.terms[1].command, "show status");
  EXPECT_EQ(wait.within, std::chrono::seconds(5));
}

TEST(ScriptTest, EveryFaultNamesItsPlaceTheValueAndTheRule) {
  const struct {
    const char* line;
    const char* fault;
  } rows[] = {
      {"dance", "lab.cmds:1:1: expected one of: show resign, got 'dance'"},
      {"  sleep 3", "lab.cmds:1:9: time '3': must be a whole number and a unit"},
      {"sleep 25000h", "lab.cmds:1:7: time '25000h'"},
      {"sleep 90000s", "lab.cmds:1:7: time '90000s': must be at most 24 h"},
      {"sleep", "lab.cmds:1:1: sleep needs one time"},
      {"expect", "lab.cmds:1:7: an expression is missing"},
      {"expect show status master", "lab.cmds:1:8: 'show status master': expected an operator"},
      {"expect show status master==4", "expected an operator (== != < <= > >= =~) between blanks"},
      {"expect resign gw text == done", "lab.cmds:1:8: resign changes something"},
      {"expect master == 4", "lab.cmds:1:8: a command and a field must stand before the operator"},
      {"expect show status master ==", "lab.cmds:1:27: no value after '=='"},
      {"expect show status master == 4 5", "lab.cmds:1:32: expected 'and' or the end of the expression, got '5'"},
      {"expect show status master > many", "lab.cmds:1:29: 'many': must be a number to be compared so"},
      {"expect show status version =~ (", "lab.cmds:1:31: '(': is no POSIX extended regular expression"},
      {"expect show status master == 4 and", "an expression is missing"},
      {"expect show stat master == 4 and show foo x == 1", "lab.cmds:1:34: expected one of"},
      {"expect count(show ports >= 1", "lab.cmds:1:8: the parenthesis of count( is not closed"},
      {"expect count(show ports) >= x", "lab.cmds:1:29: "},
      {"expect count(show ports)", "count(...) needs an operator"},
      {"expect count(show ports where link) == 1", "where needs a column"},
      {"expect count(show ports where a == 1 or) == 1", "lab.cmds:1:38: expected 'and' or ')', got 'or'"},
      {"expect count(dance) == 1", "lab.cmds:1:14: expected one of"},
      {"expect count() == 1", "count( needs a command"},
      {"expect fails", "expect fails needs a command"},
      {"expect fails dance", "lab.cmds:1:14: expected one of"},
      {"wait show status master == 4", "write: wait until EXPRESSION within TIME"},
      {"wait until show status master == 4", "wait until needs a limit at its end"},
      {"wait until within 5s", "an expression is missing"},
      {"echo \"open", "a quote is not closed"},
      {"quit now", "lab.cmds:1:6: quit takes no arguments"},
      {"include", "include needs one file"},
      {"include other.cmds", "lab.cmds:1:1: 'other.cmds': cannot read the file: No such file or directory"},
  };
  for (const auto& [line, fault] : rows) {
    const ScriptResult result = ParseText(line);
    EXPECT_THAT(result.errors, SizeIs(1)) << line;
    EXPECT_THAT(FaultsOf(result), HasSubstr(fault)) << line;
  }
}

TEST(ScriptTest, AllFaultsOfAllFilesAreReported) {
  const ScriptResult result =
      ParseFiles({{"lab.cmds", "dance\ninclude parts/a.cmds\nsleep\n"}, {"parts/a.cmds", "show ports\nsing\n"}});
  EXPECT_THAT(FaultsOf(result), HasSubstr("lab.cmds:1:1: "));
  EXPECT_THAT(FaultsOf(result), HasSubstr("parts/a.cmds:2:1: "));
  EXPECT_THAT(FaultsOf(result), HasSubstr("lab.cmds:3:1: "));
}

TEST(ScriptTest, AnIncludedFileStandsInItsPlaceAndMayComeTwice) {
  const ScriptResult result = ParseFiles(
      {{"a/lab.cmds", "show status\ninclude \"part.cmds\"\ninclude part.cmds\n"}, {"a/part.cmds", "show ports\n"}},
      "a/lab.cmds");
  EXPECT_EQ(FaultsOf(result), "");
  ASSERT_THAT(result.statements, SizeIs(3));
  EXPECT_EQ(result.statements[2].file, "a/part.cmds");
}

TEST(ScriptTest, AnIncludeLoopIsAFault) {
  const ScriptResult result = ParseFiles({{"lab.cmds", "include x/../b.cmds\n"},
                                          {"x/../b.cmds", "\ninclude lab.cmds\n"},
                                          {"x/../lab.cmds", "include b.cmds\n"}});
  EXPECT_EQ(FaultsOf(result),
            "x/../b.cmds:2:1: include 'x/../lab.cmds': the file includes itself: lab.cmds -> b.cmds -> lab.cmds\n");
}

// Two includes in each of 16 files would be 65,536 files.
TEST(ScriptTest, TheNumberOfIncludedFilesHasABound) {
  Files files;
  for (int i = 0; i < 15; ++i) {
    const std::string next = absl::StrCat("include ", i + 1, "\n");
    files[absl::StrCat(i)] = next + next;
  }
  files["15"] = "";
  const ScriptResult result = ParseFiles(files, "0");
  EXPECT_THAT(result.errors, SizeIs(1));
  EXPECT_THAT(FaultsOf(result), HasSubstr("more than 1000 files are included"));
}

TEST(ScriptTest, TheFirstFileThatIsMissingIsNamed) {
  EXPECT_EQ(FaultsOf(ParseFiles({}, "gone.cmds")),
            "gone.cmds:1:1: 'gone.cmds': cannot read the file: No such file or directory\n");
}

TEST(ScriptTest, AFileHasABound) {
  EXPECT_THAT(FaultsOf(ParseText(std::string(kMaxScriptBytes + 1, '\n'))), HasSubstr("at most 1048576 are read"));
  std::string many;
  for (size_t i = 0; i <= kMaxScriptStatements; ++i) many += "quit\n";
  const ScriptResult result = ParseText(many);
  EXPECT_THAT(result.errors, SizeIs(1));
  EXPECT_THAT(FaultsOf(result), HasSubstr("more than 100000 statements"));
}

}  // namespace
}  // namespace dpvrrp
