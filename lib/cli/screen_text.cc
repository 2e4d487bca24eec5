// SPDX-License-Identifier: BSD-3-Clause
#include "cli/screen_text.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace dpvrrp::internal {
namespace {

constexpr absl::string_view kRed = "\x1b[31m";
constexpr absl::string_view kGreen = "\x1b[32m";
constexpr absl::string_view kYellow = "\x1b[33m";
constexpr absl::string_view kReset = "\x1b[0m";

// Of states, links, workers, events, keys, addresses of the kernel.
constexpr std::pair<absl::string_view, absl::string_view> kWords[] = {
    {"Master", kGreen},   {"Fault", kRed},     {"Initialize", kYellow}, {"down", kRed},       {"stalled", kRed},
    {"slow", kYellow},    {"error", kRed},     {"warning", kYellow},    {"wrong", kRed},      {"missing", kRed},
    {"foreign", kYellow}, {"moving", kYellow}, {"unknown", kYellow},    {"expired", kYellow}, {"away", kRed},
};

constexpr size_t kLeastText = 20;  // columns beside an indentation

bool BeginsCharacter(char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }

// The byte at which the first `width` columns end.
size_t BytesOf(absl::string_view text, size_t width) {
  size_t columns = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (BeginsCharacter(text[i]) && ++columns > width) return i;
  }
  return text.size();
}

}  // namespace

size_t ScreenWidth(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), BeginsCharacter));
}

std::vector<std::string> WrapText(absl::string_view text, size_t width) {
  std::vector<std::string> lines;
  while (width > 0 && ScreenWidth(text) > width) {
    const size_t most = BytesOf(text, width);
    const size_t blank = text.rfind(' ', most);
    const bool at_blank = blank != absl::string_view::npos && blank > 0;
    lines.emplace_back(text.substr(0, at_blank ? blank : most));
    text.remove_prefix(at_blank ? blank + 1 : most);
  }
  lines.emplace_back(text);
  return lines;
}

std::string WrapFreeLine(absl::string_view line, size_t width) {
  if (width == 0 || ScreenWidth(line) <= width) return absl::StrCat(line, "\n");
  const size_t first_word = std::min(line.find_first_not_of(' '), line.size());
  size_t indent = first_word;
  const size_t gap = line.find("  ", first_word);
  if (gap != absl::string_view::npos) indent = std::min(line.find_first_not_of(' ', gap), line.size());
  if (indent + kLeastText > width) indent = std::min(first_word, width / 2);
  std::string out(line.substr(0, indent));
  const std::vector<std::string> lines = WrapText(line.substr(indent), width - indent);
  for (size_t i = 0; i < lines.size(); ++i)
    absl::StrAppend(&out, i > 0 ? std::string(indent, ' ') : "", lines[i], "\n");
  return out;
}

absl::string_view ColourOf(absl::string_view column, absl::string_view cell) {
  if (cell == "-") return {};
  if (column == "error" || column == "down_reason") return kRed;
  if (column == "name" || column == "instance") return {};
  for (const auto& [word, colour] : kWords) {
    if (cell == word) return colour;
  }
  return {};
}

std::string Coloured(absl::string_view text, absl::string_view colour) {
  return colour.empty() ? std::string(text) : absl::StrCat(colour, text, kReset);
}

}  // namespace dpvrrp::internal
