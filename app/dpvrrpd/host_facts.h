// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "config/host_facts.h"
#include "config/model.h"

namespace dpvrrp {

// The facts of this machine, for a check of the configuration. Call it before the daemon drops its privileges.
// `eal_arguments`: the user's own; CPUs that they map to lcores are not checked.
//
// Thread: control.
HostFacts ReadHostFacts(const std::vector<std::string>& eal_arguments);

}  // namespace dpvrrp
