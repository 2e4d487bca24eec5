// SPDX-License-Identifier: BSD-3-Clause
//
// Controller: keys are exchanged in place. Of each instance one set of keys is on its way to the lcore at most; what
// changes meanwhile goes when the former set has come back.
#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "control/controller.h"
#include "control/router_builder.h"

namespace dpvrrp {
namespace {

bool UsesGmac(const AuthConfig& auth) {
  return auth.kind == AuthKind::kAh && IsGmac(auth.algorithm) && auth.keyring != nullptr;
}

}  // namespace

void Controller::UseKeys(ManagedInstance& instance, Keyrings::Ring ring, ControlTime t) {
  instance.config.auth.keyring = std::move(ring);
  if (instance.keys_under_way) {
    instance.keys_outdated = true;
    return;
  }
  absl::StatusOr<std::unique_ptr<const KeySet>> keys = BuildKeys(instance.config.auth);
  if (!keys.ok()) {
    return Log(Severity::kError, &instance.config, "keys", std::string(keys.status().message()), t.unix_ms);
  }
  instance.keys = keys->get();
  instance.keys_under_way = true;
  instance.keys_outdated = false;
  ShardCommand command;
  command.kind = ShardCommand::Kind::kKeys;
  command.router = instance.router;
  command.keys = keys->release();  // the shard's now
  if (UsesGmac(instance.config.auth)) {
    command.sequence = AboveAllSent();
    ReserveNumbers(instance, command.sequence);
  }
  outbox_.shard.push_back(command);
}

void Controller::OnKeysReplaced(const ShardEvent& event, ControlTime t) {
  const std::unique_ptr<const KeySet> old(event.keys);  // freed here, by the thread that made it
  ManagedInstance* instance = FindById(event.instance);
  if (instance == nullptr) return;
  keyrings_.Retire(*old);
  instance->keys_under_way = false;
  if (instance->keys_outdated && !instance->removing) UseKeys(*instance, instance->config.auth.keyring, t);
}

void Controller::LookAtKeys(ControlTime t) {
  for (const std::string& name : keyrings_.Look(t.unix_ms)) RekeyUsers(name, t);
  for (Keyrings::Note& note : keyrings_.TakeNotes()) {
    Log(note.severity, nullptr, "keys", std::move(note.text), t.unix_ms);
  }
  const Nanoseconds wait = keyrings_.NextLook(t.unix_ms);
  look_at_keys_at_ = wait == Keyrings::kForever ? kNever : t.now + wait;
}

size_t Controller::RekeyUsers(const std::string& name, ControlTime t) {
  size_t count = 0;
  for (auto& [instance_name, instance] : instances_) {
    if (instance.removing || !UsesRing(instance, name)) continue;
    UseKeys(instance, keyrings_.InForce(instance.config.auth.keyring), t);
    ++count;
  }
  return count;
}

size_t Controller::ChangeRing(KeyringConfig ring, absl::string_view what, ControlTime t) {
  const std::string name = ring.name;
  keyrings_.Change(std::move(ring), t.unix_ms);
  const size_t count = RekeyUsers(name, t);
  Log(Severity::kNotice, nullptr, "keys",
      absl::StrCat("keyring ", name, ": ", what, ", ", count, " instances re-keyed"), t.unix_ms);
  LookAtKeys(t);
  return count;
}

absl::Status Controller::FitsUsers(const std::string& name, const SecretBytes& secret) const {
  bool for_gmac = false;
  for (const auto& [instance_name, instance] : instances_) {
    if (!UsesRing(instance, name)) continue;
    const AuthConfig& auth = instance.config.auth;
    const std::string fault = KeyLengthFault(auth, secret.bytes.size());
    if (!fault.empty()) return absl::InvalidArgumentError(absl::StrCat(fault, "; instance ", instance_name));
    for_gmac = for_gmac || UsesGmac(auth);
  }
  if (!for_gmac) return absl::OkStatus();
  // As the file's check: the same number would come twice (docs/decisions/0010).
  for (const InstanceConfig& other : config_.instances) {
    if (!UsesGmac(other.auth) || other.auth.keyring->name == name) continue;
    const Keyrings::Entry* ring = keyrings_.Find(other.auth.keyring->name);
    const std::vector<KeyConfig>& keys = ring == nullptr ? other.auth.keyring->keys : ring->whole->keys;
    if (std::ranges::find(keys, secret, &KeyConfig::secret) == keys.end()) continue;
    return absl::InvalidArgumentError(absl::StrCat("instance ", other.name, " has the same key for ",
                                                   InfoOf(other.auth.algorithm).name,
                                                   ", whose keys serve one instance each (RFC 4543 8)"));
  }
  return absl::OkStatus();
}

bool UsesRing(const ManagedInstance& instance, const std::string& name) {
  const auto& ring = instance.config.auth.keyring;
  return ring != nullptr && !name.empty() && ring->name == name;
}

}  // namespace dpvrrp
