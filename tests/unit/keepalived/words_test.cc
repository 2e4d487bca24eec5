// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/words.h"

#include <gmock/gmock.h>

#include <set>

#include "import_text.h"

namespace dpvrrp::keepalived {
namespace {

using ::testing::HasSubstr;

// A file with this word in its block.
std::string FileWith(const WordRule& rule) {
  const std::string word(rule.word);
  switch (rule.block) {
    case Block::kRoot:
      return word + " NAME {\n}\n";
    case Block::kGlobal:
      return "global_defs {\n" + word + " 3\n}\n";
    case Block::kInstance:
      return AnInstance(word + " 3");
    case Block::kAuthentication:
      return AnInstance("authentication {\n" + word + " PASS\n}");
    case Block::kAuthHmac:
      return AnInstance("auth_hmac {\n" + word + " 1 2\n}");
    case Block::kScript:
      return "vrrp_script NAME {\n" + word + " 3\n}\n";
    case Block::kProcess:
      return "vrrp_track_process NAME {\n" + word + " 3\n}\n";
    case Block::kGroup:
      return "vrrp_sync_group NAME {\n" + word + " 3\n}\n";
    case Block::kGarpGroup:
      return "garp_group {\n" + word + " 3\n}\n";
  }
  return "";
}

TEST(WordsTest, EveryWordOfTheTableHasAVerdictAndAReason) {
  for (const WordRule& rule : AllWordRules()) {
    const absl::StatusOr<ImportResult> result = ImportFiles({{"k.conf", FileWith(rule)}});
    ASSERT_TRUE(result.ok()) << rule.word << result.status();
    for (const ReportLine& line : result->report.lines) {
      EXPECT_NE(line.what, "not read") << rule.word << " in " << ToString(rule.block);
    }
    EXPECT_TRUE(rule.read || !rule.what.empty()) << rule.word;
  }
}

TEST(WordsTest, NoWordOccursTwiceInABlock) {
  std::set<std::pair<Block, absl::string_view>> seen;
  for (const WordRule& rule : AllWordRules()) EXPECT_TRUE(seen.emplace(rule.block, rule.word).second) << rule.word;
}

TEST(WordsTest, AnUnknownWordIsNotSupportedAndHasASuggestion) {
  const ImportResult result = Import(AnInstance("priorty 120\nwarp {\nspeed 9\n}"));
  EXPECT_EQ(VerdictOf(result, "priorty"), "unsupported: unknown word in vrrp_instance; did you mean 'priority'?");
  EXPECT_THAT(VerdictOf(result, "warp"), HasSubstr("unsupported: unknown word"));
  EXPECT_THAT(VerdictOf(result, "speed"), HasSubstr("unsupported: unknown word"));
  EXPECT_EQ(result.report.ExitStatus(), 4);
}

}  // namespace
}  // namespace dpvrrp::keepalived
