// SPDX-License-Identifier: BSD-3-Clause
//
// Checks docs/monitoring/README.md against the metrics, so that it stays correct.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "control/reports/metrics.h"

namespace dpvrrp {
namespace {

// The row of the page.
std::string RowOf(const MetricInfo& metric) {
  static constexpr absl::string_view kTypes[] = {"counter", "gauge", "info"};
  const std::vector<std::string> labels = absl::StrSplit(metric.labels, ", ");
  return absl::StrCat("| `", SampleName(metric.family), "` | ", kTypes[static_cast<size_t>(metric.family.type)], " | ",
                      metric.labels.empty() ? "" : absl::StrCat("`", absl::StrJoin(labels, "`, `"), "`"), " | ",
                      metric.family.help, " |");
}

TEST(MonitoringPageTest, HasARowForEveryMetricInOrderAndNoOther) {
  std::vector<std::string> expected;
  for (const MetricInfo& metric : AllMetrics()) expected.push_back(RowOf(metric));
  std::ifstream file(std::filesystem::path(DPVRRP_DOCS_DIRECTORY) / "monitoring" / "README.md");
  ASSERT_TRUE(file.good());
  std::vector<std::string> rows;
  for (std::string line; std::getline(file, line);) {
    if (absl::StartsWith(line, "| `dpvrrp_")) rows.push_back(line);
  }
  EXPECT_EQ(absl::StrJoin(rows, "\n"), absl::StrJoin(expected, "\n"));
}

std::string FileOf(const char* name) {
  std::ifstream file(std::filesystem::path(DPVRRP_DOCS_DIRECTORY) / "monitoring" / name);
  EXPECT_TRUE(file.good()) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::set<std::string> MatchesOf(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it) found.insert((*it)[1]);
  return found;
}

// A rule about a metric that does not exist never fires.
TEST(MonitoringFilesTest, AlertsAndDashboardNameOnlyMetricsThatExist) {
  std::set<std::string> names;
  for (const MetricInfo& metric : AllMetrics()) names.insert(SampleName(metric.family));
  for (const char* file : {"alerts.yml", "alerts_test.yml", "dashboard.json"}) {
    const std::set<std::string> used = MatchesOf(FileOf(file), R"(\b(dpvrrp_[a-z_]+))");
    EXPECT_FALSE(used.empty()) << file;
    for (const std::string& name : used) EXPECT_TRUE(names.contains(name)) << file << ": " << name;
  }
}

TEST(MonitoringFilesTest, AlertsNameOnlyDropReasonsThatExist) {
  std::set<std::string> reasons;
  for (const DropReasonInfo& row : AllDropReasons()) reasons.insert(std::string(row.name));
  const std::set<std::string> used = MatchesOf(FileOf("alerts.yml"), R"re(reason=~"([^"]+)")re");
  ASSERT_EQ(used.size(), 2u);  // of authentication and replay
  for (const std::string& list : used) {
    for (const absl::string_view reason : absl::StrSplit(list, '|')) {
      EXPECT_TRUE(reasons.contains(std::string(reason))) << reason;
    }
  }
}

}  // namespace
}  // namespace dpvrrp
