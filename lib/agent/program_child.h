// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include "host/program.h"

namespace dpvrrp::internal {

// Runs in the child process that a fork of the agent has made, and becomes the program. The program has
//
//   arguments     `request.command`; no shell, and no search along PATH
//   session       its own, and so its own process group
//   descriptors   0: /dev/null; 1 and 2: `output`. No other is open
//   directory     /
//   environment   PATH and DPVRRP=1. Nothing of the daemon's
//   signals       none blocked, each with its default action. It is killed if the agent's worker `worker` ends
//   user          `request.user` with the user's groups. Only root can become another user
//   capabilities  of root: all that the agent was started with. Of another user: none
//   scheduling    SCHED_OTHER and nice 0, and the CPUs of the daemon's start, before DPDK chose some for its lcores
//
// If the program cannot be started, the reason is written to `error`, at most kMaxProgramText bytes. `error` is closed
// at the exec, so its reader distinguishes this from an exit status.
//
// The lookup of the user may wait for a directory service. It is done here, so it delays only this program, and the
// timeout covers it.
[[noreturn]] void BecomeProgram(const ProgramRequest& request, pid_t worker, int output, int error);

}  // namespace dpvrrp::internal
