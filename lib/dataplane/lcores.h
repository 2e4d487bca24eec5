// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "absl/status/status.h"
#include "dataplane/dataplane.h"

namespace dpvrrp {

// Whether EAL can be started on the configured lcores. Asked first because EAL aborts the process over a CPU that it
// may not run on. InvalidArgument names the value and the rule.
//
// Where the user gave EAL lcores of his own ("--lcores=0@0,1@0"), only their roles are looked at, not the CPUs.
//
// Thread: control. Moves the calling thread from CPU to CPU and back.
absl::Status CheckLcores(const DataplaneConfig& config);

// Once EAL runs: whether it made of each lcore what the configuration says. InvalidArgument as above.
absl::Status CheckLcoreRoles(const DataplaneConfig& config);

}  // namespace dpvrrp
