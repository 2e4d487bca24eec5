// SPDX-License-Identifier: BSD-3-Clause
//
// Real-time scheduling of this process's threads, and the limit that keeps such a thread from occupying a CPU forever.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/scheduling.h"
#include "base/time.h"

namespace dpvrrp {

// Whether a new thread inherits the scheduling of its maker, or has ordinary scheduling (SCHED_RESET_ON_FORK). Without
// CAP_SYS_NICE a thread cannot return to kInherit.
enum class Offspring : uint8_t { kInherit, kOrdinary };

// `priority`: 1 to 99 for the real-time policies, otherwise ignored.
// PermissionDenied: it needs CAP_SYS_NICE or RLIMIT_RTPRIO, or the control group has no real-time share. Thread: any.
absl::Status SetScheduling(pid_t thread, SchedulingPolicy policy, int priority,
                           Offspring offspring = Offspring::kOrdinary);

// "fifo 10", "rr 10", "other"; "?" if there is no such thread. Thread: any.
std::string DescribeScheduling(pid_t thread);

// Ids of all threads of this process. Thread: any.
std::vector<pid_t> ThreadsOfProcess();

// Permits this process real-time priorities up to `highest` without a capability, as far as the process may
// (RLIMIT_RTPRIO), so that SetScheduling() works after DropPrivileges(). Thread: control.
void AllowRealTime(int highest);

// From now on, a real-time thread that uses its CPU for `longest` without waiting becomes an ordinary thread
// (RLIMIT_RTTIME, SIGXCPU). So a runaway thread cannot block the machine, even if the process has all CPUs and the
// kernel's own bound (kernel.sched_rt_runtime_us) is disabled. Thread: control.
absl::Status DemoteRunaways(Nanoseconds longest);

// Threads that were demoted since the last call. Thread: control.
std::vector<pid_t> TakeDemoted();

}  // namespace dpvrrp
