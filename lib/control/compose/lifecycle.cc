// SPDX-License-Identifier: BSD-3-Clause
#include "control/compose/lifecycle.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "control/instances/router_builder.h"

namespace dpvrrp {
namespace {

// Whether the sets of keys must be made again.
bool KeysDiffer(const AuthConfig& a, const AuthConfig& b) {
  if (!HasKeys(a.kind) || !HasKeys(b.kind)) return a.kind != b.kind;
  return a.kind != b.kind || a.algorithm != b.algorithm || *a.keyring != *b.keyring;
}

}  // namespace

// ---- An instance is set up ----

absl::Status Lifecycle::Add(InstanceConfig config, ControlTime t) {
  config.auth.keyring = parts_.keys.InForce(config.auth.keyring);
  const PortBinding* port = parts_.registry.FindPort(config.port);
  if (port == nullptr) return absl::NotFoundError(absl::StrCat("port ", config.port, " was not started"));
  DPVRRP_ASSIGN_OR_RETURN(const Numbers::Acquired numbers, parts_.numbers.Acquire(config, t));
  const InstanceId id = parts_.registry.NextId();
  RouterParts of_router{.id = id, .port = port->id, .port_mac = port->mac, .record = numbers.record};
  of_router.reports_group = ReportsGroup(*port, config);
  DPVRRP_ASSIGN_OR_RETURN(std::unique_ptr<VirtualRouter> router, BuildRouter(config, std::move(of_router)));
  DPVRRP_ASSIGN_OR_RETURN(Addresses::Devices devices, parts_.addresses.Acquire(config, config.vrid));

  parts_.addresses.Add(id, config, std::move(devices));
  parts_.routes.Add(id, config);
  parts_.keys.SetInUse(id, router->config.keys);
  ManagedInstance instance;
  instance.id = id;
  instance.port = port->id;
  instance.router = router.release();  // the shard's now; it comes back in event::Retired
  parts_.priorities.SetConfigured(id, config.priority);
  instance.allowed_senders = config.allowed_senders;
  instance.config = std::move(config);
  const TracksEffect effect = parts_.tracks.Follow(id, instance.config);
  instance.priority = Weigh(id, effect);
  instance.holds.Set(Hold::kTrack, effect.fault);
  instance.holds.Set(Hold::kUnknown, effect.unknown);
  instance.holds.Set(Hold::kStopped, port->stopped);
  // The lcore does not have the router yet.
  instance.router->config.machine.priority = instance.priority;
  instance.router->holds = instance.holds;
  const size_t members = parts_.groups.MembersOf(instance.config.name);
  instance.router->group_members = static_cast<uint32_t>(members);
  instance.router->machine.in_group = members > 1;
  instance.router->resume_until = parts_.handover.Claim(id, instance.config.name, t.now);
  if (parts_.handover.IsClaimed(id)) Adopt(id);
  const ManagedInstance& managed = parts_.registry.Add(std::move(instance));
  parts_.numbers.Assign(managed, numbers);
  parts_.Send(command::Add{managed.router});
  parts_.groups.OnStarted(managed);
  parts_.followers.Attach(managed);
  if (!managed.config.leader.empty() && parts_.handover.IsClaimed(id)) {
    parts_.followers.DecideAt(managed.router->resume_until);
  }
  parts_.numbers.OnRouterSent(id);
  parts_.numbers.SendPending(managed);
  return absl::OkStatus();
}

absl::Status Lifecycle::Try(const InstanceConfig& config, ControlTime t) {
  return parts_.apply.OnTried(config, Add(config, t), t);
}

absl::Status Lifecycle::TryIfFree(const std::string& name, ControlTime t) {
  const std::optional<InstanceConfig> config = parts_.apply.TakeIfFree(name);
  return config.has_value() ? Try(*config, t) : absl::OkStatus();
}

void Lifecycle::FillPlace(const std::string& place, ControlTime t) {
  const std::string successor = parts_.apply.AwaitedIn(place);
  if (!successor.empty()) TryIfFree(successor, t).IgnoreError();  // the journal has it
}

// ---- A running instance gets other settings ----

void Lifecycle::Replace(const ManagedInstance& instance, ControlTime t, bool with_other_keys) {
  const InstanceId id = instance.id;
  InstanceConfig config = instance.config;
  config.priority = instance.priority;
  config.allowed_senders = instance.allowed_senders;
  const PortBinding& port = parts_.registry.PortOf(instance.port);
  RouterParts of_router{.id = id, .port = port.id, .port_mac = port.mac, .record = parts_.numbers.RecordOf(id)};
  of_router.reports_group = ReportsGroup(port, config);
  of_router.record_in_use = parts_.numbers.IsWithLcore(id);
  if (!with_other_keys) of_router.keys = parts_.keys.InUse(id);
  absl::StatusOr<std::unique_ptr<VirtualRouter>> wanted = BuildRouter(config, std::move(of_router));
  if (!wanted.ok()) {
    const std::string why(wanted.status().message());
    parts_.journal.Record(instance.config, occurrence::NotReplaced{why}, t.unix_ms);
    return;
  }
  uint64_t numbers_above = 0;
  // No number may be used twice with a GMAC key.
  if (with_other_keys && UsesGmac(config.auth)) numbers_above = parts_.numbers.GoAboveAll(instance);
  parts_.numbers.OnRouterSent(id);
  parts_.keys.SetInUse(id, (*wanted)->config.keys);
  // The shard owns `wanted` from now on; it comes back in event::Replaced.
  parts_.Send(command::Replace{instance.router, wanted->release(), numbers_above});
}

Priority Lifecycle::Weigh(InstanceId id, const TracksEffect& effect) {
  parts_.priorities.SetTracks(id, effect.weight);
  return parts_.priorities.SetGroup(id, effect.group_weight);
}

void Lifecycle::FollowTracks(ControlTime t) {
  for (const InstanceId id : parts_.tracks.TakeChanged()) {
    ManagedInstance* instance = parts_.registry.FindById(id);
    if (instance == nullptr || instance->removing) continue;
    const TracksEffect effect = parts_.tracks.EffectOn(id);
    UsePriority(*instance, Weigh(id, effect), t);
    HoldByTracks(*instance, effect);
  }
}

void Lifecycle::HoldByTracks(ManagedInstance& instance, const TracksEffect& effect) {
  SetHold(instance, Hold::kTrack, effect.fault);
  SetHold(instance, Hold::kUnknown, effect.unknown);
}

void Lifecycle::SetHold(ManagedInstance& instance, Hold hold, bool on) {
  if (instance.holds.Has(hold) == on) return;
  instance.holds.Set(hold, on);
  parts_.groups.OnChanged(instance);
  parts_.Send(on ? ShardCommand(command::HoldDown{instance.router, hold}) : command::EndHold{instance.router, hold});
}

void Lifecycle::UsePriority(ManagedInstance& instance, Priority priority, ControlTime t) {
  if (instance.priority == priority) return;
  const PrioritySources sources = parts_.priorities.SourcesOf(instance.id);
  parts_.journal.Record(instance.config,
                        occurrence::PriorityChanged{instance.priority, priority, sources.tracks + sources.group},
                        t.unix_ms);
  instance.priority = priority;
  parts_.Send(command::SetPriority{instance.router, priority});
}

void Lifecycle::ApplyKeys(ControlTime t) {
  for (KeysChanged& changed : parts_.keys.TakeChanged()) {
    ManagedInstance* instance = parts_.registry.FindById(changed.instance);
    if (instance == nullptr || instance->removing) continue;
    instance->config.auth.keyring = std::move(changed.ring);
    Replace(*instance, t, true);
  }
}

// The steps that can fail are the first, so that nothing is half changed.
absl::Status Lifecycle::Reconfigure(ManagedInstance& instance, InstanceConfig next, ControlTime t) {
  const InstanceId id = instance.id;
  DPVRRP_ASSIGN_OR_RETURN(Addresses::Devices devices, parts_.addresses.Acquire(next, next.vrid));
  absl::StatusOr<Numbers::Acquired> numbers =
      Numbers::Acquired{parts_.numbers.RecordOf(id), parts_.numbers.NumbersOf(id)};
  if (RecordKey(next) != RecordKey(instance.config)) numbers = parts_.numbers.Acquire(next, t);
  if (!numbers.ok()) {
    parts_.addresses.Release(std::move(devices));
    return numbers.status();
  }
  const InstanceConfig before = std::exchange(instance.config, std::move(next));
  const bool has_other_record = parts_.numbers.Assign(instance, *numbers);
  // `set instance` and `sender allow` are in force until the next reload.
  parts_.priorities.SetOrdered(id, std::nullopt);
  parts_.priorities.SetConfigured(id, instance.config.priority);
  instance.allowed_senders = instance.config.allowed_senders;
  const TracksEffect effect = parts_.tracks.Follow(id, instance.config);
  instance.priority = Weigh(id, effect);
  Replace(instance, t, KeysDiffer(before.auth, instance.config.auth));
  HoldByTracks(instance, effect);
  if (has_other_record) parts_.numbers.SendPending(instance);
  parts_.addresses.OnConfiguration(instance, before, std::move(devices), t);
  parts_.routes.OnConfiguration(id, instance.config);
  parts_.followers.Attach(instance);
  FollowAddresses(id);
  return absl::OkStatus();
}

// Its addresses, routes and rules are in the kernel, where they must not count as left-overs.
void Lifecycle::Adopt(InstanceId id) {
  parts_.addresses.SetWanted(id, true);
  parts_.routes.Want(id, true);
}

void Lifecycle::EndAdoption(InstanceId id) {
  parts_.handover.EndClaim(id);
  parts_.addresses.SetWanted(id, false);
  parts_.routes.Want(id, false);
}

void Lifecycle::EndAdoptions() {
  for (const InstanceId id : parts_.handover.TakeExpired()) EndAdoption(id);
}

void Lifecycle::FollowAddresses(InstanceId id) {
  const ManagedInstance* instance = parts_.registry.FindById(id);
  if (instance == nullptr) return;
  if (parts_.handover.IsClaimed(id)) return;
  if (instance->state != State::kMaster) return parts_.routes.Want(id, false);
  // Once wanted, they stay so while an address is put back.
  if (parts_.addresses.AreAnsweredFor(id)) parts_.routes.Want(id, true);
}

// ---- An instance is removed ----

void Lifecycle::Remove(ManagedInstance& instance) {
  if (instance.removing) return;
  if (parts_.handover.IsClaimed(instance.id)) EndAdoption(instance.id);  // its router has had no transition
  parts_.numbers.DropWaiting(instance);
  parts_.Send(command::Remove{instance.router, parts_.handover.IsLeaving()});
  instance.removing = true;
  parts_.groups.OnChanged(instance);
}

void Lifecycle::HandOver(ManagedInstance& instance, Nanoseconds time, ControlTime t) {
  const Nanoseconds interval = Handover::LastInterval(instance.config, time);
  const bool advertises = instance.config.leader.empty();
  if (instance.state == State::kMaster && !instance.removing && advertises &&
      interval != instance.config.advertisement_interval) {
    instance.config.advertisement_interval = interval;
    Replace(instance, t);
  }
  Remove(instance);
}

void Lifecycle::ForgetIfRemoved(InstanceId id, ControlTime t) {
  const ManagedInstance* instance = parts_.registry.FindById(id);
  if (instance == nullptr || !instance->removing || instance->router != nullptr) return;
  // What is handed over stays in the kernel as it is.
  const bool has_left = parts_.handover.HasLeft(id);
  if (!has_left && (!parts_.addresses.IsSettled(id) || !parts_.routes.IsSettled(id))) return;
  if (has_left) parts_.addresses.LeaveInKernel(id);
  const std::string name = instance->config.name;
  parts_.tracks.OnState(name, State::kInitialize, t);
  std::vector<std::string> places = {SequenceKey(instance->config)};
  if (parts_.moves.IsMoving(id)) {
    places.push_back(parts_.moves.NextPlaceOf(*instance));
    parts_.numbers.KeepFor(*instance, parts_.moves.NextOf(id), false, t);
  }
  parts_.all.Forget(id);
  parts_.registry.Remove(id);
  for (const std::string& place : places) parts_.registry.Release(place);
  TryIfFree(name, t).IgnoreError();  // the journal has it
  for (const std::string& place : places) FillPlace(place, t);
}

void Lifecycle::Abandon() {
  std::erase_if(parts_.outbox.shard, [](const ShardCommand& command) { return Release(command); });
  for (const auto& [name, instance] : parts_.registry.instances()) parts_.all.Forget(instance.id);
  parts_.numbers.Clear();
  parts_.registry.Clear();
}

}  // namespace dpvrrp
