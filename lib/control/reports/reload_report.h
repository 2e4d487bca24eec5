// SPDX-License-Identifier: BSD-3-Clause
//
// `reload --dry-run`: what a reload would do, without doing it. It lists the instances, and the tracks, groups and
// settings of [scripts] that differ.
//
// Thread: control.
#pragma once

#include "cli/report.h"
#include "control/apply/reload_plan.h"

namespace dpvrrp {

Report ReloadPlanReport(const ReloadPlan& plan);

}  // namespace dpvrrp
