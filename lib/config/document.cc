// SPDX-License-Identifier: BSD-3-Clause
#include "config/document.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

// Debian's pkg-config file asks for its shared library, which is built with exceptions: use the headers alone.
#undef TOML_HEADER_ONLY
#undef TOML_SHARED_LIB
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 6  // instance = [ { virtual_addresses = [ {} ] } ] is 4
// toml++ asserts what the text may break ("[ ?]"), then handles it; so its asserts must neither abort nor be assumed.
#undef NDEBUG
#define TOML_ASSERT(condition) static_assert(true)
#include <toml++/toml.h>

namespace dpvrrp::config_internal {
namespace {

// toml++ frees tables by recursion and a header [a.a.a.a…] nests them without bound, so a line has a limit on dots. The
// longest sensible line has 255 virtual addresses, each with a VLAN interface: 1020.
constexpr int kMaxDotsPerLine = 1100;

// The first position past the limit, if there is one.
std::optional<Position> FindTooManyDots(absl::string_view text) {
  Position at;
  int dots = 0;
  for (const char c : text) {
    if (c == '.' && ++dots > kMaxDotsPerLine) return at;
    ++at.column;
    if (c == '\n') {
      ++at.line;
      at.column = 1;
      dots = 0;
    }
  }
  return std::nullopt;
}

Position PositionOf(const toml::source_region& source) {
  return {std::max(1u, static_cast<uint32_t>(source.begin.line)),
          std::max(1u, static_cast<uint32_t>(source.begin.column))};
}

Node Convert(const toml::node& from) {
  Node to{PositionOf(from.source()), Other{}};
  if (const auto* text = from.as_string()) {
    to.value = text->get();
  } else if (const auto* integer = from.as_integer()) {
    to.value = integer->get();
  } else if (const auto* boolean = from.as_boolean()) {
    to.value = boolean->get();
  } else if (const auto* array = from.as_array()) {
    Array& items = to.value.emplace<Array>();
    items.items.reserve(array->size());
    for (const toml::node& item : *array) items.items.push_back(Convert(item));
  } else if (const auto* table = from.as_table()) {
    Table& members = to.value.emplace<Table>();
    members.members.reserve(table->size());
    for (const auto& [key, value] : *table) {
      members.members.push_back({std::string(key.str()), PositionOf(key.source()), Convert(value)});
    }
  }
  return to;
}

// Takes what toml++ quotes out of its description: it may be a piece of a key.
std::string WithoutFileText(std::string_view description) {
  std::string text(description.substr(0, description.find(", saw")));
  if (absl::StrContains(text, "expected '") || absl::StrContains(text, "cannot redefine")) return text;
  const size_t first = text.find('\'');
  const size_t last = text.rfind('\'');
  if (first != last) text.replace(first + 1, last - first - 1, "…");
  return text;
}

}  // namespace

std::variant<Node, SyntaxError> ParseToml(absl::string_view text) {
  if (const std::optional<Position> at = FindTooManyDots(text)) {
    return SyntaxError{*at, absl::StrCat("a line may hold at most ", kMaxDotsPerLine, " dots")};
  }
  const toml::parse_result result = toml::parse(std::string_view(text.data(), text.size()));
  if (!result) {
    const toml::parse_error& error = result.error();
    return SyntaxError{PositionOf(error.source()),
                       absl::StrCat("not valid TOML: ", WithoutFileText(error.description()))};
  }
  return Convert(result.table());
}

}  // namespace dpvrrp::config_internal
