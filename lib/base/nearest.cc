// SPDX-License-Identifier: BSD-3-Clause
#include "base/nearest.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"

namespace dpvrrp {
namespace {

// The least number of characters to insert, remove, change or swap with a neighbour (optimal string alignment).
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<std::vector<size_t>> least(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        least[i][j] = i + j;
        continue;
      }
      const size_t changed = least[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      least[i][j] = std::min({changed, least[i - 1][j] + 1, least[i][j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) least[i][j] = std::min(least[i][j], least[i - 2][j - 2] + 1);
    }
  }
  return least[a.size()][b.size()];
}

}  // namespace

absl::string_view NearestWord(absl::string_view found, std::span<const absl::string_view> words) {
  constexpr size_t kLongestWord = 64;
  absl::string_view nearest;
  if (found.size() > kLongestWord) return nearest;
  size_t limit = std::max<size_t>(1, found.size() / 3);
  for (const absl::string_view word : words) {
    const bool is_part = found.size() >= 3 && absl::StrContains(word, found);  // "prio", "interval"
    const size_t distance = is_part ? 1 : EditDistance(found, word);
    if (distance > limit) continue;
    limit = distance - 1;  // only a nearer word replaces it; an unknown word is never at distance 0
    nearest = word;
  }
  return nearest;
}

}  // namespace dpvrrp
