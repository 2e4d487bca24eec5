// SPDX-License-Identifier: BSD-3-Clause
//
// Checks docs/cli.md against the command table, so that it stays correct.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "control/commands/commands.h"
#include "control/rogues/verdict.h"

namespace dpvrrp {
namespace {

using ::testing::HasSubstr;

std::string Page() {
  std::ifstream file(std::filesystem::path(DPVRRP_DOCS_DIRECTORY) / "cli.md");
  EXPECT_TRUE(file.good());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The lines under the heading "### `pattern`", up to the next heading.
std::string SectionOf(const std::string& page, absl::string_view pattern) {
  const std::string heading = absl::StrCat("### `", pattern, "`");
  std::string section;
  bool inside = false;
  for (const absl::string_view line : absl::StrSplit(page, '\n')) {
    if (absl::StartsWith(line, "## ") || absl::StartsWith(line, "### ")) inside = line == heading;
    if (inside) absl::StrAppend(&section, line, "\n");
  }
  return section;
}

TEST(CliDocumentationTest, EveryCommandHasASectionWithATranscript) {
  const std::string page = Page();
  for (const CommandSpec& spec : AllCommands()) {
    const std::string section = SectionOf(page, spec.pattern);
    EXPECT_FALSE(section.empty()) << "docs/cli.md has no section ### `" << std::string(spec.pattern) << "`";
    const std::vector<absl::string_view> words = absl::StrSplit(spec.pattern, ' ');
    EXPECT_THAT(section, HasSubstr(absl::StrCat("$ dpvrrpctl ", words[0]))) << "no transcript";
  }
}

TEST(CliDocumentationTest, TheHelpIsTheHelp) {
  EXPECT_THAT(SectionOf(Page(), "help"), HasSubstr(absl::StrCat("$ dpvrrpctl help\n", HelpText(AllCommands()))));
}

TEST(CliDocumentationTest, EverySectionIsOfACommand) {
  const std::string page = Page();
  for (absl::string_view line : absl::StrSplit(page, '\n')) {
    if (!absl::ConsumePrefix(&line, "### `")) continue;
    const absl::string_view pattern = absl::StripSuffix(line, "`");
    const auto specs = AllCommands();
    EXPECT_TRUE(std::any_of(specs.begin(), specs.end(), [&](const CommandSpec& spec) {
      return spec.pattern == pattern;
    })) << std::string(pattern);
  }
}

TEST(CliDocumentationTest, EveryVerdictHasARowWithItsMeaningAndEvent) {
  const std::string page = Page();
  constexpr absl::string_view kEvents[] = {"diagnosis", "diagnosis", "rogue", "-"};
  for (const VerdictInfo& row : AllVerdicts()) {
    const absl::string_view event = kEvents[static_cast<size_t>(row.kind)];
    EXPECT_THAT(page, HasSubstr(absl::StrCat("| `", row.name, "` | ", row.meaning, " | ", event, " |\n")));
  }
}

}  // namespace
}  // namespace dpvrrp
