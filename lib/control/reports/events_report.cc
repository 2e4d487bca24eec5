// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/count_text.h"
#include "control/journal/event_text.h"
#include "control/reports/report_cells.h"
#include "control/reports/reports.h"

namespace dpvrrp {
namespace {

// What a client that has the events up to `since` has missed. Its number is that of the last missed event.
std::optional<LogEvent> LostSince(const EventLog& log, uint64_t since) {
  const std::deque<LogEvent>& events = log.events();
  const uint64_t kept_after = events.empty() ? log.last_number() : events.front().number - 1;
  LogEvent lost;
  lost.number = kept_after;
  lost.unix_ms = events.empty() ? 0 : events.front().unix_ms;
  lost.severity = Severity::kWarning;
  lost.kind = "lost";
  if (since > log.last_number()) {
    lost.text = absl::StrCat("no event has number ", since, " yet: the state was lost, and the numbers began again");
  } else if (since < kept_after) {
    lost.text = absl::StrCat(CountText(kept_after - since, "event"), " after number ", since, " lost");
  } else {
    return std::nullopt;
  }
  return lost;
}

}  // namespace

Report EventsReport(const EventLog& log, size_t latest, std::optional<uint64_t> since) {
  Table table{EventColumns(), {}, "time text instance severity kind number"};
  const std::deque<LogEvent>& events = log.events();
  if (since.has_value()) {
    if (const std::optional<LogEvent> lost = LostSince(log, *since)) {
      table.rows.push_back(EventRow(*lost));
    } else {
      latest = std::min(latest, static_cast<size_t>(log.last_number() - *since));
    }
  }
  for (size_t i = events.size() - std::min(latest, events.size()); i < events.size(); ++i) {
    table.rows.push_back(EventRow(events[i]));
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

}  // namespace dpvrrp
