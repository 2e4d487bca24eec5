// SPDX-License-Identifier: BSD-3-Clause
#include "control/groups/followers.h"

#include <algorithm>

#include "control/instances/registry.h"
#include "control/outbox.h"

namespace dpvrrp {

size_t Followers::WorkerOf(const ManagedInstance& instance) const {
  return context_.registry.WorkerOf(instance.port, instance.config.vlan);
}

// The leader and the ring of an lcore. On its own lcore the leader moves the ring itself; elsewhere the ring gets the
// leader's state. A leader in Initialize has not decided yet.
void Followers::Lead(const ManagedInstance& leader, FollowerRing& ring) {
  if (ring.worker == WorkerOf(leader)) {
    context_.outbox.shard.push_back(command::Lead{leader.router, &ring});
  } else if (leader.state != State::kInitialize) {
    context_.outbox.shard.push_back(command::MoveFollowers{&ring, leader.state == State::kMaster});
  }
}

FollowerRing& Followers::RingOf(const std::string& leader, size_t worker) {
  std::unique_ptr<FollowerRing>& ring = rings_[leader][worker];
  if (ring != nullptr) return *ring;
  ring = std::make_unique<FollowerRing>(worker);
  if (const ManagedInstance* instance = context_.registry.Find(leader)) Lead(*instance, *ring);
  return *ring;
}

void Followers::Attach(const ManagedInstance& instance) {
  if (instance.config.leader.empty()) {
    const auto rings = rings_.find(instance.config.name);
    if (rings == rings_.end()) return;
    for (const auto& [worker, ring] : rings->second) Lead(instance, *ring);
    return;
  }
  FollowerRing& ring = RingOf(instance.config.leader, WorkerOf(instance));
  const FollowerRing*& known = ring_of_[instance.id];
  if (known == &ring) return;
  known = &ring;
  context_.outbox.shard.push_back(command::Follow{instance.router, &ring});
}

void Followers::DecideAt(Instant at) { decide_at_ = decide_at_ == kNever ? at : std::max(decide_at_, at); }

void Followers::OnTime(ControlTime t) {
  if (decide_at_ > t.now) return;
  decide_at_ = kNever;
  for (const auto& [name, rings] : rings_) {
    const ManagedInstance* leader = context_.registry.Find(name);
    const bool is_master = leader != nullptr && leader->state == State::kMaster;
    for (const auto& [worker, ring] : rings) {
      context_.outbox.shard.push_back(command::MoveFollowers{ring.get(), is_master});
    }
  }
}

void Followers::OnTransition(const ManagedInstance& instance) {
  const auto rings = rings_.find(instance.config.name);
  if (rings == rings_.end()) return;
  const size_t own = WorkerOf(instance);
  for (const auto& [worker, ring] : rings->second) {
    if (worker == own) continue;
    context_.outbox.shard.push_back(command::MoveFollowers{ring.get(), instance.state == State::kMaster});
  }
}

}  // namespace dpvrrp
