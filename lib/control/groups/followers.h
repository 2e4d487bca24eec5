// SPDX-License-Identifier: BSD-3-Clause
//
// Groups of kind "follow": their members are master while the leader is. The lcore that has the leader moves the
// followers that it has (pipeline/followers.h). This part gives the followers of each lcore their ring, and passes the
// leader's state on to the other lcores.
//
// Thread: control.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "control/part.h"
#include "pipeline/followers.h"
#include "vrrp/machine.h"

namespace dpvrrp {

struct ManagedInstance;

class Followers final : public Part {
 public:
  explicit Followers(const PartContext& context) : context_(context) {}

  // The lcore has the command to add the instance, or the instance has another configuration. A leader leads, a
  // follower follows.
  void Attach(const ManagedInstance& instance);
  // The instance has another state.
  void OnTransition(const ManagedInstance& instance);

  // A follower continues a mastership of the last run (control/handover). If its leader has not decided until then, it
  // follows a leader that is not master.
  void DecideAt(Instant at);

  void OnTime(ControlTime t) override;
  Instant NextDeadline() const override { return decide_at_; }
  void Forget(InstanceId id) override { ring_of_.erase(id); }

 private:
  // By worker. A ring is kept for as long as the shards may use it: to the end.
  using Rings = std::map<size_t, std::unique_ptr<FollowerRing>>;

  FollowerRing& RingOf(const std::string& leader, size_t worker);
  size_t WorkerOf(const ManagedInstance& instance) const;
  void Lead(const ManagedInstance& leader, FollowerRing& ring);

  PartContext context_;
  Instant decide_at_ = kNever;
  absl::flat_hash_map<std::string, Rings> rings_;                 // by the leader's name
  absl::flat_hash_map<InstanceId, const FollowerRing*> ring_of_;  // of the followers
};

}  // namespace dpvrrp
