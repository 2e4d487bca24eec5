// SPDX-License-Identifier: BSD-3-Clause
//
// Checks docs/config.md and docs/examples against the reader, so that they stay correct.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "config/schema.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAreArray;

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// What every key file of the examples is taken to hold.
SecretBytes AKey() { return Bytes("pJ4vNq8Zs1WfXe6TuYd3Hc0RbLk9MgAo"); }

std::string Page() { return ReadFile(std::filesystem::path(DPVRRP_DOCS_DIRECTORY) / "config.md"); }

// "[daemon] idle_sleep": one for each table row that starts with a key in backticks, under its section's title.
std::vector<std::string> DocumentedKeys() {
  std::vector<std::string> keys;
  absl::string_view section;
  const std::string page = Page();
  for (absl::string_view line : absl::StrSplit(page, '\n')) {
    if (absl::ConsumePrefix(&line, "## ")) section = line;
    if (!absl::ConsumePrefix(&line, "| `")) continue;
    keys.push_back(absl::StrCat(section, " ", line.substr(0, line.find('`'))));
  }
  return keys;
}

std::vector<std::string> KnownKeys() {
  std::vector<std::string> keys;
  for (const config_internal::TableRule* rule : config_internal::AllTableRules()) {
    const absl::string_view section = rule == &config_internal::kRootRule ? "The file" : rule->name;
    for (const config_internal::KeyRule& key : rule->keys) keys.push_back(absl::StrCat(section, " ", key.name));
  }
  return keys;
}

// The page's ```toml blocks.
std::vector<std::string> DocumentedFiles() {
  std::vector<std::string> files;
  const std::vector<std::string> parts = absl::StrSplit(Page(), "```toml\n");
  for (size_t i = 1; i < parts.size(); ++i) files.push_back(parts[i].substr(0, parts[i].find("```")));
  return files;
}

TEST(ConfigPageTest, DescribesEveryKeyAndNoOther) {
  EXPECT_THAT(DocumentedKeys(), UnorderedElementsAreArray(KnownKeys()));
}

// The page has one table for both.
TEST(ConfigPageTest, RoutesAndRulesOfATemplateHaveTheKeysOfAnInstance) {
  const auto keys = [](const config_internal::TableRule& rule) {
    std::vector<std::pair<absl::string_view, config_internal::Presence>> names;
    for (const config_internal::KeyRule& key : rule.keys) names.emplace_back(key.name, key.presence);
    return names;
  };
  EXPECT_EQ(keys(config_internal::kTemplateRouteRule), keys(config_internal::kVirtualRouteRule));
  EXPECT_EQ(keys(config_internal::kTemplateRuleRule), keys(config_internal::kVirtualRuleRule));
}

TEST(ConfigPageTest, SaysWhichKeysAreRequired) {
  const std::string page = Page();
  for (const config_internal::TableRule* rule : config_internal::AllTableRules()) {
    for (const config_internal::KeyRule& key : rule->keys) {
      const std::string row = absl::StrCat("| `", key.name, "` |");
      const bool required = key.presence == config_internal::Presence::kRequired;
      for (absl::string_view line : absl::StrSplit(page, '\n')) {
        if (!absl::StartsWith(line, row) || key.name == "name" || key.name == "device" || key.name == "port" ||
            key.name == "key" || key.name == "address" || key.name == "kind" || key.name == "to" ||
            key.name == "table") {
          continue;
        }
        EXPECT_EQ(absl::StrContains(line, "| required |"), required) << line;
      }
    }
  }
}

TEST(ConfigPageTest, NamesEveryAlgorithmWithItsKeyLength) {
  const std::string page = Page();
  for (const MacAlgorithmInfo& info : AllMacAlgorithms()) {
    const std::string name = absl::StrCat("`\"", info.name, "\"`");
    EXPECT_TRUE(absl::StrContains(page, absl::StrCat(info.key_bytes, " bytes for ", name)) ||
                absl::StrContains(page, absl::StrCat(info.key_bytes, " for ", name)))
        << name;
  }
}

TEST(ConfigPageTest, ItsExamplesLoad) {
  ASSERT_THAT(DocumentedFiles(), SizeIs(4));
  for (const std::string& text : DocumentedFiles()) {
    const LoadResult result = Load(text, {{"/etc/core-2026.key", "pJ4vNq8Zs1WfXe6TuYd3Hc0RbLk9MgAo\n"},
                                          {"/etc/core-2027.key", "mE7xRw2CkJ5vQz0LtB8nGs4UyHd1PfXa\n"}});
    EXPECT_THAT(Lines(result.errors), IsEmpty());
    EXPECT_THAT(Lines(result.warnings), IsEmpty());
  }
}

TEST(ExamplesTest, TheScaleExampleIsSixteenThousandRouters) {
  const std::filesystem::path path = std::filesystem::path(DPVRRP_DOCS_DIRECTORY) / "examples" / "scale.toml";
  const LoadResult result = LoadConfig(ReadFile(path), path.string(), [](const std::string&) { return AKey(); });
  EXPECT_THAT(result.config.instances, SizeIs(64 * 250));
}

TEST(ExamplesTest, AllLoad) {
  size_t count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(DPVRRP_DOCS_DIRECTORY) / "examples")) {
    if (entry.path().extension() != ".toml") continue;
    const LoadResult result =
        LoadConfig(ReadFile(entry.path()), entry.path().string(), [](const std::string&) { return AKey(); });
    EXPECT_THAT(Lines(result.errors), IsEmpty());
    EXPECT_FALSE(result.config.instances.empty()) << entry.path();
    EXPECT_TRUE(absl::StrContains(Page(), absl::StrCat("examples/", entry.path().filename().string()))) << entry.path();
    ++count;
  }
  EXPECT_EQ(count, 8u);
}

}  // namespace
}  // namespace dpvrrp
