// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "control/compose/parts.h"
#include "control/reports/report_cells.h"
#include "control/reports/reports.h"

namespace dpvrrp {

Report DropsReport(View& view) {
  std::vector<std::pair<uint64_t, const DropReasonInfo*>> counts;
  const Totals totals = view.tally.TotalsNow();
  for (const DropReasonInfo& row : AllDropReasons()) {
    if (row.reason != DropReason::kNone) counts.emplace_back(totals.drops[static_cast<size_t>(row.reason)], &row);
  }
  std::stable_partition(counts.begin(), counts.end(), [](const auto& entry) { return entry.first > 0; });
  Table table{{"reason", "frames", "meaning"}, {}};
  for (const auto& [count, row] : counts) table.rows.push_back({Text(row->name), Count(count), Text(row->meaning)});
  return Report{{Section{"", std::move(table)}}, ""};
}

}  // namespace dpvrrp
