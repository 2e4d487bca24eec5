// SPDX-License-Identifier: BSD-3-Clause
#include "cli/terminal.h"

#include <cstdint>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace dpvrrp {

bool TakeTerminal(absl::string_view* line, Terminal* terminal) {
  absl::string_view rest = *line;
  if (!absl::ConsumePrefix(&rest, kScreenWord)) return false;
  const absl::string_view word = rest.substr(0, rest.find(' '));
  const std::vector<absl::string_view> parts = absl::StrSplit(word, ',');
  uint32_t width = 0;
  if (!absl::SimpleAtoi(parts[0], &width)) return false;
  terminal->screen.width = width;
  for (size_t i = 1; i < parts.size(); ++i) {
    terminal->screen.colour |= parts[i] == "colour";
    terminal->asks |= parts[i] == "ask";
    terminal->looks |= parts[i] == "look";
  }
  rest.remove_prefix(word.size());
  absl::ConsumePrefix(&rest, " ");
  *line = rest;
  return true;
}

}  // namespace dpvrrp
