// SPDX-License-Identifier: BSD-3-Clause
#include "config/table_reader.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "base/check.h"
#include "config/duration.h"

namespace dpvrrp::config_internal {
namespace {

// The least number of characters to insert, remove, change or swap with their neighbour (optimal string alignment).
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<std::vector<size_t>> least(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        least[i][j] = i + j;
        continue;
      }
      const size_t changed = least[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      least[i][j] = std::min({changed, least[i - 1][j] + 1, least[i][j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) least[i][j] = std::min(least[i][j], least[i - 2][j - 2] + 1);
    }
  }
  return least[a.size()][b.size()];
}

// What the operator may have meant; empty if nothing is near.
absl::string_view NearestKey(absl::string_view found, std::span<const KeyRule> keys) {
  constexpr size_t kLongestKey = 64;
  absl::string_view nearest;
  if (found.size() > kLongestKey) return nearest;
  size_t limit = std::max<size_t>(1, found.size() / 3);
  for (const KeyRule& key : keys) {
    const bool is_part = found.size() >= 3 && absl::StrContains(key.name, found);  // "prio", "interval"
    const size_t distance = is_part ? 1 : EditDistance(found, key.name);
    if (distance > limit) continue;
    limit = distance - 1;  // only a nearer one replaces it; 0 was no unknown key
    nearest = key.name;
  }
  return nearest;
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
  const absl::string_view nearest = NearestKey(member.key, rule_.keys);
  const auto name = [](std::string* out, const KeyRule& key) { absl::StrAppend(out, key.name); };
  const std::string advice = nearest.empty() ? absl::StrCat("known are ", absl::StrJoin(rule_.keys, ", ", name))
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
