// SPDX-License-Identifier: BSD-3-Clause
//
// Writes TOML as a person would: tables with keys in the order in which they are added, lists over several lines if
// they are long, comments where they stood.
//
// Thread: any (values).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "keepalived/statement.h"

namespace dpvrrp::keepalived {

// The text, which is UTF-8, or else Latin-1 and changed to UTF-8.
std::string Utf8(absl::string_view text);
std::string TomlString(absl::string_view text);  // "\"a \\\"b\\\"\""

struct TomlItem {
  std::string value;
  std::vector<std::string> before;  // comment lines
  std::string comment;              // at the end of the line
};

class TomlTable {
 public:
  explicit TomlTable(std::string header) : header_(std::move(header)) {}  // "[[port]]"

  // `from`: the statement whose comments stand at this key. Null: none.
  void Set(absl::string_view key, std::string value, const Statement* from = nullptr);
  void SetText(absl::string_view key, absl::string_view value, const Statement* from = nullptr) {
    Set(key, TomlString(value), from);
  }
  // A list; on one line if it is short and has no comments.
  void SetList(absl::string_view key, std::vector<TomlItem> items, const Statement* from = nullptr);
  // A comment at the end of the last key's line.
  void Mark(absl::string_view comment);
  // Comment lines above the header, and below the last key.
  void Above(std::vector<std::string> comments);
  void Below(std::vector<std::string> comments);
  // Puts the comments of the block's statements that stand at no key above the header, and those before its closing
  // brace below.
  void Keep(const Statement& block);
  // The comments of this statement, or of those in `other`, stand somewhere else.
  void Placed(const Statement* from) { placed_.insert(from); }
  void PlacedIn(const TomlTable& other) { placed_.insert(other.placed_.begin(), other.placed_.end()); }

  bool empty() const { return lines_.empty(); }
  std::string Text() const;
  std::string Comments() const;  // only those above and below

 private:
  struct Line {
    std::string key;
    std::string value;            // empty: a list
    std::vector<TomlItem> items;  // of a list
    std::vector<std::string> before;
    std::string comment;
  };

  void KeepInner(const Statement& block);

  std::string header_;
  std::vector<Line> lines_;
  std::vector<std::string> above_;
  std::vector<std::string> below_;
  std::set<const Statement*> placed_;
};

// The item with the statement's comments.
TomlItem ItemOf(std::string value, const Statement* from);

}  // namespace dpvrrp::keepalived
