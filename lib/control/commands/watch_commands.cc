// SPDX-License-Identifier: BSD-3-Clause
//
// `show senders`, `show rogues`, `diagnose`: what the workers' watches have seen, and the verdicts.
#include <algorithm>

#include "base/status_macros.h"
#include "control/commands/handlers.h"
#include "control/compose/observe.h"
#include "control/reports/seen.h"
#include "control/rogues/diagnosis/looked_at.h"

namespace dpvrrp::internal {
namespace {

Seen SeenOf(const CommandContext& c) { return {c.view, c.answers, c.t}; }

absl::StatusOr<Scope> ReadScope(const CommandContext& c) {
  Scope scope;
  for (const auto& [option, value] : c.call.parsed.options) {
    if (option == "instance") {
      DPVRRP_RETURN_IF_ERROR(InstanceNamed(c.view, value).status());
      scope.instance = value;
    } else if (option == "port") {
      DPVRRP_RETURN_IF_ERROR(PortNamed(c.view, value).status());
      scope.port = value;
    } else {
      DPVRRP_ASSIGN_OR_RETURN(const VlanStack vlan, ParseVlan(value));
      scope.vlan = vlan;
    }
  }
  return scope;
}

bool IsWanted(const Scope& scope, const Finding& f) {
  const bool named = f.instance == scope.instance ||
                     std::find(f.instances.begin(), f.instances.end(), scope.instance) != f.instances.end();
  if (!scope.instance.empty() && !named) return false;
  if (!scope.port.empty() && !f.port.empty() && f.port != scope.port) return false;
  const bool of_a_vlan = InfoOf(f.verdict).kind != VerdictKind::kOurs || f.culprit.vrid != Vrid(0);
  return !scope.vlan || !of_a_vlan || f.culprit.vlan == *scope.vlan;
}

bool IsWanted(const Scope& scope, const WatchedInstance& instance) {
  const InstanceConfig& c = *instance.config;
  return (scope.instance.empty() || c.name == scope.instance) && (scope.port.empty() || c.port == scope.port) &&
         (!scope.vlan || c.vlan == *scope.vlan);
}

std::vector<Finding> FindingsIn(const CommandContext& c, const Observed& observed, const Scope& scope) {
  std::vector<Finding> findings = FindingsOf(c.view, observed);
  std::erase_if(findings, [&](const Finding& f) { return !IsWanted(scope, f); });
  return findings;
}

}  // namespace

absl::StatusOr<Report> ShowSenders(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const Scope scope, ReadScope(c));
  return SpeakersReport(SeenOf(c), scope);
}

absl::StatusOr<Report> ShowRogues(const CommandContext& c) {
  std::vector<Finding> findings = FindingsOf(c.view, Observe(c.view, *c.answers.speakers, c.t));
  std::erase_if(findings, [](const Finding& f) { return InfoOf(f.verdict).kind != VerdictKind::kRogue; });
  return Only(FindingsTable(SeenOf(c), findings, false));
}

absl::StatusOr<Report> DiagnoseCommand(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const Scope scope, ReadScope(c));
  const Observed observed = Observe(c.view, *c.answers.speakers, c.t);
  const std::vector<Finding> findings = FindingsIn(c, observed, scope);
  const Seen seen = SeenOf(c);
  if (c.call.parsed.json) return Only(FindingsTable(seen, findings, true));
  Report report;
  if (!findings.empty()) {
    report.text = FindingsText(seen, findings);
    return report;
  }
  report.text = diagnosis::LookedAt(
      observed, [&](const WatchedInstance& instance) { return IsWanted(scope, instance); },
      [&](Instant at) { return seen.TimeAt(at); });
  return report;
}

}  // namespace dpvrrp::internal
