// SPDX-License-Identifier: BSD-3-Clause
//
// `show instances` and `show segments`.
#include <array>
#include <map>

#include "control/compose/parts.h"
#include "control/questions/answers.h"
#include "control/reports/not_started_report.h"
#include "control/reports/report_cells.h"
#include "control/reports/reports.h"

namespace dpvrrp {
Report InstancesReport(View& view, const InstanceFilter& filter, const Answers& answers, bool ages, ControlTime t) {
  Table table{{"name", "port", "vlan", "vrid", "version", "family", "state", "since", "reason", "priority", "master",
               "master_priority", "auth", "received", "sent", "dropped", "error"},
              {},
              "name state error priority master since vrid reason vlan port"};
  ages |= !answers.absent.empty();
  if (ages) table.columns.emplace_back("age_seconds");
  for (const auto& [name, instance] : view.registry.instances()) {
    if (instance.router == nullptr || instance.removing) continue;  // leaving
    const LastAnswer answer(answers, instance, t);
    if (!filter.Matches(instance.config, answer.state())) continue;
    const InstanceCounts counts = view.tally.CountsOf(instance);
    table.rows.push_back({name, instance.config.port, ToString(instance.config.vlan),
                          Number(instance.config.vrid.value()), Number(static_cast<int64_t>(instance.config.version)),
                          Text(ToString(instance.config.source_address.family())), Text(ToString(answer.state())),
                          answer.Since(), Text(ToString(answer.reason())), Number(instance.priority.value()),
                          answer.MasterAddress(), answer.MasterPriority(), Text(ToString(instance.config.auth.kind)),
                          Count(counts.adverts_received), Count(counts.adverts_sent), Count(counts.dropped()), Null()});
    if (ages) table.rows.back().push_back(answer.Age());
  }
  for (const auto& [name, entry] : view.apply.not_started().entries()) {
    if (filter.Matches(entry.config, State::kInitialize)) table.rows.push_back(NotStartedRow(entry));
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

Report SegmentsReport(View& view) {
  struct Sum {
    int64_t instances = 0;
    std::array<int64_t, kStateCount> states{};
    uint64_t received = 0, sent = 0, dropped = 0;
  };
  std::map<std::pair<absl::string_view, VlanStack>, Sum> segments;
  for (const auto& [name, instance] : view.registry.instances()) {
    if (instance.router == nullptr || instance.removing) continue;
    Sum& sum = segments[{instance.config.port, instance.config.vlan}];
    ++sum.instances;
    ++sum.states[static_cast<size_t>(instance.state)];
    const InstanceCounts counts = view.tally.CountsOf(instance);
    sum.received += counts.adverts_received;
    sum.sent += counts.adverts_sent;
    sum.dropped += counts.dropped();
  }
  for (const auto& [name, entry] : view.apply.not_started().entries()) {
    Sum& sum = segments[{entry.config.port, entry.config.vlan}];
    ++sum.instances;
    ++sum.states[static_cast<size_t>(State::kInitialize)];
  }
  Table table{{"port", "vlan", "instances", "master", "backup", "initialize", "fault", "received", "sent", "dropped"},
              {},
              "port vlan instances master backup fault initialize dropped"};
  for (const auto& [segment, sum] : segments) {
    const auto in = [&sum = sum](State state) { return Number(sum.states[static_cast<size_t>(state)]); };
    table.rows.push_back({Text(segment.first), ToString(segment.second), Number(sum.instances), in(State::kMaster),
                          in(State::kBackup), in(State::kInitialize), in(State::kFault), Count(sum.received),
                          Count(sum.sent), Count(sum.dropped)});
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

}  // namespace dpvrrp
