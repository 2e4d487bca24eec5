// SPDX-License-Identifier: BSD-3-Clause
//
// Every folder of cases/ is a test.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "conformance/case_file.h"
#include "conformance/case_runner.h"

namespace dpvrrp {
namespace {

std::vector<std::string> AllCases() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(DPVRRP_CASES)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

std::filesystem::path FileOf(const std::string& name) {
  return std::filesystem::path(DPVRRP_CASES) / name / "case.txt";
}

class ConformanceTest : public testing::TestWithParam<std::string> {};

TEST_P(ConformanceTest, IsMet) {
  const absl::StatusOr<Case> wanted = ReadCase(FileOf(GetParam()));
  ASSERT_TRUE(wanted.ok()) << GetParam() << ": " << wanted.status().message();
  const absl::Status status = CaseRunner(*wanted).Run();
  EXPECT_TRUE(status.ok()) << GetParam() << "/case.txt: " << status.message() << "\n"
                           << wanted->title << " (" << wanted->clause << ")";
}

INSTANTIATE_TEST_SUITE_P(Cases, ConformanceTest, testing::ValuesIn(AllCases()), [](const auto& test) {
  return absl::StrReplaceAll(test.param, {{"-", "_"}});
});

// A driver that let everything pass would show nothing: these must fail.
TEST(ConformanceDriverTest, UnmetExpectationsFail) {
  const Case base{.title = "t", .ids = {"V2-15"}, .clause = "c", .instances = {{"r", {}}}, .steps = {}};
  const auto run = [&](std::vector<CaseStep> steps) {
    Case wanted = base;
    wanted.steps = std::move(steps);
    wanted.steps.push_back({.line = 9, .at = std::chrono::seconds(4), .verb = "end"});
    return CaseRunner(wanted).Run();
  };
  const CaseStep right{.line = 1, .at = std::chrono::microseconds(3609375), .verb = "send", .plain = {"advert"}};
  EXPECT_TRUE(run({right}).ok());
  EXPECT_FALSE(run({}).ok()) << "a frame nobody asked for";
  CaseStep early = right;
  early.at = std::chrono::microseconds(3600000);
  EXPECT_FALSE(run({early}).ok()) << "another time";
  CaseStep other = right;
  other.named = {{"priority", "101"}};
  EXPECT_FALSE(run({other}).ok()) << "another priority";
  EXPECT_FALSE(run({right, right}).ok()) << "a frame that never came";
  EXPECT_FALSE(run({{.line = 1, .verb = "recv", .plain = {"advert"}, .result = {"bad-ttl"}}, right}).ok());
  EXPECT_FALSE(run({{.line = 1, .verb = "recv", .plain = {"advert"}, .named = {{"tttl", "1"}}}, right}).ok());
  EXPECT_FALSE(run({{.line = 1, .verb = "state", .plain = {"Master"}}, right}).ok());
  EXPECT_FALSE(run({{.line = 1, .verb = "count", .named = {{"bad-ttl", "1"}}}, right}).ok());
}

}  // namespace
}  // namespace dpvrrp
