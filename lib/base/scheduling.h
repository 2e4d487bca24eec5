// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace dpvrrp {

// How the kernel shares a CPU among threads (sched(7)).
enum class SchedulingPolicy : uint8_t {
  kFifo,        // SCHED_FIFO, real-time: before all other programs, until it waits
  kRoundRobin,  // SCHED_RR, real-time: the same, in turn with others of its priority
  kOther,       // SCHED_OTHER: a fair share
};

}  // namespace dpvrrp
