// SPDX-License-Identifier: BSD-3-Clause
//
// The keys of the instances: the keyrings in force, the validity periods of their keys, and the set of keys that each
// instance's lcore uses.
//
// Thread: control.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "control/instances/registry.h"
#include "control/keys/keyrings.h"
#include "control/part.h"

namespace dpvrrp {

// An instance is to use this ring from now on.
struct KeysChanged {
  InstanceId instance;
  Keyrings::Ring ring;
};

class Keys final : public Part {
 public:
  explicit Keys(const PartContext& context) : context_(context) {}

  const Keyrings& rings() const { return rings_; }
  Keyrings::Ring InForce(const Keyrings::Ring& ring) const { return rings_.InForce(ring); }

  // The file's rings replace all others. Look() must follow.
  void Configure(const std::vector<Keyrings::Ring>& rings, ControlTime t) { rings_.Configure(rings, t.unix_ms); }
  // Compares the validity periods with the clock.
  void Look(ControlTime t);
  // Replaces the ring of the same name. `what` is for the event. Returns how many instances get its keys.
  size_t ChangeRing(KeyringConfig ring, absl::string_view what, ControlTime t);
  // Whether every user of the ring can use this secret: its length; for GMAC, that no other ring has it.
  absl::Status FitsUsers(const std::string& ring, const SecretBytes& secret) const;
  // The instances whose keys have changed since the last call.
  std::vector<KeysChanged> TakeChanged() { return std::exchange(changed_, {}); }

  // ---- Sets of keys ----

  // The set that was sent to the lcore last; null: none. Only `use` of it changes.
  std::shared_ptr<const KeySet> InUse(InstanceId id) const;
  void SetInUse(InstanceId id, std::shared_ptr<const KeySet> keys) { in_use_[id] = std::move(keys); }
  // An lcore has handed back a configuration with this set. What the set counted is kept when no other configuration
  // has it.
  void OnReturned(const std::shared_ptr<const KeySet>& keys);

  // ---- Part ----

  void OnTime(ControlTime t) override;
  Instant NextDeadline() const override { return look_at_; }
  void Forget(InstanceId id) override { in_use_.erase(id); }

 private:
  size_t RekeyUsers(const std::string& ring);

  PartContext context_;
  Keyrings rings_;
  absl::flat_hash_map<InstanceId, std::shared_ptr<const KeySet>> in_use_;
  std::vector<KeysChanged> changed_;
  Instant look_at_ = kNever;
};

}  // namespace dpvrrp
