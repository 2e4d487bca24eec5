// SPDX-License-Identifier: BSD-3-Clause
//
// A TOML text as a tree of values with their positions in the file. The only file that includes toml++, which is slow
// to compile.
//
// Thread: any (values).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"

namespace dpvrrp::config_internal {

struct Position {
  uint32_t line = 1;    // 1-based
  uint32_t column = 1;  // 1-based, in characters

  friend constexpr auto operator<=>(const Position&, const Position&) = default;
};

struct Node;
struct Member;

struct Array {
  std::vector<Node> items;
};
struct Table {
  std::vector<Member> members;  // in no meaningful order; each key once
};
struct UnixTime {
  int64_t seconds;  // since 1970-01-01 UTC
};
struct Other {};  // a float, or a time without its offset from UTC: no key accepts these

struct Node {
  Position at;
  std::variant<Other, std::string, int64_t, bool, Array, Table, UnixTime> value;

  // Each requires that the node has this type: the reader has checked it against the schema.
  const std::string& text() const { return *std::get_if<std::string>(&value); }
  int64_t integer() const { return *std::get_if<int64_t>(&value); }
  bool boolean() const { return *std::get_if<bool>(&value); }
  const std::vector<Node>& items() const { return std::get_if<Array>(&value)->items; }
  const Table& table() const { return *std::get_if<Table>(&value); }
  int64_t unix_seconds() const { return std::get_if<UnixTime>(&value)->seconds; }
};

struct Member {
  std::string key;
  Position at;  // of the key
  Node value;
};

struct SyntaxError {
  Position at;
  std::string message;  // quotes only names of keys from the text: the rest may be a secret
};

// The root table, or the first place that is not TOML.
std::variant<Node, SyntaxError> ParseToml(absl::string_view text);

// Overwrites every string in the tree, because some strings may be keys. Memory that the parser itself has allocated
// and freed is not reached.
void WipeTexts(Node& node);

}  // namespace dpvrrp::config_internal
