// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/source.h"

#include <gmock/gmock.h>

#include "import_text.h"

namespace dpvrrp::keepalived {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// "FILE:LINE TEXT" of all lines that are statements.
std::vector<std::string> LinesOf(const Files& files, const std::string& first, const std::string& id = "gw-b") {
  const auto lines = ReadSource(first, id, ReaderOf(files));
  if (!lines.ok()) return {std::string(lines.status().message())};
  std::vector<std::string> out;
  for (const SourceLine& line : *lines) {
    if (!line.text.empty() && !line.note) out.push_back(absl::StrCat(line.at.file, ":", line.at.line, " ", line.text));
  }
  return out;
}

std::vector<std::string> LinesOf(const std::string& text) { return LinesOf({{"f", text}}, "f"); }

TEST(SourceTest, CommentsBeginAtHashAndBangOutsideOfQuotationMarks) {
  EXPECT_THAT(LinesOf("a # b\n! c\nd !e\n\"f # g\" 'h ! i' # j\nk\"\\\"#\"\n"),
              ElementsAre("f:1 a", "f:3 d", "f:4 \"f # g\" 'h", "f:5 k\"\\\"#\""));
}

TEST(SourceTest, CommentsAreKeptWithoutTheirMark) {
  const auto lines = ReadSource("f", "", ReaderOf({{"f", "### head\na b  #  tail \n!\n"}}));
  ASSERT_TRUE(lines.ok());
  EXPECT_EQ((*lines)[0].comment, "head");
  EXPECT_EQ((*lines)[1].comment, " tail");
  EXPECT_FALSE((*lines)[1].comment_glued);
}

TEST(SourceTest, ACommentShowsNoPassword) {
  const auto lines = ReadSource("f", "", ReaderOf({{"f", "# auth_pass old secret\nauth_pass ab!cd\n"}}));
  ASSERT_TRUE(lines.ok());
  EXPECT_EQ((*lines)[0].comment, "auth_pass ***");
  EXPECT_EQ((*lines)[1].comment, "");
  EXPECT_TRUE((*lines)[1].comment_glued);
}

TEST(SourceTest, ConditionsCompareTheConfigId) {
  const std::string text = "@gw-a one\n@gw-b two\n@^gw-a three\n@^gw-b four\n@gw-b @^gw-a five\n";
  EXPECT_THAT(LinesOf(text), ElementsAre("f:2 two", "f:3 three", "f:5 five"));
  EXPECT_THAT(LinesOf({{"f", text}}, "f", "gw-a"), ElementsAre("f:1 one", "f:4 four"));
}

// keepalived.conf(5): the replacement happens where the name is used, not where it is defined.
TEST(SourceTest, DefinitionsAreReplacedLateAndRecursively) {
  EXPECT_THAT(LinesOf("$BASE=10.2.${SUB}\n$SUB=0\n${BASE}.100/32\n$SUB=10\n${BASE}.100/32\n${NONE}.1 $X\n"),
              ElementsAre("f:3 10.2.0.100/32", "f:5 10.2.10.100/32", "f:6 ${NONE}.1 $X"));
}

TEST(SourceTest, DefinitionsOfSeveralLinesHaveConditionsAndDefinitionsInside) {
  EXPECT_THAT(LinesOf("$I= \\\nvrrp_instance V${N} { \\\n@gw-a priority 1 \\\n\n@gw-b priority 2 \\\n$M=${N}0 \\\n"
                      "id $M \\\n}\n$N=1\n$I\n$N=2\n$I\n"),
              ElementsAre("f:10 vrrp_instance V1 {", "f:10 priority 2", "f:10 id 10", "f:10 }",
                          "f:12 vrrp_instance V2 {", "f:12 priority 2", "f:12 id 20", "f:12 }"));
}

TEST(SourceTest, SequencesAndListsNest) {
  EXPECT_THAT(LinesOf("~LST(A, 1, 2) ~SEQ(B, 5, 6) 10.${A}.${B}.0\n"),
              ElementsAre("f:1 10.1.5.0", "f:1 10.1.6.0", "f:1 10.2.5.0", "f:1 10.2.6.0"));
}

TEST(SourceTest, PredefinedNames) {
  EXPECT_THAT(LinesOf({{"/etc/k/f", "${_PWD}/x ${_INSTANCE} a${_HASH}b${_BANG}c\n"}}, "/etc/k/f"),
              ElementsAre("/etc/k/f:1 /etc/k/x gw-b a#b!c"));
}

TEST(SourceTest, IncludedFilesAreRelativeToTheFileThatNamesThem) {
  const Files files = {{"/k/a", "include sub/*\nafter\n"},
                       {"/k/sub/1", "one\ninclude /k/b\n"},
                       {"/k/b", "bee ${_PWD}\n"},
                       {"/k/sub/2", "two\n"}};
  EXPECT_THAT(LinesOf(files, "/k/a"), ElementsAre("/k/sub/1:1 one", "/k/b:1 bee /k", "/k/sub/2:1 two", "/k/a:2 after"));
}

TEST(SourceTest, AFileThatIsMissingIsReported) {
  const auto lines = ReadSource("f", "", ReaderOf({{"f", "include gone.conf\ninclude gone/*\n"}}));
  ASSERT_TRUE(lines.ok());
  EXPECT_EQ((*lines)[0].note->verdict, Verdict::kDecide);
  EXPECT_EQ((*lines)[1].note->verdict, Verdict::kDropped);
}

}  // namespace
}  // namespace dpvrrp::keepalived
