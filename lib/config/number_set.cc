// SPDX-License-Identifier: BSD-3-Clause
#include "config/number_set.h"

#include <bitset>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "config/faults.h"

namespace dpvrrp::config_internal {
namespace {

bool IsNumber(absl::string_view text, int* number) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == absl::string_view::npos &&
         absl::SimpleAtoi(text, number);
}

}  // namespace

absl::StatusOr<std::vector<uint16_t>> ParseNumberSet(absl::string_view text, uint16_t low, uint16_t high) {
  std::vector<uint16_t> numbers;
  std::bitset<65536> seen;
  const std::vector<absl::string_view> items = absl::StrSplit(text, ',');
  for (const absl::string_view item : items) {
    const std::vector<absl::string_view> ends = absl::StrSplit(item, absl::MaxSplits('-', 1));
    const auto fault = [&](absl::string_view rule) {
      return absl::InvalidArgumentError(items.size() == 1 ? std::string(rule) : absl::StrCat(Quoted(item), " ", rule));
    };
    int first = 0, last = 0;
    if (!IsNumber(absl::StripAsciiWhitespace(ends.front()), &first) ||
        !IsNumber(absl::StripAsciiWhitespace(ends.back()), &last)) {
      return fault("must be numbers and ranges, such as \"100-163,200\"");
    }
    if (first < low || first > high || last < low || last > high) {
      return fault(absl::StrCat("must lie in ", low, "..", high));
    }
    if (first > last) return fault("must ascend: write the lower end first");
    for (int number = first; number <= last; ++number) {
      if (seen[static_cast<size_t>(number)]) return absl::InvalidArgumentError(absl::StrCat(number, " is given twice"));
      seen.set(static_cast<size_t>(number));
      numbers.push_back(static_cast<uint16_t>(number));
    }
  }
  return numbers;
}

}  // namespace dpvrrp::config_internal
