// SPDX-License-Identifier: BSD-3-Clause
#include "control/reports/overview_report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "control/journal/event_text.h"
#include "control/reports/report_cells.h"
#include "control/reports/reports.h"

namespace dpvrrp {
namespace {

constexpr size_t kMostDrops = 5;
constexpr size_t kMostVerdicts = 5;
constexpr size_t kLatestEvents = 6;

// A large rate needs no decimals.
Value RateCell(double rate) { return rate < 100 ? Rate(rate) : Number(static_cast<int64_t>(rate + 0.5)); }

Table RatesTable(const Rates& rates, const Totals& totals) {
  Table table{{"rate", "per_second", "total"}, {}};
  table.rows = {{Text("frames received"), RateCell(rates.received), Count(totals.received)},
                {Text("adverts accepted"), RateCell(rates.accepted), Count(totals.accepted)},
                {Text("adverts sent"), RateCell(rates.sent), Count(totals.sent)},
                {Text("frames not accepted"), RateCell(rates.not_accepted), Count(totals.not_accepted)},
                {Text("transitions"), RateCell(rates.transitions), Count(totals.transitions)}};
  return table;
}

// The reasons that occur most often now, then those that have occurred most often.
Table DropsTable(const Rates& rates, const Totals& totals) {
  std::vector<const DropReasonInfo*> rows;
  const auto at = [](const DropReasonInfo* row) { return static_cast<size_t>(row->reason); };
  for (const DropReasonInfo& row : AllDropReasons()) {
    if (row.reason != DropReason::kNone && totals.drops[at(&row)] > 0) rows.push_back(&row);
  }
  std::stable_sort(rows.begin(), rows.end(), [&](const DropReasonInfo* a, const DropReasonInfo* b) {
    return std::pair(rates.drops[at(a)], totals.drops[at(a)]) > std::pair(rates.drops[at(b)], totals.drops[at(b)]);
  });
  if (rows.size() > kMostDrops) rows.resize(kMostDrops);
  Table table{{"reason", "per_second", "frames"}, {}};
  for (const DropReasonInfo* row : rows) {
    table.rows.push_back({Text(row->name), RateCell(rates.drops[at(row)]), Count(totals.drops[at(row)])});
  }
  return table;
}

Table VerdictsTable(const Seen& seen, const std::vector<Finding>& findings) {
  Table table = FindingsTable(seen, findings, false);
  if (table.rows.size() > kMostVerdicts) table.rows.resize(kMostVerdicts);
  return table;
}

}  // namespace

Report OverviewReport(const Seen& seen, const std::vector<Finding>& findings) {
  const Rates rates = seen.view.tally.RatesNow();
  const Totals totals = seen.view.tally.TotalsNow();
  Report report;
  report.sections.push_back({"now", Record{{{"time", Text(FormatTime(seen.t.unix_ms))},
                                            {"instances", Text(StatusLine(seen.view))},
                                            {"drained", Text(DrainText(seen.view))},
                                            {"verdicts", Number(static_cast<int64_t>(findings.size()))}}}});
  report.sections.push_back({"rates", RatesTable(rates, totals)});
  report.sections.push_back({"drops", DropsTable(rates, totals)});
  report.sections.push_back({"verdicts", VerdictsTable(seen, findings)});
  Report events = EventsReport(seen.view.journal.events(), kLatestEvents, {});
  report.sections.push_back({"events", std::move(events.sections.front().body)});
  return report;
}

}  // namespace dpvrrp
