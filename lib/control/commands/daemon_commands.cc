// SPDX-License-Identifier: BSD-3-Clause
//
// `show status`, `show clients`, `show events`, `handover`, `reload`, `version`, `show memory`, `log level`, `help`.
#include <algorithm>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/count_text.h"
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
  const auto& options = c.call.parsed.options;
  std::optional<uint64_t> since;
  if (const auto given = options.find("since"); given != options.end()) {
    uint64_t number = 0;
    if (!absl::SimpleAtoi(given->second, &number)) {
      return absl::InvalidArgumentError(
          absl::StrCat("since must be the number of an event, got '", given->second, "'"));
    }
    since = number;
  }
  const EventLog& log = c.view.journal.events();
  const bool follows = c.call.parsed.HasFlag("--follow");
  if (follows && !c.call.parsed.view.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(c.call.parsed.view.front().first, " does not apply to --follow, which shows each event as it is"));
  }
  if (follows && since.has_value() && log.last_number() - std::min(*since, log.last_number()) > kFollowedHistory) {
    return absl::FailedPreconditionError(absl::StrCat("since ", *since, ": a follower begins with at most ",
                                                      kFollowedHistory, " events; read these without --follow first"));
  }
  size_t latest = follows ? kFollowedHistory : log.capacity();
  const auto last = options.find("last");
  if (last != options.end() && (!absl::SimpleAtoi(last->second, &latest) || latest > kMaxEvents)) {
    return absl::InvalidArgumentError(absl::StrCat("last must be 0..", kMaxEvents, ", got '", last->second, "'"));
  }
  return EventsReport(log, latest, since);
}

absl::StatusOr<Report> ReloadCommand(const CommandContext& c) {
  if (c.call.parsed.HasFlag("--dry-run")) {
    DPVRRP_ASSIGN_OR_RETURN(const ReloadPlan plan, c.configurator.Plan());
    return ReloadPlanReport(plan);
  }
  DPVRRP_ASSIGN_OR_RETURN(std::string summary, c.configurator.Reload(c.t));
  return Done(std::move(summary));
}

absl::StatusOr<Report> HandOver(const CommandContext& c) {
  Nanoseconds time = Handover::kUsualTime;
  const auto given = c.call.parsed.options.find("for");
  if (given != c.call.parsed.options.end()) {
    const int longest = static_cast<int>(Handover::kLongestTime / std::chrono::seconds(1));
    DPVRRP_ASSIGN_OR_RETURN(const int seconds,
                            NumberIn(given->second, 1, longest, "the time of a hand-over, in seconds,"));
    time = std::chrono::seconds(seconds);
  }
  if (c.view.apply.IsShuttingDown()) return absl::FailedPreconditionError("the daemon is stopping");
  const size_t masters = c.orders.HandOver(time, c.t);
  return Done(absl::StrCat("ends now; ", CountText(masters, "master"), " handed over to the next start"));
}

absl::StatusOr<Report> ShowConfig(const CommandContext& c) { return ConfigReport(c.view, c.configurator.Plan()); }

absl::StatusOr<Report> ShowMemory(const CommandContext& c) { return MemoryReport(c.view); }

absl::StatusOr<Report> SetLogLevel(const CommandContext& c) {
  for (const Severity level : {Severity::kError, Severity::kWarning, Severity::kNotice, Severity::kInfo}) {
    if (c.argument(0) != ToString(level)) continue;
    c.view.services.SetLogLevel(level);
    return Done(absl::StrCat("the log has lines of severity ", ToString(level),
                             level == Severity::kError ? "" : " and more severe ones", " until the restart"));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the level must be error, warning, notice or info, got '", c.argument(0), "'"));
}

absl::StatusOr<Report> ShowVersion(const CommandContext&) { return Done("dpvrrpd " DPVRRP_VERSION); }

absl::StatusOr<Report> Help(const CommandContext& c) {
  Report report;
  report.text = HelpText(AllCommands(), c.call.help_words);
  return report;
}

}  // namespace dpvrrp::internal
