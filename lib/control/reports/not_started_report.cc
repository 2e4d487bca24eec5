// SPDX-License-Identifier: BSD-3-Clause
#include "control/reports/not_started_report.h"

#include <algorithm>

#include "control/journal/event_log.h"
#include "control/reports/report_cells.h"

namespace dpvrrp {
namespace {

constexpr absl::string_view kReason = "not-started";

}  // namespace

std::vector<Value> NotStartedRow(const NotStarted::Entry& entry) {
  const InstanceConfig& config = entry.config;
  return {config.name,
          config.port,
          ToString(config.vlan),
          Number(config.vrid.value()),
          Number(static_cast<int64_t>(config.version)),
          Text(ToString(config.source_address.family())),
          Text(ToString(State::kInitialize)),
          FormatTime(entry.since_unix_ms),
          Text(kReason),
          Number(config.priority.value()),
          Null(),
          Null(),
          Text(ToString(config.auth.kind)),
          Number(0),
          Number(0),
          Number(0),
          entry.why};
}

Report NotStartedReport(const NotStarted::Entry& entry, ControlTime t) {
  const InstanceConfig& config = entry.config;
  Record record{{
      {"name", config.name},
      {"port", config.port},
      {"vlan", ToString(config.vlan)},
      {"version", Number(static_cast<int64_t>(config.version))},
      {"family", Text(ToString(config.source_address.family()))},
      {"vrid", Number(config.vrid.value())},
      {"state", Text(ToString(State::kInitialize))},
      {"reason", Text(kReason)},
      {"since", FormatTime(entry.since_unix_ms)},
      {"configured_priority", Number(config.priority.value())},
      {"error", entry.why},
      {"next_try_seconds", Seconds(std::max(entry.retry_at - t.now, Nanoseconds(0)))},
  }};
  return Report{{Section{"instance", std::move(record)}}, ""};
}

}  // namespace dpvrrp
