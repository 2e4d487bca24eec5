// SPDX-License-Identifier: BSD-3-Clause
#include "base/nearest.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"

namespace dpvrrp {
namespace {

constexpr size_t kLongestWord = 64;

// The least number of characters to insert, remove, change or swap with a neighbour (optimal string alignment); a
// larger number if it is above `limit`. Looks only at alignments that are at most `limit` characters apart, because
// there may be thousands of words. `a` has at most kLongestWord characters.
size_t EditDistance(absl::string_view a, absl::string_view b, size_t limit) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return limit + 1;
  using Row = std::array<size_t, kLongestWord + 2>;  // by the characters of `a`; the others are too many
  Row before_last{}, last{}, row{};
  for (size_t i = 0; i <= a.size(); ++i) row[i] = i;
  for (size_t j = 1; j <= b.size(); ++j) {
    before_last = last;
    last = row;
    const size_t from = j > limit ? j - limit : 1, to = std::min(a.size(), j + limit);
    row[from - 1] = from == 1 ? j : limit + 1;
    size_t least = row[from - 1];
    for (size_t i = from; i <= to; ++i) {
      const size_t removed = i < j + limit ? last[i] + 1 : limit + 1;
      row[i] = std::min({last[i - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), removed, row[i - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[i] = std::min(row[i], before_last[i - 2] + 1);
      least = std::min(least, row[i]);
    }
    if (least > limit) return limit + 1;
  }
  return row[a.size()];
}

}  // namespace

absl::string_view NearestWord(absl::string_view found, std::span<const absl::string_view> words) {
  absl::string_view nearest;
  if (found.size() > kLongestWord) return nearest;
  size_t limit = std::max<size_t>(1, found.size() / 3);
  for (const absl::string_view word : words) {
    const bool is_part = found.size() >= 3 && absl::StrContains(word, found);  // "prio", "interval"
    const size_t distance = is_part ? 1 : EditDistance(found, word, limit);
    if (distance > limit) continue;
    nearest = word;
    if (distance <= 1) break;  // an unknown word is never at distance 0
    limit = distance - 1;      // only a nearer word replaces it
  }
  return nearest;
}

}  // namespace dpvrrp
