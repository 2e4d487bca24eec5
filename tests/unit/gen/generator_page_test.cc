// SPDX-License-Identifier: BSD-3-Clause
//
// Checks docs/generator.md against the reader and the table of kinds.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gen/profile_text.h"
#include "unit/gen/gen_testing.h"

namespace dpvrrp {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string GeneratorPage() {
  std::ifstream file(std::filesystem::path(DPVRRP_DOCS_DIRECTORY) / "generator.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(GeneratorPageTest, NamesEveryKeyAndKind) {
  const std::string page = GeneratorPage();
  for (const auto* rule : {&gen_internal::kGeneratorRule, &gen_internal::kStreamRule}) {
    for (const config_internal::KeyRule& key : rule->keys)
      EXPECT_THAT(page, HasSubstr(absl::StrCat("`", key.name, "`")));
  }
  for (const GenKind& kind : AllGenKinds()) EXPECT_THAT(page, HasSubstr(absl::StrCat("`", kind.name, "`")));
}

TEST(GeneratorPageTest, ItsProfileIsValid) {
  const std::string page = GeneratorPage();
  const size_t begin = page.find("```toml\n") + 8;
  const GenProfileResult result = ReadProfileText(page.substr(begin, page.find("```", begin) - begin));
  EXPECT_THAT(MessagesOf(result), IsEmpty());
  ASSERT_EQ(result.profile.streams.size(), 2u);
  EXPECT_EQ(result.profile.streams[0].routers.size(), 50u);
}

}  // namespace
}  // namespace dpvrrp
