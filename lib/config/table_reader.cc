// SPDX-License-Identifier: BSD-3-Clause
#include "config/table_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "base/nearest.h"
#include "config/duration.h"
#include "config/foreign_words.h"

namespace dpvrrp::config_internal {
namespace {

// The key that the operator may have meant; empty if no key is near.
absl::string_view NearestKey(absl::string_view found, std::span<const KeyRule> keys) {
  std::vector<absl::string_view> names;
  for (const KeyRule& key : keys) names.push_back(key.name);
  return NearestWord(found, names);
}

std::optional<size_t> PlaceOf(absl::string_view name, std::span<const KeyRule> keys) {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const KeyRule& key) { return key.name == name; });
  if (found == keys.end()) return std::nullopt;
  return static_cast<size_t>(found - keys.begin());
}

}  // namespace

std::string ValueText(const Node& node) {
  if (TypeOf(node) == kString) return Quoted(node.text());
  DPVRRP_CHECK(TypeOf(node) == kInteger);
  return Quoted(node.integer());
}

TableReader::TableReader(const Node& table, const TableRule& rule, Faults& faults)
    : at_(table.at), rule_(rule), faults_(faults), seen_(rule.keys.size()), values_(rule.keys.size()) {
  for (const Member& member : table.table().members) CheckMember(member);
  for (size_t i = 0; i < rule.keys.size(); ++i) {
    if (seen_[i] || rule.keys[i].presence == Presence::kOptional) continue;
    faults_.Error(at_, absl::StrCat(rule.keys[i].name, ": is required in ", rule.name));
  }
}

size_t TableReader::IndexOf(absl::string_view key) const {
  const std::optional<size_t> place = PlaceOf(key, rule_.keys);
  DPVRRP_CHECK(place.has_value());
  return *place;
}

void TableReader::CheckMember(const Member& member) {
  const std::optional<size_t> place = PlaceOf(member.key, rule_.keys);
  if (!place) return RefuseUnknown(member);
  const KeyRule& key = rule_.keys[*place];
  seen_[*place] = true;
  if ((TypeOf(member.value) & key.types) != 0) {
    values_[*place] = &member.value;
    return;
  }
  faults_.Error(member.value.at, absl::StrCat(key.name, ": must be ", key.expected, ", got ", TypeName(member.value)));
}

void TableReader::RefuseUnknown(const Member& member) const {
  const std::string foreign = ForeignWordAdvice(member.key);
  if (!foreign.empty()) {
    return faults_.Error(member.at,
                         absl::StrCat("unknown key ", Quoted(member.key), " in ", rule_.name, ": ", foreign));
  }
  const absl::string_view nearest = NearestKey(member.key, rule_.keys);
  const auto name = [](std::string* out, const KeyRule& key) { absl::StrAppend(out, key.name); };
  const std::string advice = nearest.empty() ? absl::StrCat("known keys are ", absl::StrJoin(rule_.keys, ", ", name))
                                             : absl::StrCat("did you mean '", nearest, "'?");
  faults_.Error(member.at, absl::StrCat("unknown key ", Quoted(member.key), " in ", rule_.name, ": ", advice));
}

std::optional<int64_t> TableReader::Integer(absl::string_view key, const Range& range) const {
  const Node* node = Find(key);
  if (node == nullptr) return std::nullopt;
  const int64_t value = node->integer();
  if (value >= range.low && value <= range.high) return value;
  Refuse(key, *node, absl::StrCat("must be ", range.low, "..", range.high, range.source));
  return std::nullopt;
}

std::optional<Nanoseconds> TableReader::Duration(absl::string_view key) const {
  const Node* node = Find(key);
  if (node == nullptr) return std::nullopt;
  const absl::StatusOr<Nanoseconds> duration =
      TypeOf(*node) == kInteger ? DurationOfSeconds(node->integer()) : ParseDuration(node->text());
  if (duration.ok()) return *duration;
  Refuse(key, *node, duration.status().message());
  return std::nullopt;
}

std::vector<const Node*> TableReader::Items(absl::string_view key, ValueTypes types, absl::string_view expected) const {
  std::vector<const Node*> good;
  const Node* list = Find(key);
  if (list == nullptr) return good;
  for (const Node& item : list->items()) {
    if ((TypeOf(item) & types) != 0) {
      good.push_back(&item);
    } else {
      faults_.Error(item.at, absl::StrCat(key, ": must be ", expected, ", got ", TypeName(item)));
    }
  }
  return good;
}

void TableReader::Refuse(absl::string_view key, const Node& node, absl::string_view rule) const {
  faults_.Error(node.at, absl::StrCat(key, " ", ValueText(node), ": ", rule));
}

}  // namespace dpvrrp::config_internal
