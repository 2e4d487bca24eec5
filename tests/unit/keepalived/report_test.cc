// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/report.h"

#include <gtest/gtest.h>

#include "import_text.h"

namespace dpvrrp::keepalived {
namespace {

TEST(ReportTest, HasALineForEachStatementAndOneOfCounts) {
  const Report report{
      {{"k.conf", 3, Verdict::kTaken, "priority 100", "priority"}, {"k.conf", 9, Verdict::kDropped, "debug", ""}}};
  EXPECT_EQ(report.Text(),
            "k.conf:3: taken  priority 100  -> priority\nk.conf:9: dropped  debug\n"
            "1 taken, 0 changed, 1 dropped, 0 decide, 0 unsupported\n");
}

TEST(ReportTest, IsJsonForPrograms) {
  const Report report{{{"k.conf", 3, Verdict::kDecide, "a \"b\\\x01", "w"}}};
  EXPECT_EQ(report.Json(),
            "{\"statements\":[{\"file\":\"k.conf\",\"line\":3,\"verdict\":\"decide\",\"words\":\"a \\\"b\\\\\\u0001\","
            "\"what\":\"w\"}],\"counts\":{\"taken\":0,\"changed\":0,\"dropped\":0,\"decide\":1,\"unsupported\":0}}\n");
}

TEST(ReportTest, TheExitStatusIsThatOfTheGravestVerdict) {
  const auto status = [](std::vector<Verdict> verdicts) {
    Report report;
    for (const Verdict verdict : verdicts) report.lines.push_back({"f", 1, verdict, "", ""});
    return report.ExitStatus();
  };
  EXPECT_EQ(status({}), 0);
  EXPECT_EQ(status({Verdict::kTaken, Verdict::kChanged, Verdict::kDropped}), 0);
  EXPECT_EQ(status({Verdict::kDecide, Verdict::kTaken}), 3);
  EXPECT_EQ(status({Verdict::kUnsupported, Verdict::kDecide}), 4);
}

TEST(ReportTest, ShowsNoPassword) {
  const ImportResult result =
      Import(AnInstance("authentication {\nauth_type PASS\nauth_pass Xq7z s3cond\n}") +
             AnInstance("auth_hmac {\nkey 1 0123456789abcdefQq7z0123456789abcdef\n}", "192.0.2.7"));
  EXPECT_EQ(result.report.Text().find("q7z"), std::string::npos) << result.report.Text();
  EXPECT_EQ(result.report.Text().find("s3cond"), std::string::npos);
  EXPECT_EQ(result.report.Json().find("q7z"), std::string::npos);
}

}  // namespace
}  // namespace dpvrrp::keepalived
