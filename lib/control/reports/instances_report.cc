// SPDX-License-Identifier: BSD-3-Clause
//
// `show instances` and `show segments`.
#include <map>

#include "control/compose/parts.h"
#include "control/questions/answers.h"
#include "control/reports/figures.h"
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
    if (!IsShown(instance)) continue;
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
  std::map<SegmentName, SegmentFigures> segments;
  for (const auto& [name, instance] : view.registry.instances()) {
    if (!IsShown(instance)) continue;
    segments[{instance.config.port, instance.config.vlan}].Add(instance, view.tally.CountsOf(instance));
  }
  for (const auto& [name, entry] : view.apply.not_started().entries()) {
    segments[{entry.config.port, entry.config.vlan}].AddNotStarted();
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
