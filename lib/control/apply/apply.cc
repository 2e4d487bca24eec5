// SPDX-License-Identifier: BSD-3-Clause
#include "control/apply/apply.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "control/instances/router_builder.h"
#include "control/journal/journal.h"
#include "control/services.h"

namespace dpvrrp {

namespace {

// "; tracks: 1 added, 0 removed, 2 changed". Nothing, if no table of this kind differs.
void AppendNamed(const char* kind, const NamedChanges& changes, std::string& summary) {
  if (changes.empty()) return;
  absl::StrAppend(&summary, "; ", kind, ": ", changes.added.size(), " added, ", changes.removed.size(), " removed, ",
                  changes.changed.size(), " changed");
}

}  // namespace

std::string SummaryOf(const ReloadPlan& plan, size_t in_place) {
  const auto replaced = std::ranges::count(plan.diff.changed, false, &InstanceChange::in_place);
  std::string summary = absl::StrCat(plan.diff.added.size(), " added, ", plan.diff.removed.size(), " removed, ",
                                     in_place, " changed in place, ", replaced, " removed and added");
  AppendNamed("tracks", plan.diff.tracks, summary);
  AppendNamed("groups", plan.diff.groups, summary);
  if (!plan.diff.scripts.empty()) absl::StrAppend(&summary, "; scripts: ", plan.diff.scripts.size(), " changed");
  return summary;
}

std::vector<std::string> WarningsOf(const ReloadPlan& plan) {
  std::vector<std::string> warnings;
  for (const ConfigFault& fault : plan.loaded.warnings) warnings.push_back(ToString(fault));
  for (const InstanceChange& change : plan.diff.changed) {
    for (const std::string& warning : change.warnings) {
      warnings.push_back(absl::StrCat("instance ", change.name, ": ", warning));
    }
  }
  return warnings;
}

absl::StatusOr<ReloadPlan> Apply::Plan() {
  if (is_shutting_down_) return absl::FailedPreconditionError("the daemon is shutting down");
  ReloadPlan plan;
  plan.loaded = context_.services.LoadConfiguration();
  if (!plan.loaded.errors.empty()) {
    std::vector<std::string> lines;
    for (const ConfigFault& fault : plan.loaded.errors) lines.push_back(ToString(fault));
    return absl::InvalidArgumentError(absl::StrCat("nothing changed:\n", absl::StrJoin(lines, "\n")));
  }
  plan.diff = Diff(context_.registry.config(), plan.loaded.config);
  if (!plan.diff.needs_restart.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("nothing changed; these need a restart: ", absl::StrJoin(plan.diff.needs_restart, ", ")));
  }
  return plan;
}

void Apply::Await(const InstanceConfig& config) {
  name_by_place_[SequenceKey(config)] = config.name;
  waiting_[config.name] = config;
}

std::string Apply::AwaitedIn(const std::string& place) const {
  const auto it = name_by_place_.find(place);
  return it == name_by_place_.end() ? std::string() : it->second;
}

std::optional<InstanceConfig> Apply::TakeIfFree(const std::string& name) {
  const auto it = waiting_.find(name);
  if (it == waiting_.end() || context_.registry.instances().contains(name)) return std::nullopt;
  const std::string place = SequenceKey(it->second);
  if (context_.registry.IsTaken(place)) return std::nullopt;
  InstanceConfig config = std::move(it->second);
  waiting_.erase(it);
  name_by_place_.erase(place);
  return config;
}

absl::Status Apply::OnTried(const InstanceConfig& config, const absl::Status& status, ControlTime t) {
  if (status.ok()) {
    if (not_started_.Forget(config.name)) {
      context_.journal.Record(config, occurrence::InstanceStarted{}, t.unix_ms);
    }
    return status;
  }
  const std::string why(status.message());
  if (not_started_.Note(config, why, t)) {
    context_.journal.Record(config, occurrence::InstanceNotStarted{why}, t.unix_ms);
  }
  return absl::Status(status.code(), absl::StrCat("instance ", config.name, ": ", why));
}

void Apply::OnHostEvent(const HostEvent& event, ControlTime t) {
  using Kind = HostEvent::Kind;
  if (event.kind == Kind::kLinkUp || event.kind == Kind::kAddressAdded) not_started_.OnDevice(event.device, t.now);
}

void Apply::OnTime(ControlTime t) {
  for (const std::string& name : not_started_.Due(t.now)) {
    const InstanceConfig config = not_started_.Find(name)->config;
    if (context_.registry.IsTaken(SequenceKey(config))) {  // another instance is moving to its VRID
      not_started_.Note(config, "another instance uses its VRID", t);
    } else {
      due_.push_back(config);
    }
  }
}

void Apply::ForgetAll() {
  waiting_.clear();
  name_by_place_.clear();
  not_started_.Clear();
  due_.clear();
}

bool Apply::BeginShutdown() {
  if (is_shutting_down_) return false;
  is_shutting_down_ = true;
  ForgetAll();
  return true;
}

}  // namespace dpvrrp
