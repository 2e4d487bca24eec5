// SPDX-License-Identifier: BSD-3-Clause
//
// The capabilities of the agent's processes. The agent works with few of them in effect. It keeps the others permitted,
// because a program of root must have what a program of root has everywhere: existing scripts call `ip` and
// `systemctl`. After PR_SET_NO_NEW_PRIVS, exec(2) gives a program at most what its caller had permitted. So an agent
// that had dropped them could not start such a program.
//
// Thread: the agent's only one.
#pragma once

#include <span>

#include "absl/status/status.h"

namespace dpvrrp::internal {

// Of the permitted capabilities of this process, only those of `kept` (CAP_KILL ...) are in effect from now on.
absl::Status LimitCapabilities(std::span<const int> kept);

// All permitted capabilities are in effect again. For a program that runs as the agent's own user.
absl::Status RestoreCapabilities();

}  // namespace dpvrrp::internal
