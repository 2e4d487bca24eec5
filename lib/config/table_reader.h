// SPDX-License-Identifier: BSD-3-Clause
//
// Reads the values of one table of the file, and reports each that breaks a rule.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "base/time.h"
#include "config/document.h"
#include "config/faults.h"
#include "config/schema.h"

namespace dpvrrp::config_internal {

// A word that stands for a value.
template <typename T>
struct Choice {
  absl::string_view word;
  T value;
};

struct Range {
  int64_t low;
  int64_t high;
  absl::string_view source = "";  // " (RFC 3768 5.3.3)"
};

// Reads one table by its rule. Construction reports unknown keys, wrong types and missing required keys, so the
// accessors return only values of the right type. An accessor returns null or nullopt if there is no valid value. If
// the file causes that, the accessor has reported it.
//
// Thread: control.
class TableReader {
 public:
  TableReader(const Node& table, const TableRule& rule, Faults& faults);

  Position at() const { return at_; }
  Faults& faults() const { return faults_; }

  // `key` must be in the rule.
  bool Has(absl::string_view key) const { return seen_[IndexOf(key)]; }  // present, also if its type is wrong
  const Node* Find(absl::string_view key) const { return values_[IndexOf(key)]; }
  std::optional<int64_t> Integer(absl::string_view key, const Range& range) const;
  std::optional<Nanoseconds> Duration(absl::string_view key) const;
  template <typename T, size_t N>
  std::optional<T> Choose(absl::string_view key, const Choice<T> (&choices)[N]) const;
  // The items of an array that have one of `types`. Every other item is reported with `expected`.
  std::vector<const Node*> Items(absl::string_view key, ValueTypes types, absl::string_view expected) const;
  // "<key> '<value>': <rule>" at the value.
  void Refuse(absl::string_view key, const Node& node, absl::string_view rule) const;

 private:
  size_t IndexOf(absl::string_view key) const;
  void CheckMember(const Member& member);
  void RefuseUnknown(const Member& member) const;

  Position at_;
  const TableRule& rule_;
  Faults& faults_;
  std::vector<bool> seen_;           // by the key's place in the rule
  std::vector<const Node*> values_;  // by the key's place in the rule; null: absent or of a wrong type
};

template <typename T, size_t N>
std::optional<T> TableReader::Choose(absl::string_view key, const Choice<T> (&choices)[N]) const {
  const Node* node = Find(key);
  if (node == nullptr) return std::nullopt;
  for (const Choice<T>& choice : choices) {
    if (choice.word == node->text()) return choice.value;
  }
  const auto word = [](std::string* out, const Choice<T>& choice) { absl::StrAppend(out, choice.word); };
  Refuse(key, *node, absl::StrCat("must be one of ", absl::StrJoin(choices, ", ", word)));
  return std::nullopt;
}

// A string or integer as a message shows it: "'51'".
std::string ValueText(const Node& node);

}  // namespace dpvrrp::config_internal
