// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "base/time.h"

namespace dpvrrp {

inline constexpr Nanoseconds kRestartPause = std::chrono::seconds(1);  // a worker is started at most once in this time

// The agent's first process. Its only work is its child, the worker (agent.h), which has the same socket. It has no
// other state that could be damaged, so it does not end before the worker.
//
// If the worker ends unexpectedly, the supervisor kills the process groups of the programs that ran, sends WorkerEnded,
// starts a new worker, and sends AgentNews kRestarted. Orders that no worker had taken are still in the socket, and the
// new worker takes them. Processes that programs have left behind become children of the supervisor, which reaps them.
//
// Programs inherit from here: SCHED_OTHER, nice 0. The signals that a service manager or a terminal sends to all
// processes of the daemon are ignored, because the agent must run the last notifications of the daemon.
//
// Returns the exit status of the process, when the worker has ended as it should, or when the socket is closed.
//
// Thread: the only one of its process.
int Supervise(int socket, size_t at_once);

}  // namespace dpvrrp
