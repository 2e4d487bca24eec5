// SPDX-License-Identifier: BSD-3-Clause
//
// `show status`, `show clients`, `show events`, `reload`, `help`.
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "control/commands/handlers.h"
#include "control/reports/reload_report.h"
#include "control/reports/report_cells.h"
#include "control/reports/reports.h"

namespace dpvrrp::internal {

absl::StatusOr<Report> ShowStatus(const CommandContext& c) { return StatusReport(c.view, c.t); }

absl::StatusOr<Report> ShowClients(const CommandContext& c) { return ClientsReport(c.view); }

// A follower's backlog is bounded (io/control_protocol.h), and a full log nearly fills it.
constexpr size_t kFollowedHistory = 256;

absl::StatusOr<Report> ShowEvents(const CommandContext& c) {
  size_t latest = c.call.parsed.HasFlag("--follow") ? kFollowedHistory : c.view.journal.events().capacity();
  const auto last = c.call.parsed.options.find("last");
  if (last != c.call.parsed.options.end() && (!absl::SimpleAtoi(last->second, &latest) || latest > kMaxEvents)) {
    return absl::InvalidArgumentError(absl::StrCat("last must be 0..", kMaxEvents, ", got '", last->second, "'"));
  }
  return EventsReport(c.view.journal.events(), latest);
}

absl::StatusOr<Report> ReloadCommand(const CommandContext& c) {
  if (c.call.parsed.HasFlag("--dry-run")) {
    DPVRRP_ASSIGN_OR_RETURN(const ReloadPlan plan, c.configurator.Plan());
    return ReloadPlanReport(plan);
  }
  DPVRRP_ASSIGN_OR_RETURN(std::string summary, c.configurator.Reload(c.t));
  return Done(std::move(summary));
}

absl::StatusOr<Report> Help(const CommandContext& c) {
  Report report;
  report.text = HelpText(AllCommands(), c.call.help_words);
  return report;
}

}  // namespace dpvrrp::internal
