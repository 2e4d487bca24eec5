// SPDX-License-Identifier: BSD-3-Clause
#include "control/reports/reload_report.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "control/compose/parts.h"
#include "control/reports/report_cells.h"

namespace dpvrrp {
namespace {

constexpr absl::string_view kInPlace = "change in place";

// Nothing, if no table of this kind differs.
void AddNamed(const NamedChanges& changes, const char* section, Report& report) {
  if (changes.empty()) return;
  Table table{{"name", "action", "why"}, {}};
  for (const std::string& name : changes.added) table.rows.push_back({name, Text("add"), Null()});
  for (const std::string& name : changes.removed) table.rows.push_back({name, Text("remove"), Null()});
  for (const NamedChanges::Change& change : changes.changed) {
    table.rows.push_back({change.name, Text(kInPlace), absl::StrJoin(change.what, "; ")});
  }
  report.sections.push_back({section, std::move(table)});
}

void AddTexts(const std::vector<std::string>& texts, const char* section, const char* column, Report& report) {
  if (texts.empty()) return;
  Table table{{column}, {}};
  for (const std::string& text : texts) table.rows.push_back({text});
  report.sections.push_back({section, std::move(table)});
}

std::string Addresses(const std::vector<IpAddress>& addresses) {
  if (addresses.empty()) return "all";
  return absl::StrJoin(addresses, " ", [](std::string* out, const IpAddress& a) { out->append(ToString(a)); });
}

// What the next reload or restart undoes.
Table OrdersTable(View& view) {
  Table table{{"setting", "name", "file", "running"}, {}};
  for (const auto& [name, instance] : view.registry.instances()) {
    if (instance.removing) continue;
    const InstanceConfig& config = instance.config;
    if (const std::optional<Priority> ordered = view.priorities.SourcesOf(instance.id).ordered) {
      table.rows.push_back({Text("priority"), name, Number(config.priority.value()), Number(ordered->value())});
    }
    if (instance.allowed_senders != config.allowed_senders) {
      table.rows.push_back(
          {Text("allowed_senders"), name, Addresses(config.allowed_senders), Addresses(instance.allowed_senders)});
    }
    if (const Vrid next = view.moves.NextOf(instance.id); next != Vrid(0)) {
      table.rows.push_back(
          {Text("vrid"), name, Number(config.vrid.value()), absl::StrCat(config.vrid.value(), " and ", next.value())});
    }
  }
  for (const std::optional<SenderBlock>& block : view.senders.blocks()) {
    if (!block.has_value() || block->configured) continue;
    const BlockConfig& sender = block->sender;
    table.rows.push_back({Text("block"),
                          sender.address.IsUnspecified() ? ToString(sender.mac) : ToString(sender.address), Null(),
                          Text("blocked")});
  }
  return table;
}

}  // namespace

Report ConfigReport(View& view, const absl::StatusOr<ReloadPlan>& plan) {
  Report report;
  const bool same = plan.ok() && plan->diff.empty();
  std::string file = "the running configuration is that of the file";
  if (!plan.ok()) {
    file = absl::StrCat("the file cannot be used: ", plan.status().message());
  } else if (!same) {
    file = "the file has changed: reload would do this";
  }
  report.sections.push_back({"config", Record{{{"file", file},
                                               {"instances", Count(view.registry.config().instances.size())},
                                               {"drained", view.drain.IsOn()}}}});
  if (plan.ok() && !same) {
    for (Section& section : ReloadPlanReport(*plan).sections) report.sections.push_back(std::move(section));
  }
  report.sections.push_back({"orders", OrdersTable(view)});
  return report;
}

Report ReloadPlanReport(const ReloadPlan& plan) {
  Table table{{"instance", "action", "why", "warning"}, {}};
  for (const std::string& name : plan.diff.added) table.rows.push_back({name, Text("add"), Null(), Null()});
  for (const std::string& name : plan.diff.removed) table.rows.push_back({name, Text("remove"), Null(), Null()});
  for (const InstanceChange& change : plan.diff.changed) {
    const std::string warning = absl::StrJoin(change.warnings, "; ");
    table.rows.push_back({change.name, Text(change.in_place ? kInPlace : "remove and add"),
                          absl::StrJoin(change.what, "; "), warning.empty() ? Null() : Value(warning)});
  }
  Report report;
  report.sections.push_back({"instances", std::move(table)});
  AddNamed(plan.diff.tracks, "tracks", report);
  AddNamed(plan.diff.groups, "groups", report);
  AddTexts(plan.diff.scripts, "scripts", "setting", report);
  std::vector<std::string> warnings;
  for (const ConfigFault& fault : plan.loaded.warnings) warnings.push_back(ToString(fault));
  AddTexts(warnings, "warnings", "text", report);
  return report;
}

}  // namespace dpvrrp
