// SPDX-License-Identifier: BSD-3-Clause
//
// `reload --dry-run`: what a reload would do, without doing it. It lists the instances, and the tracks, groups and
// settings of [scripts] that differ.
//
// Thread: control.
#pragma once

#include "absl/status/statusor.h"
#include "cli/report.h"
#include "control/apply/reload_plan.h"

namespace dpvrrp {

struct Parts;
using View = const Parts;

Report ReloadPlanReport(const ReloadPlan& plan);

// `show config`: what a reload would change, and what operators have set in place of the file. `plan` may be the reason
// why the file cannot be used.
Report ConfigReport(View& view, const absl::StatusOr<ReloadPlan>& plan);

}  // namespace dpvrrp
