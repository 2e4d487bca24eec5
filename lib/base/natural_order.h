// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>

#include "absl/strings/string_view.h"

namespace dpvrrp {

// The order in which people count: gw-2 before gw-10. A run of digits compares as a number of any length, every other
// byte by its value. Names that differ only in leading zeros compare as texts, so no two different names are equal.
//
// Thread: any (pure).
struct NaturalLess {
  bool operator()(absl::string_view a, absl::string_view b) const {
    const int order = Compare(a, b);
    return order != 0 ? order < 0 : a < b;
  }

 private:
  static bool IsDigit(char c) { return c >= '0' && c <= '9'; }

  // Takes the run of digits at the front, and returns it without leading zeros.
  static absl::string_view TakeNumber(absl::string_view* text) {
    size_t end = 0;
    while (end < text->size() && IsDigit((*text)[end])) ++end;
    absl::string_view number = text->substr(0, end);
    text->remove_prefix(end);
    while (number.size() > 1 && number[0] == '0') number.remove_prefix(1);
    return number;
  }

  static int Compare(absl::string_view a, absl::string_view b) {
    while (!a.empty() && !b.empty()) {
      if (IsDigit(a[0]) && IsDigit(b[0])) {
        const absl::string_view left = TakeNumber(&a);
        const absl::string_view right = TakeNumber(&b);
        if (left.size() != right.size()) return left.size() < right.size() ? -1 : 1;
        if (const int order = left.compare(right); order != 0) return order;
        continue;
      }
      if (a[0] != b[0]) return static_cast<unsigned char>(a[0]) < static_cast<unsigned char>(b[0]) ? -1 : 1;
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
    return static_cast<int>(!a.empty()) - static_cast<int>(!b.empty());
  }
};

}  // namespace dpvrrp
