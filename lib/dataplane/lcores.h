// SPDX-License-Identifier: BSD-3-Clause
//
// Checks of the configured lcores before and after EAL starts.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "dataplane/dataplane.h"

namespace dpvrrp {

// Whether EAL can be started on the configured lcores. Called before EAL, because EAL aborts the process for a CPU on
// which it may not run. InvalidArgument names the value and the rule.
//
// If the user gives EAL other lcores ("--lcores=0@0,1@0"), only their roles are checked, not the CPUs.
//
// Thread: control. Moves the calling thread from CPU to CPU and back.
absl::Status CheckLcores(const DataplaneConfig& config);

// The CPUs on which this process may run, ascending, including those outside its affinity mask.
std::vector<uint32_t> UsableCpus();

// When EAL runs: whether each lcore has the role of the configuration. InvalidArgument as above.
absl::Status CheckLcoreRoles(const DataplaneConfig& config);

}  // namespace dpvrrp
