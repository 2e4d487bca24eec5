// SPDX-License-Identifier: BSD-3-Clause
#include "cli/table_view.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace dpvrrp {
namespace {

Report Ports() {
  return Report{{Section{"", Table{{"name", "state", "master", "master_priority", "rate"},
                                   {{Text("gw-10"), Text("Master"), Null(), 100, 0.5},
                                    {Text("gw-2"), Text("Backup"), Text("10.0.0.1"), 7, 12.0},
                                    {Text("gw-1"), Text("Backup"), Text("10.0.0.10"), Null(), 3.25}}}}},
                ""};
}

// The answer for programs, or the error.
std::string View(const ViewOptions& view) {
  Report report = Ports();
  const absl::Status status = ApplyView(view, &report);
  return status.ok() ? RenderJson(report) : std::string(status.message());
}

std::string Names(ViewOptions view) {
  view.emplace_back("columns", "name");
  Report report = Ports();
  const absl::Status status = ApplyView(view, &report);
  if (!status.ok()) return std::string(status.message());
  std::string names;
  for (const auto& row : std::get<Table>(report.sections[0].body).rows) absl::StrAppend(&names, CellText(row[0]), " ");
  return names;
}

TEST(TableViewTest, ATextIsComparedAsAGlobWithoutRegardToCase) {
  EXPECT_EQ(Names({{"where", "state=backup"}}), "gw-2 gw-1 ");
  EXPECT_EQ(Names({{"where", "name=gw-1*"}}), "gw-10 gw-1 ");
  EXPECT_EQ(Names({{"where", "state!=backup"}}), "gw-10 ");
  EXPECT_EQ(Names({{"where", "state=back"}}), "");
}

TEST(TableViewTest, ADashIsNoValue) {
  EXPECT_EQ(Names({{"where", "master=-"}}), "gw-10 ");
  EXPECT_EQ(Names({{"where", "master!=-"}}), "gw-2 gw-1 ");
}

TEST(TableViewTest, NumbersCompareAsNumbersAndNoValueNeverFits) {
  EXPECT_EQ(Names({{"where", "master_priority>8"}}), "gw-10 ");
  EXPECT_EQ(Names({{"where", "rate>=3.25"}}), "gw-2 gw-1 ");
  EXPECT_EQ(Names({{"where", "rate<=3.25"}}), "gw-10 gw-1 ");
  EXPECT_EQ(Names({{"where", "master_priority<1000"}}), "gw-10 gw-2 ");
}

TEST(TableViewTest, AllConditionsMustBeTrue) {
  EXPECT_EQ(Names({{"where", "state=backup"}, {"where", "rate<10"}}), "gw-1 ");
}

TEST(TableViewTest, SortIsNaturalAndRowsWithoutAValueAreLast) {
  EXPECT_EQ(Names({{"sort", "name"}}), "gw-1 gw-2 gw-10 ");
  EXPECT_EQ(Names({{"sort", "-name"}}), "gw-10 gw-2 gw-1 ");
  EXPECT_EQ(Names({{"sort", "master_priority"}}), "gw-2 gw-10 gw-1 ");
  EXPECT_EQ(Names({{"sort", "-master_priority"}}), "gw-10 gw-2 gw-1 ");
  EXPECT_EQ(Names({{"sort", "rate"}}), "gw-10 gw-1 gw-2 ");
}

TEST(TableViewTest, LimitCutsTheSortedRows) {
  EXPECT_EQ(Names({{"limit", "2"}, {"sort", "name"}}), "gw-1 gw-2 ");
  EXPECT_EQ(Names({{"limit", "0"}}), "");
  EXPECT_EQ(Names({{"limit", "9"}}), "gw-10 gw-2 gw-1 ");
}

TEST(TableViewTest, ColumnsAreChosenAndOrderedAlsoForPrograms) {
  EXPECT_EQ(View({{"columns", "rate,name"}, {"limit", "1"}}), "[{\"rate\":0.5,\"name\":\"gw-10\"}]\n");
  EXPECT_EQ(View({{"columns", "name"}, {"where", "rate>4"}}), "[{\"name\":\"gw-2\"}]\n");
}

TEST(TableViewTest, AColumnIsNamedByItsHeadingOrABeginning) {
  EXPECT_EQ(Names({{"sort", "MASTER PRIORITY"}}), Names({{"sort", "master_priority"}}));
  EXPECT_EQ(Names({{"sort", "master_p"}}), Names({{"sort", "master_priority"}}));
  EXPECT_EQ(Names({{"sort", "master"}}), "gw-2 gw-1 gw-10 ");
}

TEST(TableViewTest, PeopleLearnHowManyRowsAreLeftOut) {
  Report report = Ports();
  ASSERT_TRUE(ApplyView({{"limit", "2"}}, &report).ok());
  EXPECT_EQ(report.footer, "2 of 3 rows");
  report = Ports();
  ASSERT_TRUE(ApplyView({{"limit", "3"}}, &report).ok());
  EXPECT_EQ(report.footer, "");
}

TEST(TableViewTest, ABadOptionIsNamedWithTheRule) {
  EXPECT_EQ(View({{"sort", "stat"}, {"limit", "1"}}), View({{"sort", "state"}, {"limit", "1"}}));
  EXPECT_EQ(View({{"sort", "sate"}}),
            "no column 'sate', the columns are: name state master master_priority rate; did you mean 'state'?");
  EXPECT_EQ(View({{"sort", "m"}}),
            "more than one column begins with 'm', the columns are: name state master master_priority rate");
  EXPECT_EQ(View({{"columns", "name,"}}), "no column '', the columns are: name state master master_priority rate");
  EXPECT_EQ(View({{"limit", "-3"}}), "limit must be a number of rows, got '-3'");
  EXPECT_EQ(View({{"where", "state"}}),
            "where needs a condition such as state=Master, name=gw-* or priority>100, got 'state'");
  EXPECT_EQ(View({{"where", "rate>fast"}}), "where rate>fast: 'fast' is not a number");
}

TEST(TableViewTest, AReportWithoutATableIsUnchanged) {
  Report report;
  report.text = "text";
  EXPECT_TRUE(ApplyView({{"limit", "1"}}, &report).ok());
  EXPECT_EQ(report.text, "text");
}

}  // namespace
}  // namespace dpvrrp
