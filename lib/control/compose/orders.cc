// SPDX-License-Identifier: BSD-3-Clause
#include "control/compose/orders.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/status_macros.h"
#include "control/instances/router_builder.h"

namespace dpvrrp {

void Orders::SetPriority(const ManagedInstance& instance, Priority priority, ControlTime t) {
  lifecycle_.UsePriority(Mutable(instance), parts_.priorities.SetOrdered(instance.id, priority), t);
}

// Each instance once, also if several members of a group are named: a group may have thousands.
Orders::Instances Orders::WithTheirGroups(const Instances& instances) const {
  Instances all;
  absl::flat_hash_set<const GroupConfig*> groups;
  for (const ManagedInstance* instance : instances) {
    const GroupConfig* group = parts_.groups.GroupOf(instance->config.name);
    if (group != nullptr && !groups.insert(group).second) continue;
    all.push_back(instance);
    const Instances others = parts_.groups.OthersOf(*instance);
    all.insert(all.end(), others.begin(), others.end());
  }
  return all;
}

void Orders::Resign(const Instances& instances, ControlTime t) {
  for (const ManagedInstance* instance : instances) {
    parts_.journal.Record(instance->config, occurrence::OrderedToResign{}, t.unix_ms);
  }
  for (const ManagedInstance* instance : WithTheirGroups(instances)) parts_.Send(command::Resign{instance->router});
}

void Orders::Takeover(const Instances& instances, ControlTime t) {
  for (const ManagedInstance* instance : instances) {
    parts_.journal.Record(instance->config, occurrence::OrderedToTakeOver{}, t.unix_ms);
  }
  for (const ManagedInstance* instance : WithTheirGroups(instances)) parts_.Send(command::Takeover{instance->router});
}

void Orders::FollowDrain(ControlTime t) {
  const auto found = [&](const std::vector<InstanceId>& ids) {
    Instances instances;
    for (const InstanceId id : ids) {
      const ManagedInstance* instance = parts_.registry.FindById(id);
      if (instance != nullptr && !instance->removing) instances.push_back(instance);
    }
    return instances;
  };
  if (const Instances due = found(parts_.drain.TakeDue()); !due.empty()) {
    Resign(due, t);
    for (const ManagedInstance* instance : WithTheirGroups(due)) parts_.drain.NoteOrdered(instance->id, t);
  }
  for (const ManagedInstance* instance : WithTheirGroups(found(parts_.drain.TakeReleased()))) {
    EndResignation(*instance);
    parts_.drain.Forget(instance->id);
  }
}

// An instance that gave way, because it cannot hold an address, stays away.
void Orders::EndResignation(const ManagedInstance& instance) {
  if (parts_.addresses.HoldingOf(instance.id) == AddressGuard::Phase::kAway) return;
  parts_.Send(command::EndHold{instance.router, Hold::kNoAddress});
}

void Orders::SetAllowedSenders(const ManagedInstance& instance, std::vector<IpAddress> senders, ControlTime t) {
  parts_.journal.Record(instance.config, occurrence::AllowListChanged{senders}, t.unix_ms);
  Mutable(instance).allowed_senders = std::move(senders);
  lifecycle_.Replace(instance, t);
}

absl::Status Orders::MigrateVrid(const ManagedInstance& instance, Vrid vrid, ControlTime t) {
  const bool is_awaited = parts_.apply.IsAwaited(SequenceKey(instance.config, vrid));
  DPVRRP_RETURN_IF_ERROR(parts_.moves.MayBegin(instance, vrid, is_awaited, t));
  DPVRRP_ASSIGN_OR_RETURN(const Numbers::Next next, parts_.numbers.PrepareNext(instance, vrid));
  DPVRRP_RETURN_IF_ERROR(parts_.addresses.AcquireNext(instance, vrid));
  command::SpeakNextVrid speak = VridMoves::BeginCommand(instance, vrid);
  speak.numbers_above = next.sequence;
  speak.record = next.heard;
  parts_.numbers.BeginNext(instance, vrid, next, speak, t);
  parts_.moves.Begin(instance, vrid, t);
  return absl::OkStatus();
}

void Orders::FinishVrid(const ManagedInstance& instance, ControlTime t) {
  const VridMoveFinished finished = parts_.moves.Finish(Mutable(instance), t);
  parts_.numbers.AdoptNext(instance, finished.left, t);
  if (finished.has_new_mac) {
    parts_.addresses.MoveToNext(instance.id);
    if (instance.state == State::kMaster) parts_.addresses.Announce(instance, t);
  }
  for (const InstanceId id : parts_.moves.TakeForgotten()) parts_.addresses.ReleaseLeft(id);
  parts_.journal.Record(instance.config, occurrence::VridMoved{finished.left, instance.config.vrid}, t.unix_ms);
  lifecycle_.FillPlace(finished.left_place, t);
}

void Orders::AbortVrid(const ManagedInstance& instance, ControlTime t) {
  const command::StopNextVrid stay = parts_.moves.AbortCommand(instance);
  const std::string place = parts_.moves.Abort(instance, t);
  // If the disk has not answered yet, the lcore has not begun.
  if (!parts_.numbers.CancelNext(instance)) parts_.outbox.shard.push_back(stay);
  parts_.addresses.ReleaseNext(instance.id);
  lifecycle_.FillPlace(place, t);
}

bool Orders::StopPort(PortId id, bool stop, ControlTime t) {
  PortBinding& port = parts_.registry.PortOf(id);
  if (std::exchange(port.stopped, stop) == stop) return false;
  if (stop) {
    parts_.journal.Record(occurrence::PortStopped{port.name}, t.unix_ms);
  } else {
    parts_.journal.Record(occurrence::PortStarted{port.name}, t.unix_ms);
  }
  for (auto& [name, instance] : parts_.registry.instances()) {
    if (instance.port == id && !instance.removing) lifecycle_.FollowPort(instance);
  }
  return true;
}

size_t Orders::HandOver(Nanoseconds time, ControlTime t) {
  if (!parts_.apply.BeginShutdown()) return 0;
  auto& instances = parts_.registry.instances();
  const auto masters = std::ranges::count_if(
      instances, [](const auto& entry) { return entry.second.state == State::kMaster && !entry.second.removing; });
  parts_.journal.Record(occurrence::HandoverBegan{static_cast<size_t>(masters)}, t.unix_ms);
  parts_.handover.Begin();
  parts_.addresses.StopListing();
  parts_.routes.StopListing();
  for (auto& [name, instance] : instances) lifecycle_.HandOver(instance, time, t);
  return static_cast<size_t>(masters);
}

size_t Orders::ChangeRing(KeyringConfig ring, absl::string_view what, ControlTime t) {
  const size_t count = parts_.keys.ChangeRing(std::move(ring), what, t);
  lifecycle_.ApplyKeys(t);
  return count;
}

}  // namespace dpvrrp
