// SPDX-License-Identifier: BSD-3-Clause
//
// Shard: leaders and their followers.
#include <utility>

#include "pipeline/followers.h"
#include "pipeline/shard.h"

namespace dpvrrp {
namespace {

// Followers that are moved between two bursts. One takes about 0.2 us, and 100,000 of them need about 1,600 turns.
constexpr size_t kMovesATurn = kMaxBurst;

}  // namespace

void Shard::List(FollowerRing& ring) {
  if (std::exchange(ring.is_listed, true)) return;
  ring.next_ring = std::exchange(rings_, &ring);
}

void Shard::Obey(const command::Lead& c, Instant) {
  VirtualRouter& router = *c.router;
  List(*c.ring);
  router.ring = c.ring;
  router.machine.leads = true;
  c.ring->leader = &router;
  if (router.machine.state != State::kInitialize) SetLeaderIsMaster(*c.ring, router.machine.state == State::kMaster);
}

void Shard::Obey(const command::Follow& c, Instant now) {
  VirtualRouter& router = *c.router;
  List(*c.ring);
  LeaveRing(router);
  router.ring = c.ring;
  c.ring->Insert(router);
  FollowLeader(router, now);
}

void Shard::Obey(const command::MoveFollowers& c, Instant) {
  List(*c.ring);
  // A leader on this shard may have changed since.
  const VirtualRouter* const leader = c.ring->leader;
  SetLeaderIsMaster(*c.ring, leader == nullptr ? c.to_master : leader->machine.state == State::kMaster);
}

// The router is removed, or follows another leader.
void Shard::LeaveRing(VirtualRouter& router) {
  if (router.ring == nullptr) return;
  if (router.machine.follows) {
    router.ring->Remove(router);
  } else {
    router.ring->leader = nullptr;
    router.machine.leads = false;
  }
  router.ring = nullptr;
}

void Shard::SetLeaderIsMaster(FollowerRing& ring, bool is_master) {
  const bool decided_before = std::exchange(ring.is_decided, true);
  if (std::exchange(ring.leader_is_master, is_master) != is_master || !decided_before) MoveRing(ring);
}

void Shard::MoveRing(FollowerRing& ring) {
  ring.Begin();
  if (ring.IsMoving()) moving_.Push(ring);
}

// A port has changed. While it has no link, its followers stay in Initialize.
void Shard::MoveRings() {
  for (FollowerRing* ring = rings_; ring != nullptr; ring = ring->next_ring) MoveRing(*ring);
}

// The state of a leader or of a follower has changed.
void Shard::MoveWithRing(VirtualRouter& router, Instant now) {
  const Machine& machine = router.machine;
  if (machine.follows) return FollowLeader(router, now);
  // At a hand-over, followers stay master: control hands over each one.
  if (machine.state == State::kInitialize && machine.reason == Reason::kHandover) return;
  SetLeaderIsMaster(*router.ring, machine.state == State::kMaster);
}

// Before the leader has decided, a follower that continues a mastership of the last run stays master.
void Shard::FollowLeader(VirtualRouter& router, Instant now) {
  if (router.ring == nullptr || !router.ring->is_decided) return;
  const FollowerRing& ring = *router.ring;
  const State state = router.machine.state;
  if (ring.leader_is_master && state == State::kBackup && !router.machine.hold_backup) {
    Advance(router, JoinMaster{}, now);
  } else if (!ring.leader_is_master && state == State::kMaster) {
    Advance(router, LeaveMaster{}, now);
  }
}

// Its leader or its port has changed.
void Shard::Move(VirtualRouter& follower, Instant now) {
  if (!segments_.IsUp(follower.config.port)) return Advance(follower, Shutdown{Reason::kPortDown}, now);
  if (follower.machine.state == State::kInitialize) return StartOrHold(follower, now);
  FollowLeader(follower, now);
}

void Shard::MoveFollowers(Instant now) {
  for (size_t moves = 0; moves < kMovesATurn && moving_.front() != nullptr;) {
    FollowerRing& ring = *moving_.front();
    for (; moves < kMovesATurn && ring.IsMoving(); ++moves) {
      VirtualRouter& follower = ring.TakeNext();
      __builtin_prefetch(&follower.group_next->machine);
      __builtin_prefetch(&follower.group_next->group_next);
      __builtin_prefetch(&follower.group_next->report_link);
      Move(follower, now);
    }
    if (!ring.IsMoving()) moving_.PopFront();
  }
}

}  // namespace dpvrrp
