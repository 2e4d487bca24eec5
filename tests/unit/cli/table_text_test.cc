// SPDX-License-Identifier: BSD-3-Clause
//
// A table on a screen that is too narrow for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/report.h"

namespace dpvrrp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Report Instances() {
  Table table{{"name", "port", "state", "since", "received", "error"}, {}, "name state since"};
  table.rows = {{Text("gw-1"), Text("lan"), Text("Master"), Text("2026-11-22T14:33:27.394Z"), 7, Null()},
                {Text("gw-10"), Text("lan"), Text("Fault"), Text("2026-01-02T03:04:05.006Z"), 12345, Null()}};
  return Report{{Section{"", std::move(table)}}, ""};
}

size_t LongestLine(const std::string& text) {
  size_t longest = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) longest = std::max(longest, line.size());
  return longest;
}

TEST(TableOnAScreenTest, AllColumnsAreShownIfTheyFit) {
  const std::string whole = RenderText(Instances());
  EXPECT_EQ(RenderText(Instances(), {.width = LongestLine(whole)}), whole);
  EXPECT_THAT(whole, HasSubstr("2026-11-22T14:33:27.394Z"));
}

TEST(TableOnAScreenTest, TheImportantColumnsAreKeptInTheOrderOfTheTable) {
  EXPECT_EQ(RenderText(Instances(), {.width = 40}),
            "NAME   PORT  STATE   SINCE\n"
            "gw-1   lan   Master  11-22 14:33:27\n"
            "gw-10  lan   Fault   01-02 03:04:05\n"
            "more columns: received error (--wide,\n"
            "--columns)\n");
}

TEST(TableOnAScreenTest, AColumnWithoutAnyValueIsDroppedFirst) {
  Report report = Instances();
  std::get<Table>(report.sections[0].body).first = "name error state";
  EXPECT_THAT(RenderText(report, {.width = 24}), HasSubstr("NAME   PORT  STATE\n"));
  EXPECT_THAT(RenderText(report, {.width = 24}), HasSubstr("more columns: since\nreceived error"));
}

TEST(TableOnAScreenTest, NoLineIsLongerThanTheScreen) {
  Report report = Instances();
  std::get<Table>(report.sections[0].body).rows[0][5] = Text(
      "device eth0.100 does not exist, and this reason is a whole sentence that no narrow screen can show in one line");
  for (size_t width = 10; width < 140; ++width) {
    EXPECT_LE(LongestLine(RenderText(report, {.width = width})), width) << width;
  }
}

TEST(TableOnAScreenTest, ALongTextContinuesBelowItself) {
  Report report;
  report.sections.push_back(
      {"", Table{{"reason", "frames", "meaning"},
                 {{Text("truncated"), 5, Text("the frame is shorter than its headers say that it must be")}}}});
  EXPECT_EQ(RenderText(report, {.width = 60}),
            "REASON     FRAMES  MEANING\n"
            "truncated       5  the frame is shorter than its headers say\n"
            "                   that it must be\n");
}

TEST(TableOnAScreenTest, ChosenColumnsAreAllShown) {
  Report report = Instances();
  std::get<Table>(report.sections[0].body).keeps_columns = true;
  EXPECT_THAT(RenderText(report, {.width = 20}), HasSubstr("RECEIVED"));
  EXPECT_THAT(RenderText(report, {.width = 20}), Not(HasSubstr("more columns")));
}

TEST(TableOnAScreenTest, ColoursMarkStatesAndNeverNames) {
  Report report = Instances();
  std::get<Table>(report.sections[0].body).rows[0][0] = Text("Fault");
  const std::string text = RenderText(report, {.width = 60, .colour = true});
  EXPECT_THAT(text, HasSubstr("\x1b[32mMaster\x1b[0m"));
  EXPECT_THAT(text, HasSubstr("\x1b[31mFault\x1b[0m"));
  EXPECT_THAT(text, HasSubstr("\nFault  "));
  EXPECT_THAT(RenderText(report, {.width = 60}), Not(HasSubstr("\x1b")));
}

TEST(RecordOnAScreenTest, ALongValueContinuesBelowItself) {
  Report report;
  report.sections.push_back({"instance", Record{{{"allowed_senders", Text("10.99.0.1 10.99.0.2 10.99.0.3")}}}});
  EXPECT_EQ(RenderText(report, {.width = 40}),
            "instance\n"
            "  allowed senders  10.99.0.1 10.99.0.2\n"
            "                   10.99.0.3\n");
}

TEST(TextOnAScreenTest, ALongLineContinuesBelowItsLastColumn) {
  Report report;
  report.text = "   Mend:    find what stops multicast on the path to it\nshort\n\nlast";
  EXPECT_EQ(RenderText(report, {.width = 40}),
            "   Mend:    find what stops multicast on\n"
            "            the path to it\n"
            "short\n"
            "\n"
            "last\n");
}

TEST(TextOnAScreenTest, AWordThatIsLongerThanTheScreenIsBroken) {
  Report report;
  report.text = std::string(25, 'x');
  EXPECT_EQ(RenderText(report, {.width = 10}), "xxxxxxxxxx\nxxxxxxxxxx\nxxxxx\n");
  report.text = "caf\xc3\xa9 caf\xc3\xa9";
  EXPECT_EQ(RenderText(report, {.width = 9}), "caf\xc3\xa9 caf\xc3\xa9\n");
}

}  // namespace
}  // namespace dpvrrp
