// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "absl/strings/string_view.h"

namespace dpvrrp::config_internal {

// Whether the whole name fits the pattern: `*` stands for any characters, also none, and `?` for one. It takes at most
// the product of the two lengths. Thread: any (pure).
constexpr bool FitsPattern(absl::string_view name, absl::string_view pattern) {
  constexpr size_t kNone = absl::string_view::npos;
  size_t at = 0;
  size_t next = 0;      // in the pattern
  size_t star = kNone;  // the last `*` of the pattern so far
  size_t star_end = 0;  // where the characters end that it stands for
  while (at < name.size()) {
    if (next < pattern.size() && pattern[next] == '*') {
      star = next++;
      star_end = at;
    } else if (next < pattern.size() && (pattern[next] == '?' || pattern[next] == name[at])) {
      ++next;
      ++at;
    } else if (star != kNone) {
      next = star + 1;
      at = ++star_end;
    } else {
      return false;
    }
  }
  while (next < pattern.size() && pattern[next] == '*') ++next;
  return next == pattern.size();
}

}  // namespace dpvrrp::config_internal
