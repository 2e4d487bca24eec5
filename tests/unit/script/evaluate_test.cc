// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>

#include "cli/report_reader.h"
#include "script_text.h"

namespace dpvrrp {
namespace {

using ::testing::HasSubstr;

Report Ports() {
  Table table{{"name", "link", "received", "reason", "shared"}, {}};
  table.rows.push_back({"lan", "up", 17, Null(), true});
  table.rows.push_back({"10.99.0.1", "down", 0, "interface eth0 was removed", false});
  return Report{{Section{"", std::move(table)}}, ""};
}

Report Instance() {
  Report report;
  report.sections.push_back({"instance", Record{{{"state", "Master"}, {"master", Null()}, {"load", 0.5}}}});
  report.sections.push_back({"counters", Record{{{"adverts_sent", 12}}}});
  report.sections.push_back({"virtual_addresses", Table{{"address", "state"}, {{"10.99.0.100", "programmed"}}}});
  return report;
}

// What the runner does: as JSON and back.
absl::StatusOr<Judgement> Look(const std::string& expression, const Report& report) {
  const ScriptResult script = ParseText("expect " + expression);
  EXPECT_EQ(FaultsOf(script), "") << expression;
  const absl::StatusOr<Report> read = ReadReport(RenderJson(report));
  EXPECT_TRUE(read.ok()) << read.status();
  return Evaluate(std::get<statement::Expect>(script.statements.at(0).what).terms.at(0), *read);
}

bool Held(const std::string& expression, const Report& report) {
  const absl::StatusOr<Judgement> judgement = Look(expression, report);
  EXPECT_TRUE(judgement.ok()) << expression << ": " << judgement.status();
  return judgement.ok() && judgement->held;
}

std::string Refusal(const std::string& expression, const Report& report) {
  return std::string(Look(expression, report).status().message());
}

TEST(EvaluateTest, ARowIsNamedByItsFirstColumn) {
  EXPECT_TRUE(Held("show ports lan.link == up", Ports()));
  EXPECT_FALSE(Held("show ports 10.99.0.1.link == up", Ports()));
  EXPECT_TRUE(Held("show ports 10.99.0.1.reason == \"interface eth0 was removed\"", Ports()));
}

TEST(EvaluateTest, NumbersAreComparedAsNumbers) {
  EXPECT_TRUE(Held("show ports lan.received == 17.0", Ports()));
  EXPECT_TRUE(Held("show ports lan.received > 9", Ports()));
  EXPECT_FALSE(Held("show ports lan.received < 17", Ports()));
  EXPECT_TRUE(Held("show ports lan.received <= 17", Ports()));
  EXPECT_TRUE(Held("show ports lan.received >= 17", Ports()));
  EXPECT_TRUE(Held("show instance gw load == 0.50", Instance()));
}

TEST(EvaluateTest, NoValueIsAHyphenAndEqualToNoOther) {
  EXPECT_TRUE(Held("show ports lan.reason == -", Ports()));
  EXPECT_TRUE(Held("show ports lan.reason == null", Ports()));
  EXPECT_TRUE(Held("show ports lan.reason != up", Ports()));
  EXPECT_FALSE(Held("show ports lan.reason > 0", Ports()));
}

TEST(EvaluateTest, ABooleanHasTheWordsOfBothForms) {
  EXPECT_TRUE(Held("show ports lan.shared == yes", Ports()));
  EXPECT_TRUE(Held("show ports lan.shared == true", Ports()));
  EXPECT_FALSE(Held("show ports lan.shared != true", Ports()));
}

TEST(EvaluateTest, ARegularExpressionMatchesAPart) {
  EXPECT_TRUE(Held("show ports 10.99.0.1.reason =~ \"eth[0-9] was\"", Ports()));
  EXPECT_FALSE(Held("show ports 10.99.0.1.reason =~ ^eth", Ports()));
}

TEST(EvaluateTest, AFieldOfASection) {
  EXPECT_TRUE(Held("show instance gw state == Master", Instance()));
  EXPECT_TRUE(Held("show instance gw instance.state == Master", Instance()));
  EXPECT_TRUE(Held("show instance gw adverts_sent == 12", Instance()));
  EXPECT_TRUE(Held("show instance gw virtual_addresses.10.99.0.100.state == programmed", Instance()));
}

TEST(EvaluateTest, RowsAreCounted) {
  EXPECT_TRUE(Held("count(show ports) == 2", Ports()));
  EXPECT_TRUE(Held("count(show ports where link == up) == 1", Ports()));
  EXPECT_TRUE(Held("count(show ports where link == down and received > 0) == 0", Ports()));
  EXPECT_TRUE(Held("count(show instance gw) == 1", Instance()));
  // The parenthesis in quotes is part of the value.
  EXPECT_TRUE(Held("count(show ports where link =~ \"(up|down)\" and received > 0) == 1", Ports()));
  EXPECT_TRUE(Held("count(show ports) == 0", Report{{Section{"", Table{{"name"}, {}}}}, ""}));
}

TEST(EvaluateTest, AMissingNameIsAnErrorThatListsTheOthers) {
  EXPECT_EQ(Refusal("show ports wan.link == up", Ports()), "no row 'wan'; there are: lan 10.99.0.1");
  EXPECT_THAT(Refusal("show ports lan.lnik == up", Ports()), HasSubstr("no column 'lnik'; there are: name link"));
  EXPECT_THAT(Refusal("show ports link == up", Ports()), HasSubstr("write ROW.link"));
  EXPECT_THAT(Refusal("count(show ports where lnik == up) == 1", Ports()), HasSubstr("no column 'lnik'"));
  EXPECT_THAT(Refusal("show instance gw stte == Master", Instance()),
              HasSubstr("no field 'stte'; sections: instance counters virtual_addresses"));
  EXPECT_THAT(Refusal("show ports lan.link > 4", Ports()), HasSubstr("'up' is no number"));
}

TEST(ReportReaderTest, ReadsWhatWasRendered) {
  for (const Report& report : {Ports(), Instance(), Report{{}, "help\n"}}) {
    const absl::StatusOr<Report> read = ReadReport(RenderJson(report));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(RenderText(*read), RenderText(report));
  }
}

TEST(ReportReaderTest, RefusesOtherJson) {
  for (const char* json : {"", "3", "{", "[3]", "{\"a\":{\"b\":[1]}}", "[{\"a\":{}}]", "not json"}) {
    EXPECT_FALSE(ReadReport(json).ok()) << json;
  }
}

}  // namespace
}  // namespace dpvrrp
