// SPDX-License-Identifier: BSD-3-Clause
//
// `show ports`, `show workers`, `show responder`, `show drops`.
#include "control/commands/handlers.h"
#include "control/reports/reports.h"

namespace dpvrrp::internal {

absl::StatusOr<Report> ShowPorts(const CommandContext& c) { return PortsReport(c.view); }
absl::StatusOr<Report> ShowWorkers(const CommandContext& c) { return WorkersReport(c.view, c.t); }
absl::StatusOr<Report> ShowResponder(const CommandContext& c) { return ResponderReport(c.view); }
absl::StatusOr<Report> ShowDrops(const CommandContext& c) { return DropsReport(c.view); }

}  // namespace dpvrrp::internal
