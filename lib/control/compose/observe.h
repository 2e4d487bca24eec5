// SPDX-License-Identifier: BSD-3-Clause
//
// The picture that the rogue watch judges: what the workers' watches have seen, and what the parts know of our own
// instances, keys, ports and workers.
//
// Thread: control.
#pragma once

#include <vector>

#include "control/compose/parts.h"

namespace dpvrrp {

Observed Observe(View& view, std::vector<Speaker> speakers, ControlTime t);
// What is wrong in the picture.
std::vector<Finding> FindingsOf(View& view, const Observed& observed);

}  // namespace dpvrrp
