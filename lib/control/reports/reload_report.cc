// SPDX-License-Identifier: BSD-3-Clause
#include "control/reports/reload_report.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

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

}  // namespace

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
