// SPDX-License-Identifier: BSD-3-Clause
#include "cli/line_editor.h"

#include <gmock/gmock.h>

#include <utility>

namespace dpvrrp {
namespace {

using Event = LineEditor::Event;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LineEditorTest : public testing::Test {
 protected:
  void Type(const std::string& bytes) {
    for (const char byte : bytes) {
      last = editor.Type(byte);
      if (last == Event::kLine) lines.push_back(editor.TakeLine());
    }
    shown += editor.TakeOutput();
  }

  LineEditor editor{"> "};
  Event last = Event::kNone;
  std::vector<std::string> lines;
  std::string shown;
};

TEST_F(LineEditorTest, WhatIsTypedAtTheEndIsShownOnce) {
  Type("show status\r");
  EXPECT_THAT(lines, ElementsAre("show status"));
  EXPECT_EQ(shown, "show status\n");
}

TEST_F(LineEditorTest, BackspaceDeletesAWholeCharacter) {
  Type("caf\xc3\xa9\x7f\x7fx\r");
  EXPECT_THAT(lines, ElementsAre("cax"));
}

TEST_F(LineEditorTest, TheCursorMoves) {
  Type("ad\x1b[Dbc\x1b[C\x1b[C!\x01_\x05?\r");
  EXPECT_THAT(lines, ElementsAre("_abcd!?"));
  Type("abc\x1b[H\x1b[3~\x1bOF.\r");
  EXPECT_THAT(lines, ElementsAre("_abcd!?", "bc."));
  EXPECT_THAT(shown, HasSubstr("\r\x1b[K> bc\x1b[2D"));
}

TEST_F(LineEditorTest, WordsAndEndsOfTheLineAreDeleted) {
  Type("show port  \x17status\r");
  Type("one two\x01\x1b[C\x0b\r");
  Type("one two\x15three\r");
  Type("\x17\x15\x0b\x7f\x04\x1b[D\x1b[Cx\r");
  EXPECT_THAT(lines, ElementsAre("show status", "o", "three", "x"));
}

TEST_F(LineEditorTest, EarlierLinesAreRecalledAndTheNewOneComesBack) {
  Type("first\rsecond\rsecond\rnew\x1b[A\x1b[A\x1b[A\x1b[B\r");
  EXPECT_EQ(lines.back(), "second") << "a repeated line is kept once";
  Type("draft\x10\x0e\r");
  EXPECT_EQ(lines.back(), "draft");
}

TEST_F(LineEditorTest, TabInsertsTheOnlyCandidateOrTheCommonStart) {
  Type("sh\t");
  ASSERT_EQ(last, Event::kComplete);
  EXPECT_EQ(editor.BeforeCursor(), "sh");
  editor.OnCandidates({"show"});
  Type("st\t");
  editor.OnCandidates({"statistics", "status"});
  Type("\t");
  shown.clear();
  editor.OnCandidates({"statistics", "status"});
  Type("u\r");
  EXPECT_THAT(lines, ElementsAre("show statu"));
  EXPECT_THAT(shown, testing::StartsWith("\n  statistics\n  status\n\r\x1b[K> show stat"));
}

TEST_F(LineEditorTest, ACandidateReplacesTheQuoteThatWasBegun) {
  Type("show instance \"a b\t");
  editor.OnCandidates({"\"a b c\""});
  Type("x all\t");
  editor.OnCandidates({"\"all\""});
  Type("\r");
  EXPECT_THAT(lines, ElementsAre("show instance \"a b c\" x \"all\" "));
}

TEST_F(LineEditorTest, CtrlDEndsOnAnEmptyLineOnly) {
  Type("x\x01\x04");
  EXPECT_EQ(last, Event::kNone);
  Type("\x04");
  EXPECT_EQ(last, Event::kEnd);
}

TEST_F(LineEditorTest, ALineHasABoundAndUnknownSequencesHaveNoEffect) {
  Type(
      "a\x1b[15~\x1b[1;5C\x1bx\x1b[99999999z\x02"
      "b\r");
  EXPECT_THAT(lines, ElementsAre("ba")) << "Ctrl-B moved the cursor";
  Type(std::string(2 * LineEditor::kMaxLine, 'y') + "\r");
  EXPECT_EQ(lines.back().size(), LineEditor::kMaxLine);
}

}  // namespace
}  // namespace dpvrrp
