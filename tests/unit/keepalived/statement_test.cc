// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/statement.h"

#include <gmock/gmock.h>

#include "absl/strings/str_join.h"
#include "import_text.h"

namespace dpvrrp::keepalived {
namespace {

using ::testing::ElementsAre;

// "a|b{c;d|e}": words of a statement are separated by |, statements by ;.
std::string TreeText(const std::vector<Statement>& statements) {
  std::vector<std::string> parts;
  for (const Statement& statement : statements) {
    parts.push_back(absl::StrCat(absl::StrJoin(statement.words, "|"),
                                 statement.has_block ? absl::StrCat("{", TreeText(statement.block), "}") : ""));
  }
  return absl::StrJoin(parts, ";");
}

absl::StatusOr<std::vector<Statement>> Parsed(const std::string& text) {
  const auto lines = ReadSource("f", "", ReaderOf({{"f", text}}));
  if (!lines.ok()) return lines.status();
  return ParseStatements(*lines);
}

std::string TreeOf(const std::string& text) {
  const auto statements = Parsed(text);
  return statements.ok() ? TreeText(*statements) : std::string(statements.status().message());
}

TEST(StatementTest, BracesStandOnTheSameLineOrTheNext) {
  EXPECT_EQ(TreeOf("a b {\nc\n}\nd\n{\ne f\n}\ng { h }\ni { j\nk }l\n"), "a|b{c};d{e|f};g{h};i{j;k};l");
  EXPECT_EQ(TreeOf("a{b{\nc\n}}"), "a{b{c}}");
  EXPECT_EQ(TreeOf("a\n# comment\n\n{\nb\n}\n"), "a{b}");
}

// Measured with keepalived 2.2.7, whose manual says otherwise: a single quotation mark and a backslash are ordinary,
// and a quotation ends the word before it.
TEST(StatementTest, DoubleQuotationMarksKeepBlanksAndVanish) {
  EXPECT_EQ(TreeOf("abcd \"efg h jkl\" mnop\n"), "abcd|efg h jkl|mnop");
  EXPECT_EQ(TreeOf("auth_pass ab\"cd\"ef\n"), "auth_pass|ab|cd|ef");
  EXPECT_EQ(TreeOf("a \"\" \"{ }\"\n"), "a||{ }");
  EXPECT_EQ(TreeOf("auth_pass it's\na 'b c'\nd \"e'f\\x41\"\n"), "auth_pass|it's;a|'b|c';d|e'f\\x41");
}

// keepalived.conf(5), Quoted strings.
TEST(StatementTest, CommandsHaveBothQuotationMarksAndEscapes) {
  EXPECT_EQ(TreeOf("script abcd\" efg h jkl \"mnop\n"), "script|abcd efg h jkl mnop");
  EXPECT_EQ(TreeOf("notify 'it\\'s' \"\\x41\\102\\t\\\\ \\cA\\q\"\n"), "notify|it's|AB\t\\ \x01q");
  EXPECT_EQ(TreeOf("notify_master /bin/echo\\ x\n"), "notify_master|/bin/echo x");
  EXPECT_EQ(TreeOf("x { script '/a b' }\n"), "x{script|/a b}");
}

TEST(StatementTest, AReferenceThatIsNotDefinedIsAWord) { EXPECT_EQ(TreeOf("a ${B}c $D\n"), "a|${B}c|$D"); }

TEST(StatementTest, CommentsStandAtTheirStatements) {
  const auto statements = Parsed("# one\n# two\na { # at a\n# three\nb # at b\n# end of a\n}\nc\n# last\n");
  ASSERT_TRUE(statements.ok());
  const Statement& a = (*statements)[0];
  EXPECT_THAT(a.comments, ElementsAre("one", "two"));
  EXPECT_EQ(a.comment, "at a");
  EXPECT_THAT(a.block[0].comments, ElementsAre("three"));
  EXPECT_EQ(a.block[0].comment, "at b");
  EXPECT_THAT(a.closing, ElementsAre("end of a"));
  EXPECT_THAT(statements->back().comments, ElementsAre("last"));
}

TEST(StatementTest, FaultsNameTheLine) {
  EXPECT_EQ(TreeOf("a {\nb\n"), "f:1: the block of a is not closed: a '}' is missing");
  EXPECT_EQ(TreeOf("a\n}\n"), "f:2: a '}' closes no block");
  EXPECT_EQ(TreeOf("{\n}\n"), "f:1: a '{' stands without a word before it");
  EXPECT_EQ(TreeOf("a \"b\nc\n"), "f:1: a quotation mark, \", is not closed");
}

}  // namespace
}  // namespace dpvrrp::keepalived
