// SPDX-License-Identifier: BSD-3-Clause
#include "gen/profile_text.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace dpvrrp {
namespace gen_internal {
namespace {

using namespace config_internal;

constexpr absl::string_view kText = "a string";
constexpr absl::string_view kNumber = "an integer";
constexpr absl::string_view kSwitch = "true or false";
constexpr absl::string_view kTime = "a duration such as \"100ms\", or whole seconds";

constexpr KeyRule kRootKeys[] = {
    {"generator", kTable, "a table: write [generator]"},
    {"keyring", kArray, "a list of tables: write [[keyring]]"},
    {"stream", kArray, "a list of tables: write [[stream]]", Presence::kRequired},
};

constexpr KeyRule kGeneratorKeys[] = {
    {"device", kString, kText, Presence::kRequired},
    {"lcore", kInteger, kNumber},
    {"duration", kDuration, kTime},
    {"poll", kBoolean, kSwitch},
};

constexpr KeyRule kStreamKeys[] = {
    {"name", kString, kText},
    {"kind", kString, kText, Presence::kRequired},
    {"vlan", kArray, "a list of integers and ranges"},
    {"vrid", kNumbers, "an integer or ranges such as \"1-250\"", Presence::kRequired},
    {"version", kInteger, kNumber},
    {"priority", kInteger, kNumber},
    {"advertisement_interval", kDuration, kTime},
    {"checksum", kString, kText},
    {"source_address", kAddressEntry, "an address, or a table with its steps", Presence::kRequired},
    {"source_mac", kString, kText},
    {"virtual_addresses", kArray, "a list of addresses", Presence::kRequired},
    {"authentication", kTable, "a table: write [stream.authentication]"},
    {"start_at", kDuration, kTime},
    {"silent_at", kDuration, kTime},
    {"resign_at", kDuration, kTime},
    {"resume_at", kDuration, kTime},
    {"rate", kInteger, kNumber},
    {"frames", kInteger, kNumber},
    {"sequence", kInteger, kNumber},
    {"clock_offset", kString, "a duration such as \"-30s\""},
};

// Options of the command line without a key of their own: each address gets them.
constexpr absl::string_view kSteps[] = {"per_vlan", "per_vrid"};

const KeyRule* FindKey(const TableRule& rule, absl::string_view name) {
  const auto found =
      std::find_if(rule.keys.begin(), rule.keys.end(), [&](const KeyRule& key) { return key.name == name; });
  return found == rule.keys.end() ? nullptr : &*found;
}

bool IsStep(absl::string_view key) { return std::find(std::begin(kSteps), std::end(kSteps), key) != std::end(kSteps); }

// Null: it is no table, or has no such member.
Node* FindMember(Node& node, absl::string_view key) {
  auto* table = std::get_if<config_internal::Table>(&node.value);
  if (table == nullptr) return nullptr;
  for (Member& member : table->members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

// The member with this key; made if it is missing.
Node& MemberOf(config_internal::Table& table, absl::string_view key, Position at) {
  for (Member& member : table.members) {
    if (member.key == key) return member.value;
  }
  table.members.push_back({std::string(key), at, {at, {}}});
  return table.members.back().value;
}

config_internal::Table& TableOf(Node& node) {
  if (std::get_if<config_internal::Table>(&node.value) == nullptr) node.value = config_internal::Table{};
  return *std::get_if<config_internal::Table>(&node.value);
}

// The text in the type that the key takes.
void SetValue(const KeyRule& key, const std::string& text, Position at, Node& node) {
  node.at = at;
  int64_t number = 0;
  if ((key.types & kArray) != 0) {
    if (std::get_if<Array>(&node.value) == nullptr) node.value = Array{};
    Array& list = *std::get_if<Array>(&node.value);
    // A comma separates addresses, but it is a part of a set of VLANs.
    const std::vector<std::string> items =
        key.name == "vlan" ? std::vector<std::string>{text} : absl::StrSplit(text, ',');
    for (const std::string& item : items) list.items.push_back({at, item});
  } else if ((key.types & kInteger) != 0 && absl::SimpleAtoi(text, &number)) {
    node.value = number;
  } else if ((key.types & kBoolean) != 0) {
    node.value = true;
  } else {
    node.value = text;
  }
}

// Makes tables with the steps of the addresses in the list.
void AddSteps(const std::vector<Member>& steps, Node& list) {
  auto* array = std::get_if<Array>(&list.value);
  if (array == nullptr || steps.empty()) return;
  for (Node& item : array->items) {
    config_internal::Table table;
    table.members.push_back({"address", item.at, item});
    for (const Member& step : steps) table.members.push_back(step);
    item.value = std::move(table);
  }
}

// Whether the text has the form of the key; if not, that is reported. The readers check the rest.
bool HasForm(const KeyRule& key, const GenOption& option, Position at, Faults& faults) {
  int64_t number = 0;
  if (key.types != kInteger || absl::SimpleAtoi(option.value, &number)) return true;
  faults.Error(at, absl::StrCat(key.name, " ", Quoted(option.value), ": must be ", key.expected));
  return false;
}

Node StreamOf(const std::vector<GenOption>& options, Faults& faults) {
  Node stream{{0, 1}, config_internal::Table{}};
  config_internal::Table& table = TableOf(stream);
  std::vector<Member> steps;
  for (size_t i = 0; i < options.size(); ++i) {
    const Position at{0, static_cast<uint32_t>(i + 1)};
    const absl::string_view key = options[i].key;
    if (IsStep(key)) {
      steps.push_back({std::string(key), at, {at, options[i].value}});
    } else if (const KeyRule* own = FindKey(kStreamRule, key)) {
      if (HasForm(*own, options[i], at, faults)) SetValue(*own, options[i].value, at, MemberOf(table, key, at));
    } else if (const KeyRule* secret = FindKey(kGenAuthenticationRule, key == "auth" ? "type" : key)) {
      if (!HasForm(*secret, options[i], at, faults)) continue;
      config_internal::Table& authentication = TableOf(MemberOf(table, "authentication", at));
      SetValue(*secret, options[i].value, at, MemberOf(authentication, secret->name, at));
    }
  }
  for (Member& member : table.members) {
    if (member.key == "virtual_addresses") AddSteps(steps, member.value);
  }
  return stream;
}

}  // namespace

const TableRule kGenRootRule{"the profile", kRootKeys};
const TableRule kGeneratorRule{"[generator]", kGeneratorKeys};
const TableRule kStreamRule{"[[stream]]", kStreamKeys};
const TableRule kGenAuthenticationRule{"[stream.authentication]", kAuthenticationRule.keys};

void AllowWeakKeys(Node& root) {
  Node* streams = FindMember(root, "stream");
  auto* list = streams == nullptr ? nullptr : std::get_if<Array>(&streams->value);
  if (list == nullptr) return;
  for (Node& stream : list->items) {
    Node* authentication = FindMember(stream, "authentication");
    const Node* type = authentication == nullptr ? nullptr : FindMember(*authentication, "type");
    if (type == nullptr || TypeOf(*type) != kString || FindMember(*authentication, "keyring") != nullptr) continue;
    if (type->text() != "ah" && type->text() != "auth-hmac") continue;
    MemberOf(TableOf(*authentication), "allow_weak_keys", authentication->at).value = true;
  }
}

void AddOptions(const std::vector<GenOption>& options, Node& root, Faults& faults) {
  config_internal::Table& table = TableOf(root);
  for (size_t i = 0; i < options.size(); ++i) {
    const KeyRule* key = FindKey(kGeneratorRule, options[i].key);
    const Position at{0, static_cast<uint32_t>(i + 1)};
    if (key == nullptr || !HasForm(*key, options[i], at, faults)) continue;
    SetValue(*key, options[i].value, at, MemberOf(TableOf(MemberOf(table, "generator", at)), key->name, at));
  }
  const auto own = [](const GenOption& option) { return FindKey(kGeneratorRule, option.key) == nullptr; };
  const auto first = std::find_if(options.begin(), options.end(), own);
  if (first == options.end()) return;
  const Position at{0, static_cast<uint32_t>(first - options.begin() + 1)};
  for (const Member& member : table.members) {
    if (member.key != "stream") continue;
    faults.Error(at, absl::StrCat(first->key, ": is not allowed with a profile that has a [[stream]]"));
    return;
  }
  Node& list = MemberOf(table, "stream", at);
  list.value = Array{};
  std::get_if<Array>(&list.value)->items.push_back(StreamOf(options, faults));
}

}  // namespace gen_internal

GenOptionForm FormOfGenOption(absl::string_view key) {
  using namespace gen_internal;
  if (IsStep(key) || key == "auth") return GenOptionForm::kValue;
  if (key == "type" || key == "authentication" || key == "keyring") return GenOptionForm::kUnknown;
  for (const auto* rule : {&kGeneratorRule, &kStreamRule, &kGenAuthenticationRule}) {
    if (const auto* found = FindKey(*rule, key)) {
      return found->types == config_internal::kBoolean ? GenOptionForm::kFlag : GenOptionForm::kValue;
    }
  }
  return GenOptionForm::kUnknown;
}

}  // namespace dpvrrp
