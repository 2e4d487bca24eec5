// SPDX-License-Identifier: BSD-3-Clause
//
// [[keyring]] and its [[keyring.key]]s. Nothing here depends on the time of day: control checks validity periods.
#include <map>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "config/instance_rules.h"
#include "config/keyring.h"
#include "config/load_secret.h"

namespace dpvrrp::config_internal {
namespace {

std::optional<int64_t> ReadMoment(const TableReader& reader, absl::string_view key) {
  const Node* node = reader.Find(key);
  return node == nullptr ? std::nullopt : std::optional(node->unix_seconds());
}

// Appends the key to the ring. `lines` has the line of each id.
void ReadKey(const Node& table, const ReadContext& context, std::map<int64_t, uint32_t>& lines, KeyringConfig& ring) {
  const TableReader reader(table, kKeyringKeyRule, context.faults);
  KeyConfig key;
  const std::optional<int64_t> id = reader.Integer("id", {1, 255});
  if (id) {
    const auto [first, is_new] = lines.emplace(*id, reader.Find("id")->at.line);
    if (!is_new) reader.Refuse("id", *reader.Find("id"), absl::StrCat("is already given in line ", first->second));
    key.id = static_cast<uint8_t>(*id);
  }
  key.not_before = ReadMoment(reader, "not_before");
  key.not_after = ReadMoment(reader, "not_after");
  if (key.not_before && key.not_after && *key.not_before >= *key.not_after) {
    context.faults.Error(reader.Find("not_after")->at, "not_after: must be later than not_before");
  }
  std::optional<Secret> secret = ReadSecret(reader, AuthKind::kAh, context);
  if (!secret || !id) return;
  const std::string fault = KeyFault(ring, secret->bytes);
  if (!fault.empty()) context.faults.Error(secret->at, absl::StrCat(secret->key, ": ", fault));
  key.secret = std::move(secret->bytes);
  ring.keys.push_back(std::move(key));
}

void ReadSign(const TableReader& reader, const std::map<int64_t, uint32_t>& lines, KeyringConfig& ring) {
  if (!reader.Has("sign")) {
    if (lines.size() == 1) ring.sign = static_cast<uint8_t>(lines.begin()->first);
    if (lines.size() > 1) {
      reader.faults().Error(reader.at(), "sign: is required in a [[keyring]] of several keys");
    }
    return;
  }
  const std::optional<int64_t> sign = reader.Integer("sign", {1, 255});
  if (!sign) return;
  if (!lines.contains(*sign)) reader.Refuse("sign", *reader.Find("sign"), "no key of the ring has this id");
  ring.sign = static_cast<uint8_t>(*sign);
}

}  // namespace

KeyringDraft ReadKeyring(const Node& table, const ReadContext& context) {
  const size_t errors = context.faults.errors();
  const TableReader reader(table, kKeyringRule, context.faults);
  auto ring = std::make_shared<KeyringConfig>();
  KeyringDraft draft;
  draft.name = ReadName(reader, &ring->name);
  for (const KeyringDraft& other : context.keyrings) {
    if (draft.name == nullptr || other.name == nullptr || other.name->text() != ring->name) continue;
    reader.Refuse("name", *draft.name,
                  absl::StrCat("the keyring in line ", other.name->at.line, " already has this name"));
  }
  if (const Node* allow = reader.Find("allow_weak_keys")) ring->allow_weak_keys = allow->boolean();
  std::map<int64_t, uint32_t> lines;
  const std::vector<const Node*> keys = reader.Items("key", kTable, "a list of tables: write [[keyring.key]]");
  for (const Node* key : keys) ReadKey(*key, context, lines, *ring);
  if (reader.Find("key") != nullptr && (keys.empty() || keys.size() > kMaxKeys)) {
    context.faults.Error(reader.Find("key")->at,
                         absl::StrCat("key: must be 1..", kMaxKeys, " keys, got ", keys.size()));
  }
  ReadSign(reader, lines, *ring);
  draft.good = context.faults.errors() == errors;
  draft.config = std::move(ring);
  return draft;
}

}  // namespace dpvrrp::config_internal
