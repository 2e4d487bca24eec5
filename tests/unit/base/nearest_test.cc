// SPDX-License-Identifier: BSD-3-Clause
#include "base/nearest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"

namespace dpvrrp {
namespace {

// Optimal string alignment by its definition.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<std::vector<size_t>> least(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        least[i][j] = i + j;
        continue;
      }
      least[i][j] =
          std::min({least[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), least[i - 1][j] + 1, least[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        least[i][j] = std::min(least[i][j], least[i - 2][j - 2] + 1);
      }
    }
  }
  return least[a.size()][b.size()];
}

absl::string_view NearestByDefinition(absl::string_view found, const std::vector<absl::string_view>& words) {
  absl::string_view nearest;
  size_t limit = std::max<size_t>(1, found.size() / 3);
  for (const absl::string_view word : words) {
    const size_t distance = found.size() >= 3 && absl::StrContains(word, found) ? 1 : Distance(found, word);
    if (distance > limit) continue;
    nearest = word;
    if (distance <= 1) break;
    limit = distance - 1;
  }
  return nearest;
}

TEST(NearestWordTest, FindsASlipOfTheKeyboard) {
  const std::vector<absl::string_view> words = {"instances", "interval", "priority", ""};
  EXPECT_EQ(NearestWord("isntances", words), "instances");
  EXPECT_EQ(NearestWord("prio", words), "priority");
  EXPECT_EQ(NearestWord("interfall", words), "interval");
  EXPECT_EQ(NearestWord("metrics", words), "");
  EXPECT_EQ(NearestWord(std::string(65, 'a'), words), "");
}

TEST(NearestWordTest, IsTheNearestByDefinition) {
  std::mt19937 random(1);
  const auto word = [&](size_t longest) {
    std::string text(random() % (longest + 1), 'a');
    for (char& c : text) c = static_cast<char>('a' + random() % 3);
    return text;
  };
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> texts;
    for (int i = 0; i < 8; ++i) texts.push_back(word(14));
    const std::string found = word(12);
    std::erase(texts, found);  // a known word is not looked up
    const std::vector<absl::string_view> words(texts.begin(), texts.end());
    ASSERT_EQ(NearestWord(found, words), NearestByDefinition(found, words)) << found;
  }
}

}  // namespace
}  // namespace dpvrrp
