// SPDX-License-Identifier: BSD-3-Clause
//
// Decides whether each worker lcore runs. A worker that rests still makes ten turns a second. If its turn counter does
// not change, the lcore does not run: it sends no advert and receives none.
//
// Thread: control.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "control/services.h"

namespace dpvrrp {

class WorkerHealth {
 public:
  // Samples closer together than this are ignored: the counter may not have moved yet.
  static constexpr Nanoseconds kShortestSample = std::chrono::milliseconds(500);
  // So many samples in a row without a turn make a worker stalled. More than one, because a pause of the whole machine
  // (a snapshot of a virtual machine) shows in one sample only.
  static constexpr int kStillSamples = 2;
  // A worker that waited for its CPU for more than this share of a sample is slow.
  static constexpr double kSlowShare = 0.2;
  // While a worker is stalled, its reason is determined again after this time.
  static constexpr Nanoseconds kReasonStands = std::chrono::seconds(10);

  // Takes one sample of every worker, about once a second. Returns the indices of the workers whose state changed, or
  // whose reason is old: call SetReason() for each.
  std::vector<size_t> Sample(std::span<const WorkerStatus> workers, Instant now);

  // Whether the reason is that other programs have the worker's CPU.
  bool wants_cpu(size_t worker, const WorkerStatus& status) const {
    return seen_[worker].state == WorkerStatus::State::kSlow || (stalled(worker) && status.thread_state == 'R');
  }
  // `programs` are the programs of others that want the worker's CPU, the busiest first. Does nothing if it is running.
  void SetReason(size_t worker, const WorkerStatus& status, std::span<const std::string> programs);

  // Fills in `state`, `since` and `why`. A worker that was never sampled is running.
  void Annotate(std::span<WorkerStatus> workers) const;

  bool stalled(size_t worker) const {
    return worker < seen_.size() && seen_[worker].state == WorkerStatus::State::kStalled;
  }

 private:
  struct Seen {
    WorkerStatus::State state = WorkerStatus::State::kRunning;
    Instant since{};  // in this state
    std::string why;  // empty: running
    Instant reason_at{};
    uint64_t turns = 0;
    Instant turned_at{};  // the last sample in which `turns` had moved
    Instant sampled_at{};
    uint64_t waited_ns = 0;
    double waited_share = 0;  // of the time between the last two samples
    int still = 0;            // samples in a row without a turn
  };

  static WorkerStatus::State Judge(Seen& seen, const WorkerStatus& status, Instant now);

  std::vector<Seen> seen_;
};

}  // namespace dpvrrp
