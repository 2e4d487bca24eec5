// SPDX-License-Identifier: BSD-3-Clause
#include "control/compose/configurator.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace dpvrrp {

void Configurator::Configure(Config config, ControlTime t) {
  // Unless the file gives a number, the ring holds a start of all instances: two transitions and an address of each,
  // and one more.
  constexpr size_t kEventsOfEach = 4;
  const size_t wanted = std::clamp(kEventsOfEach * config.instances.size(), EventLog::kDefaultCapacity, kMaxEvents);
  parts_.registry.config() = std::move(config);
  const Config& in_force = parts_.registry.config();
  parts_.journal.SetCapacity(in_force.daemon.events != 0 ? in_force.daemon.events : wanted);
  parts_.addresses.Configure(in_force.garp);
  parts_.keys.Configure(in_force.keyrings, t);
  parts_.tracks.OnConfiguration(t);
  parts_.groups.OnConfiguration();
}

void Configurator::Start(Config config, ControlTime t) {
  Configure(std::move(config), t);
  parts_.numbers.OnConfiguration();
  parts_.senders.OnConfiguration(t);  // before any frame is accepted; a fault is in the journal
  parts_.handover.Load(parts_.services.TakeHandover(), t);
  const std::vector<InstanceConfig>& instances = parts_.registry.config().instances;
  for (const InstanceConfig& instance : instances) lifecycle_.Try(instance, t).IgnoreError();  // the journal has it
  const size_t failed = parts_.apply.not_started().entries().size();
  parts_.journal.Record(occurrence::DaemonStarted{instances.size() - failed, failed}, t.unix_ms);
  parts_.keys.Look(t);
  parts_.addresses.Resync(t);
  parts_.routes.Resync(t);
  parts_.rogues.LookSoon(t);
  parts_.numbers.Reserve(t);
}

absl::StatusOr<ReloadPlan> Configurator::Plan() const {
  absl::StatusOr<ReloadPlan> plan = parts_.apply.Plan();
  if (!plan.ok()) return plan;
  const auto has_begun = [&](const ManagedInstance& instance) { return parts_.numbers.HasBegunNext(instance); };
  DPVRRP_RETURN_IF_ERROR(parts_.moves.Check(plan->loaded.config, has_begun));
  JudgeChanges(plan->diff);
  return plan;
}

// Adds what only the running instances know about the changes.
void Configurator::JudgeChanges(ConfigDiff& diff) const {
  for (InstanceChange& change : diff.changed) {
    const ManagedInstance* running = parts_.registry.Find(change.name);
    if (running == nullptr || !change.in_place || !parts_.moves.IsMoving(running->id)) continue;
    change.warnings.push_back(absl::StrCat("moves to VRID ", parts_.moves.NextOf(running->id).value(),
                                           ": settings other than priority, keys and allowed_senders change at the "
                                           "next reload after vrid finish or vrid abort"));
  }
}

absl::StatusOr<std::string> Configurator::Reload(ControlTime t) {
  absl::StatusOr<ReloadPlan> plan = Plan();
  if (!plan.ok()) {
    std::string why(plan.status().message());
    std::replace(why.begin(), why.end(), '\n', ' ');
    parts_.journal.Record(occurrence::ReloadRefused{why}, t.unix_ms);
    return plan.status();
  }
  parts_.numbers.OnConfiguration();
  const std::vector<InstanceId> moved = parts_.moves.FinishedBy(plan->loaded.config);
  for (const InstanceId id : moved) orders_.FinishVrid(*parts_.registry.FindById(id), t);
  if (!moved.empty()) {
    plan->diff = Diff(parts_.registry.config(), plan->loaded.config);
    JudgeChanges(plan->diff);
  }
  parts_.handover.OnReload();
  RemoveOld(plan->diff);
  Configure(std::move(plan->loaded.config), t);
  const std::vector<std::string> not_blocked = parts_.senders.OnConfiguration(t);
  size_t in_place = 0;
  const std::vector<std::string> faults = FollowInstances(in_place, t);
  std::string summary = SummaryOf(*plan, in_place);
  parts_.journal.Record(occurrence::Reloaded{summary}, t.unix_ms);
  for (const std::string& warning : WarningsOf(*plan)) absl::StrAppend(&summary, "\nwarning: ", warning);
  for (const std::string& fault : not_blocked) absl::StrAppend(&summary, "\nnot blocked: ", fault);
  for (const std::string& fault : faults) absl::StrAppend(&summary, "\n", fault);
  parts_.keys.Look(t);
  lifecycle_.ApplyKeys(t);
  if (!faults.empty() || !not_blocked.empty()) return absl::FailedPreconditionError(summary);
  return summary;
}

