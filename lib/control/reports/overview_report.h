// SPDX-License-Identifier: BSD-3-Clause
//
// `show overview`, which `watch` shows: states, rates, drops, verdicts and the latest events, on one screen.
//
// Thread: control.
#pragma once

#include <vector>

#include "cli/report.h"
#include "control/reports/seen.h"

namespace dpvrrp {

Report OverviewReport(const Seen& seen, const std::vector<Finding>& findings);

}  // namespace dpvrrp
