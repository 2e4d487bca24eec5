// SPDX-License-Identifier: BSD-3-Clause
//
// The commands that concern the gateway as a whole: `show overview`, `drain`, `undrain`, `show drain`, `clear
// counters`.
#include "absl/strings/str_cat.h"
#include "base/count_text.h"
#include "base/status_macros.h"
#include "control/commands/handlers.h"
#include "control/compose/observe.h"
#include "control/reports/overview_report.h"
#include "control/reports/reports.h"
#include "control/reports/seen.h"

namespace dpvrrp::internal {

absl::StatusOr<Report> ShowOverview(const CommandContext& c) {
  const Seen seen{c.view, c.answers, c.t};
  return OverviewReport(seen, FindingsOf(c.view, Observe(c.view, *c.answers.speakers, c.t)));
}

absl::StatusOr<Report> ShowDrain(const CommandContext& c) { return DrainReport(c.view); }

absl::StatusOr<Report> DrainCommand(const CommandContext& c) {
  int rate = Drain::kUsualRate;
  if (const auto given = c.call.parsed.options.find("rate"); given != c.call.parsed.options.end()) {
    DPVRRP_ASSIGN_OR_RETURN(rate, NumberIn(given->second, 1, Drain::kLargestRate, "the rate, in masters a second,"));
  }
  if (c.view.apply.IsShuttingDown()) return absl::FailedPreconditionError("the daemon is stopping");
  const Drain::Counts counts = c.view.drain.Count();
  const size_t masters = counts.waiting + counts.no_peer;
  if (!c.HasFlag("--yes")) {
    return NeedsYes(absl::StrCat("drain: this gateway hands over ", CountText(masters, "master"), ", ", rate,
                                 " a second, and does not preempt until undrain"));
  }
  const size_t resign = c.orders.BeginDrain(rate, c.t);
  return Done(absl::StrCat("draining: ", CountText(resign, "master"), " resign, ", rate,
                           " a second; show drain lists those that are still master"));
}

absl::StatusOr<Report> UndrainCommand(const CommandContext& c) {
  if (!c.view.drain.IsOn()) return absl::FailedPreconditionError("the gateway is not drained");
  return Done(absl::StrCat("no longer drained: ", CountText(c.orders.EndDrain(c.t), "instance"),
                           " may preempt again, by priority"));
}

absl::StatusOr<Report> ClearCounters(const CommandContext& c) {
  c.orders.ClearCounters(c.t);
  return Done("cleared: status, overview, drops, instances and segments count from now on; telemetry does not");
}

}  // namespace dpvrrp::internal