// Removes the instances that the file does not have any more, or has with another identity.
void Configurator::RemoveOld(const ConfigDiff& diff) {
  const auto remove = [&](const std::string& name) {
    if (ManagedInstance* instance = parts_.registry.Find(name)) lifecycle_.Remove(*instance);
  };
  for (const std::string& name : diff.removed) remove(name);
  for (const InstanceChange& change : diff.changed) {
    if (!change.in_place) remove(change.name);
  }
}

// Brings the instances of the configuration into force. Each one that is not running is to be added, also one that an
// earlier reload is still replacing or could not add. Returns the faults, and counts the instances that changed in
// place.
std::vector<std::string> Configurator::FollowInstances(size_t& in_place, ControlTime t) {
  parts_.apply.ForgetAll();
  std::vector<InstanceConfig>& instances = parts_.registry.config().instances;
  std::vector<std::string> faults;
  for (InstanceConfig& wanted : instances) {
    ManagedInstance* instance = parts_.registry.Find(wanted.name);
    if (instance == nullptr) {
      parts_.apply.Await(wanted);
    } else if (const absl::StatusOr<bool> changed = Follow(*instance, wanted, t); !changed.ok()) {
      faults.push_back(absl::StrCat("not changed: ", changed.status().message()));
    } else if (*changed) {
      ++in_place;
    }
  }
  for (const InstanceConfig& wanted : instances) {
    const absl::Status status = lifecycle_.TryIfFree(wanted.name, t);
    if (!status.ok()) faults.push_back(absl::StrCat("not started: ", status.message()));
  }
  return faults;
}

// A setting that was changed by command is what the file says again.
absl::StatusOr<bool> Configurator::Follow(ManagedInstance& instance, InstanceConfig& wanted, ControlTime t) {
  if (parts_.moves.IsMoving(instance.id)) {
    // During a move to another VRID, only these settings change. Since `wanted` becomes what the instance has, the next
    // reload sees the other differences again.
    InstanceConfig partly = instance.config;
    partly.priority = wanted.priority;
    partly.allowed_senders = wanted.allowed_senders;
    if (HasKeys(partly.auth.kind) && HasKeys(wanted.auth.kind)) partly.auth.keyring = wanted.auth.keyring;
    wanted = std::move(partly);
  }
  InstanceConfig next = wanted;
  next.auth.keyring = parts_.keys.InForce(next.auth.keyring);
  const bool differs = next != instance.config;
  // Tracks and the group change the priority, too, and a reload leaves them alone.
  const PrioritySources sources = parts_.priorities.SourcesOf(instance.id);
  const bool has_file_priority = sources.ordered.value_or(next.priority) == next.priority;
  if (!differs && has_file_priority && instance.allowed_senders == next.allowed_senders) return false;
  occurrence::ChangedInPlace changed;
  if (differs) changed.what = ChangeOf(instance.config, next).what;
  if (absl::Status status = lifecycle_.Reconfigure(instance, std::move(next), t); !status.ok()) {
    wanted = instance.config;
    return absl::Status(status.code(), absl::StrCat("instance ", wanted.name, ": ", status.message()));
  }
  parts_.journal.Record(instance.config, changed, t.unix_ms);
  return true;
}

}  // namespace dpvrrp
