// SPDX-License-Identifier: BSD-3-Clause
#include "control/keys/keys.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "control/instances/router_builder.h"
#include "control/journal/journal.h"

namespace dpvrrp {

void Keys::OnTime(ControlTime t) {
  if (look_at_ <= t.now) Look(t);
}

void Keys::Look(ControlTime t) {
  for (const std::string& name : rings_.Look(t.unix_ms)) RekeyUsers(name);
  for (const Occurrence& note : rings_.TakeNotes()) context_.journal.Record(note, t.unix_ms);
  const Nanoseconds wait = rings_.NextLook(t.unix_ms);
  look_at_ = wait == Keyrings::kForever ? kNever : t.now + wait;
}

size_t Keys::RekeyUsers(const std::string& ring) {
  size_t count = 0;
  for (const auto& [name, instance] : context_.registry.instances()) {
    if (instance.removing || !UsesRing(instance, ring)) continue;
    changed_.push_back({instance.id, rings_.InForce(instance.config.auth.keyring)});
    ++count;
  }
  return count;
}

size_t Keys::ChangeRing(KeyringConfig ring, absl::string_view what, ControlTime t) {
  const std::string name = ring.name;
  rings_.Change(std::move(ring), t.unix_ms);
  const size_t count = RekeyUsers(name);
  context_.journal.Record(occurrence::RingChanged{name, std::string(what), count}, t.unix_ms);
  Look(t);
  return count;
}

absl::Status Keys::FitsUsers(const std::string& ring, const SecretBytes& secret) const {
  bool for_gmac = false;
  for (const auto& [name, instance] : context_.registry.instances()) {
    if (!UsesRing(instance, ring)) continue;
    const AuthConfig& auth = instance.config.auth;
    const std::string fault = KeyLengthFault(auth, secret.bytes.size());
    if (!fault.empty()) return absl::InvalidArgumentError(absl::StrCat(fault, "; instance ", name));
    for_gmac = for_gmac || UsesGmac(auth);
  }
  if (!for_gmac) return absl::OkStatus();
  // As the file's check: with one key, a number would be used twice (docs/decisions/0010).
  for (const InstanceConfig& other : context_.registry.config().instances) {
    if (!UsesGmac(other.auth) || other.auth.keyring->name == ring) continue;
    const Keyrings::Entry* entry = rings_.Find(other.auth.keyring->name);
    const std::vector<KeyConfig>& keys = entry == nullptr ? other.auth.keyring->keys : entry->whole->keys;
    if (std::ranges::find(keys, secret, &KeyConfig::secret) == keys.end()) continue;
    return absl::InvalidArgumentError(absl::StrCat("instance ", other.name, " has the same key for ",
                                                   InfoOf(other.auth.algorithm).name,
                                                   ", which needs a key of its own for each instance (RFC 4543 8)"));
  }
  return absl::OkStatus();
}

std::shared_ptr<const KeySet> Keys::InUse(InstanceId id) const {
  const auto it = in_use_.find(id);
  return it == in_use_.end() ? nullptr : it->second;
}

void Keys::OnReturned(const std::shared_ptr<const KeySet>& keys) {
  if (keys != nullptr && keys.use_count() == 1) rings_.Retire(*keys);
}

}  // namespace dpvrrp
