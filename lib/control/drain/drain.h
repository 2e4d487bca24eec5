// SPDX-License-Identifier: BSD-3-Clause
//
// `drain`: this gateway hands its masters over to its peers, a bounded number a second, and does not preempt them until
// `undrain`. An instance whose master is lost still becomes master again: a drained gateway is the last resort of its
// groups, not absent. Of an instance that no peer takes over the part says so, and leaves it master.
//
// The part decides when; the controller sends the orders (TakeDue). It is not kept over a restart.
//
// Thread: control.
#pragma once

#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "control/control_time.h"
#include "control/instances/registry.h"
#include "control/part.h"

namespace dpvrrp {

class Drain final : public Part {
 public:
  static constexpr int kUsualRate = 100;  // masters a second
  static constexpr int kLargestRate = 10'000;

  explicit Drain(const PartContext& context) : context_(context) {}

  // Begins, or goes on with another rate. Returns the number of masters that are to resign.
  size_t Begin(int rate, ControlTime t);
  // Ends. The instances that have resigned may preempt again, at the same rate. Returns their number.
  size_t End(ControlTime t);
  bool IsOn() const { return since_unix_ms_ != 0; }
  int64_t since_unix_ms() const { return since_unix_ms_; }

  enum class Stage {
    kBackup,   // done: it is not master
    kWaiting,  // master, and not yet ordered to resign
    kNoPeer,   // it has resigned, and is master again because no peer took over
    kOwner,    // the owner of its addresses cannot resign
  };
  Stage StageOf(const ManagedInstance& instance) const;
  struct Counts {
    size_t waiting = 0, no_peer = 0, owners = 0;
  };
  Counts Count() const;

  // Masters that are to resign now.
  std::vector<InstanceId> TakeDue() { return std::exchange(due_, {}); }
  // An instance resigns with one that is due: it is not ordered to resign again.
  void NoteOrdered(InstanceId id, ControlTime t) { ordered_[id] = t.now; }
  // Instances that may preempt again from now on. Those that Forget() names before their turn are left out.
  std::vector<InstanceId> TakeReleased() { return std::exchange(released_, {}); }

  void OnTime(ControlTime t) override;
  Instant NextDeadline() const override { return next_; }
  void Forget(InstanceId id) override { ordered_.erase(id); }

 private:
  // Followers move with their leaders.
  static bool IsLed(const ManagedInstance& instance) { return !instance.config.leader.empty(); }
  void FindMasters();
  // The next ones of the queue, as many as the rate permits in one step. Those whose group has moved are left out.
  std::vector<InstanceId> Step();
  void Resign(ControlTime t);
  void Report(ControlTime t);

  PartContext context_;
  int64_t since_unix_ms_ = 0;  // 0: off
  int rate_ = kUsualRate;
  Instant next_ = kNever;  // the next step
  Instant next_search_{};  // for masters that the queue does not have
  Instant last_order_{};
  bool reported_ = false;         // the event of the end of the hand-over
  std::deque<InstanceId> queue_;  // to resign; after End(): to be released
  std::vector<InstanceId> due_;
  std::vector<InstanceId> released_;
  absl::flat_hash_map<InstanceId, Instant> ordered_;  // to resign, and when
};

}  // namespace dpvrrp
