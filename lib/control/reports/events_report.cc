// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "control/journal/event_text.h"
#include "control/reports/report_cells.h"
#include "control/reports/reports.h"

namespace dpvrrp {

Report EventsReport(const EventLog& log, size_t latest) {
  Table table{EventColumns(), {}};
  const std::deque<LogEvent>& events = log.events();
  for (size_t i = events.size() - std::min(latest, events.size()); i < events.size(); ++i) {
    table.rows.push_back(EventRow(events[i]));
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

}  // namespace dpvrrp
