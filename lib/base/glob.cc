// SPDX-License-Identifier: BSD-3-Clause
#include "base/glob.h"

#include <cstddef>

#include "absl/strings/ascii.h"

namespace dpvrrp {

// After a mismatch, the latest `*` takes one more byte. Earlier ones need no second try, so the time is at most
// pattern x text.
bool GlobMatches(absl::string_view pattern, absl::string_view text, bool ignores_case) {
  const auto same = [&](char a, char b) {
    return a == '?' || a == b ||
           (ignores_case &&
            absl::ascii_tolower(static_cast<unsigned char>(a)) == absl::ascii_tolower(static_cast<unsigned char>(b)));
  };
  size_t p = 0, t = 0;
  size_t star = absl::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && same(pattern[p], text[t])) {
      ++p;
      ++t;
    } else if (star != absl::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace dpvrrp
