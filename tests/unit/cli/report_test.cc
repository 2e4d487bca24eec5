// SPDX-License-Identifier: BSD-3-Clause
#include "cli/report.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace dpvrrp {
namespace {

Report OneRecord() {
  Report report;
  report.sections.push_back({"", Record{{{"state", Text("Master")},
                                         {"master_since", Null()},
                                         {"priority", 150},
                                         {"preempt", true},
                                         {"load", 0.25}}}});
  return report;
}

Report TwoTables() {
  Report report;
  report.sections.push_back(
      {"instances", Table{{"name", "vrid", "state", "adverts_sent"},
                          {{"lan-30", 30, "Master", Count(123456)}, {"caf\xc3\xa9", 4, "Backup", Null()}}}});
  report.sections.push_back({"rogue_senders", Table{{"address", "frames"}, {}}});
  return report;
}

TEST(ReportTextTest, ARecordIsALinePerField) {
  EXPECT_EQ(RenderText(OneRecord()),
            "state         Master\n"
            "master since  -\n"
            "priority      150\n"
            "preempt       yes\n"
            "load          0.25\n");
}

TEST(ReportTextTest, ATableIsAlignedAndNumbersStandRight) {
  EXPECT_EQ(RenderText(TwoTables()),
            "instances\n"
            "  NAME    VRID  STATE   ADVERTS SENT\n"
            "  lan-30    30  Master        123456\n"
            "  caf\xc3\xa9       4  Backup             -\n"
            "\n"
            "rogue senders\n"
            "  none\n");
}

TEST(ReportTextTest, NoLineEndsInBlanks) {
  Report report;
  report.sections.push_back({"", Table{{"name", "note"}, {{"a", "long note"}, {"b", ""}, {"c"}}}});
  EXPECT_EQ(RenderText(report),
            "NAME  NOTE\n"
            "a     long note\n"
            "b\n"
            "c     -\n");
}

TEST(ReportTextTest, FreeTextComesFirstAndEndsItsLine) {
  Report report = OneRecord();
  report.text = "dpvrrp is fine";
  EXPECT_EQ(RenderText(report).substr(0, 22), "dpvrrp is fine\n\nstate ");
  EXPECT_EQ(RenderText(Report{}), "");
}

TEST(ReportTextTest, ACellCannotSteerTheTerminal) {
  Report report;
  report.sections.push_back({"", Record{{{"name", Text("\x1b[2J\nroot\xff")}}}});
  EXPECT_EQ(RenderText(report), "name  \\x1b[2J\\x0aroot\\xff\n");
}

TEST(ReportJsonTest, ASingleUnnamedSectionIsTheWholeAnswer) {
  EXPECT_EQ(RenderJson(OneRecord()),
            "{\"state\":\"Master\",\"master_since\":null,\"priority\":150,\"preempt\":true,\"load\":0.25}\n");
}

TEST(ReportJsonTest, SectionsAreKeysAndRowsAreObjects) {
  EXPECT_EQ(RenderJson(TwoTables()),
            "{\"instances\":["
            "{\"name\":\"lan-30\",\"vrid\":30,\"state\":\"Master\",\"adverts_sent\":123456},"
            "{\"name\":\"caf\xc3\xa9\",\"vrid\":4,\"state\":\"Backup\",\"adverts_sent\":null}],"
            "\"rogue_senders\":[]}\n");
}

TEST(ReportJsonTest, TextAndFurtherUnnamedSectionsHaveKeysToo) {
  Report report = OneRecord();
  report.sections.push_back({"", Table{{"a"}, {}}});
  report.text = "hello";
  const nlohmann::json json = nlohmann::json::parse(RenderJson(report));
  EXPECT_EQ(json["text"], "hello");
  EXPECT_EQ(json["result"]["priority"], 150);
  EXPECT_EQ(json["result_2"], nlohmann::json::array());
}

TEST(ReportJsonTest, BytesThatAreNotUtf8AreReplacedAndNothingThrows) {
  Report report;
  report.sections.push_back({"", Record{{{"na\xffme", Text("a\xff\xc3")}, {"nan", std::nan("")}}}});
  const nlohmann::json json = nlohmann::json::parse(RenderJson(report));
  EXPECT_EQ(json["na\xef\xbf\xbdme"], "a\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_TRUE(json["nan"].is_null());
}

TEST(ReportJsonTest, ACounterSaturatesInsteadOfTurningNegative) {
  EXPECT_EQ(std::get<int64_t>(Count(std::numeric_limits<uint64_t>::max())), std::numeric_limits<int64_t>::max());
}

}  // namespace
}  // namespace dpvrrp
