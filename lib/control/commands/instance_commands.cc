// SPDX-License-Identifier: BSD-3-Clause
//
// `show instances`, `show segments`, `show instance`.
#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "control/commands/handlers.h"
#include "control/reports/not_started_report.h"
#include "control/reports/reports.h"
#include "control/reports/yang_report.h"

namespace dpvrrp::internal {
namespace {

constexpr std::array<State, kStateCount> kStates = {State::kInitialize, State::kBackup, State::kMaster, State::kFault};

absl::StatusOr<InstanceFilter> ReadFilter(View& view, const CommandCall& call) {
  InstanceFilter filter;
  for (const auto& [option, value] : call.parsed.options) {
    if (option == "state") {
      const auto state = std::find_if(kStates.begin(), kStates.end(), [&, &text = value](State s) {
        return absl::EqualsIgnoreCase(ToString(s), text);
      });
      if (state == kStates.end()) {
        return absl::InvalidArgumentError(
            absl::StrCat("state must be Master, Backup, Initialize or Fault, got '", value, "'"));
      }
      filter.state = *state;
    } else if (option == "name") {
      filter.name = value;
    } else if (option == "port") {
      DPVRRP_RETURN_IF_ERROR(PortNamed(view, value).status());
      filter.port = value;
    } else {
      DPVRRP_ASSIGN_OR_RETURN(const VlanStack vlan, ParseVlan(value));
      filter.vlan = vlan;
    }
  }
  return filter;
}

}  // namespace

Needs NeedsFiltered(View& view, const CommandCall& call) {
  const absl::StatusOr<InstanceFilter> filter = ReadFilter(view, call);
  Needs needs;
  if (!filter.ok()) return needs;  // the handler returns the error
  for (const auto& [name, instance] : view.registry.instances()) {
    if (!instance.removing && filter->Matches(instance.config, instance.state)) needs.instances.push_back(&instance);
  }
  return needs;
}

absl::StatusOr<Report> ShowInstances(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const InstanceFilter filter, ReadFilter(c.view, c.call));
  return InstancesReport(c.view, filter, c.answers, c.call.parsed.json, c.t);
}

// With or without --yang: there is no other form.
absl::StatusOr<Report> ShowVrrp(const CommandContext& c) { return Report{{}, YangText(c.view, c.answers, c.t)}; }

absl::StatusOr<Report> ShowSegments(const CommandContext& c) { return SegmentsReport(c.view); }

absl::StatusOr<Report> ShowInstance(const CommandContext& c) {
  if (const NotStarted::Entry* entry = c.view.apply.not_started().Find(c.argument(0))) {
    return NotStartedReport(*entry, c.t);
  }
  DPVRRP_ASSIGN_OR_RETURN(const ManagedInstance* instance, InstanceNamed(c.view, c.argument(0)));
  return InstanceReport(c.view, *instance, c.LastAnswerOf(*instance));
}

}  // namespace dpvrrp::internal
