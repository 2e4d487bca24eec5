// SPDX-License-Identifier: BSD-3-Clause
//
// Whole files: NAME.conf, what becomes of it (NAME.toml) and the report (NAME.report). To see a change in full, run the
// test with DPVRRP_WRITE_EXPECTED=1 and read `git diff`.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "import_text.h"

namespace dpvrrp::keepalived {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string TextOf(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::filesystem::path> Sources() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(DPVRRP_IMPORT_FILES)) {
    if (entry.path().extension() == ".conf") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

void Compare(const std::filesystem::path& path, const std::string& text) {
  if (getenv("DPVRRP_WRITE_EXPECTED") != nullptr) std::ofstream(path) << text;
  EXPECT_EQ(text, TextOf(path)) << path;
}

TEST(GoldenTest, EachFileBecomesTheExpectedOneAndTheDaemonTakesIt) {
  const std::vector<std::filesystem::path> sources = Sources();
  EXPECT_THAT(sources, SizeIs(20));
  for (const std::filesystem::path& source : sources) {
    SCOPED_TRACE(source);
    const ImportResult result = [&] {
      const absl::StatusOr<ImportResult> made = ImportFiles({{source.filename(), TextOf(source)}});
      EXPECT_TRUE(made.ok()) << made.status();
      return made.ok() ? *made : ImportResult();
    }();
    EXPECT_THAT(ErrorsOf(result.toml), IsEmpty());
    std::filesystem::path expected = source;
    Compare(expected.replace_extension(".toml"), result.toml);
    Compare(expected.replace_extension(".report"), result.report.Text());
  }
}

// Without the machine some lines are marked, and the daemon's check passes all the same.
TEST(GoldenTest, TheDaemonTakesThemWithoutKnowledgeOfTheHost) {
  for (const std::filesystem::path& source : Sources()) {
    const absl::StatusOr<ImportResult> made = ImportFiles({{source.filename(), TextOf(source)}}, HostKnowledge());
    ASSERT_TRUE(made.ok()) << made.status();
    EXPECT_THAT(ErrorsOf(made->toml), IsEmpty()) << source << made->toml;
  }
}

TEST(GoldenTest, SecretsInFilesOfTheirOwnStandNowhereElse) {
  for (const std::filesystem::path& source : Sources()) {
    const absl::StatusOr<ImportResult> made = ImportFiles({{source.filename(), TextOf(source)}}, AHost(), true);
    ASSERT_TRUE(made.ok()) << made.status();
    for (const SecretFile& secret : made->secrets) {
      const std::string text = secret.text.substr(0, secret.text.size() - 1);
      EXPECT_EQ(made->toml.find(text), std::string::npos) << source;
      EXPECT_EQ(made->report.Text().find(text), std::string::npos) << source;
    }
  }
}

}  // namespace
}  // namespace dpvrrp::keepalived
