// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/scheduling.h"
#include "base/time.h"
#include "config/model.h"

namespace dpvrrp {

// Sets the scheduling of the daemon's threads (`[daemon] scheduling`; docs/operations.md has the reasons):
//
//   the control thread          real-time, at the configured priority
//   a worker that rests         real-time, one above it, so that control never delays a worker
//   a worker that polls         ordinary: it never waits, so as a real-time thread it would take its CPU from the
//   kernel all others (log, EAL's ...) ordinary
//
// Thread: control.
class ThreadScheduler {
 public:
  explicit ThreadScheduler(const DaemonConfig& config);

  // Call it before EAL starts. The start itself is real-time: on a machine whose CPUs are busy it would otherwise take
  // ten times as long, and threads that EAL makes inherit the scheduling while control waits for them. If it is not
  // permitted, a warning is logged and all threads stay ordinary.
  void Begin();
  // Call it when all threads run and before privileges are dropped. `workers`: their threads.
  void Apply(const std::vector<pid_t>& workers);
  // Restores a thread that was demoted because it did not wait for long (io/scheduling.h), after a while.
  void EverySecond(Instant now);

  bool real_time() const { return real_time_; }  // the kernel permitted it

 private:
  void Set(pid_t thread, int priority);

  SchedulingPolicy policy_;
  int priority_;
  bool workers_rest_;
  bool real_time_ = false;
  pid_t control_ = 0;
  std::vector<pid_t> workers_;
  std::vector<pid_t> demoted_;
  Instant restore_at_ = kNever;
};

}  // namespace dpvrrp
