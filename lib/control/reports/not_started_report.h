// SPDX-License-Identifier: BSD-3-Clause
//
// What the reports say of an instance that could not be set up. Its state is Initialize, as it would be if it had just
// started, and `error` says why.
//
// Thread: control.
#pragma once

#include <vector>

#include "cli/report.h"
#include "control/apply/not_started.h"
#include "control/control_time.h"

namespace dpvrrp {

// A row of `show instances`.
std::vector<Value> NotStartedRow(const NotStarted::Entry& entry);
// `show instance NAME`.
Report NotStartedReport(const NotStarted::Entry& entry, ControlTime t);

}  // namespace dpvrrp
