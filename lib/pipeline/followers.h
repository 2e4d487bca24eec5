// SPDX-License-Identifier: BSD-3-Clause
//
// Followers: virtual routers that neither send nor hear adverts and are master while their leader is. A gateway with
// 100,000 subscriber VLANs sends the adverts of one leader (docs/decisions/0027).
#pragma once

#include <cstddef>
#include <utility>

#include "pipeline/virtual_router.h"

namespace dpvrrp {

// The followers of one leader on one shard. Control makes it and names the worker. From then on only the shard uses it,
// and control keeps the memory for as long as the shard runs.
//
// A change of the leader moves a bounded number of followers in a turn, so that adverts and timers do not wait for
// 100,000 of them. Each follower is brought to the state that the leader has at that time. If the leader changes during
// a walk, the walk starts again.
//
// Thread: owning lcore, except for `worker`.
class FollowerRing {
 public:
  explicit FollowerRing(size_t worker_index) : worker(worker_index) {}
  FollowerRing(const FollowerRing&) = delete;
  FollowerRing& operator=(const FollowerRing&) = delete;

  void Insert(VirtualRouter& router);  // as the last; it must be in no ring
  void Remove(VirtualRouter& router);  // must be inside
  // All followers are to be brought to the leader's state, from the first one on.
  void Begin() {
    next_ = first_;
    left_ = count_;
  }
  bool IsMoving() const { return left_ > 0; }
  // The next follower. Requires IsMoving().
  VirtualRouter& TakeNext();
  template <typename Visit>
  void ForEach(Visit visit) const {
    VirtualRouter* router = first_;
    for (size_t i = 0; i < count_; ++i, router = router->group_next) visit(*router);
  }

  const size_t worker;              // index of the shard
  VirtualRouter* leader = nullptr;  // null: it is on another shard, or does not run
  bool leader_is_master = false;
  bool is_decided = false;  // leader_is_master is known: the leader has left Initialize once

  // The shard's: its rings, and a queue of those that move.
  FollowerRing* next_ring = nullptr;
  FollowerRing* next_moving = nullptr;
  bool is_listed = false;
  bool is_queued = false;

 private:
  VirtualRouter* first_ = nullptr;  // a ring through group_next; null: empty
  VirtualRouter* next_ = nullptr;   // with left_ > 0: the next to be moved
  size_t count_ = 0;
  size_t left_ = 0;  // how many are still to be looked at
};

// The rings whose followers are to be moved, first in, first out.
//
// Thread: owning lcore.
class MovingRings {
 public:
  void Push(FollowerRing& ring) {
    if (std::exchange(ring.is_queued, true)) return;
    ring.next_moving = nullptr;
    (head_ == nullptr ? head_ : tail_->next_moving) = &ring;
    tail_ = &ring;
  }
  FollowerRing* front() const { return head_; }
  void PopFront() {  // requires front() != nullptr
    head_->is_queued = false;
    head_ = head_->next_moving;
  }

 private:
  FollowerRing* head_ = nullptr;
  FollowerRing* tail_ = nullptr;  // meaningful only if head_ is set
};

}  // namespace dpvrrp
