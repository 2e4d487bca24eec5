// SPDX-License-Identifier: BSD-3-Clause
//
// Tracks: the configuration, the instances that use the tracks, and what the tracks do to them.
#include "control/tracks/tracks.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "control/instances/registry.h"
#include "control/journal/journal.h"

namespace dpvrrp {
namespace {

// Whether both tracks observe the same condition, so that the value of one is the value of the other.
bool ObserveTheSame(const TrackConfig& a, const TrackConfig& b) {
  return a.kind == b.kind && a.command == b.command && a.user == b.user && a.interface == b.interface &&
         a.address == b.address && a.port == b.port && a.instance == b.instance && a.must_be_master == b.must_be_master;
}

}  // namespace

// ---- The configuration ----

void Tracks::OnConfiguration(ControlTime t) {
  const Config& config = context_.registry.config();
  absl::flat_hash_map<std::string, std::unique_ptr<Track>> before;
  for (std::unique_ptr<Track>& track : tracks_) before.emplace(track->state.config().name, std::move(track));
  tracks_.clear();
  agenda_.clear();
  for (auto* index : {&by_interface_, &by_port_, &by_instance_}) index->clear();
  by_name_.clear();
  requests_.clear();
  group_of_.clear();
  for (const GroupConfig& group : config.groups) {
    for (const std::string& member : group.members) group_of_[member] = &group;
  }
  for (const TrackConfig& wanted : config.tracks) {
    const size_t i = tracks_.size();
    by_name_[wanted.name] = i;
    if (wanted.kind == TrackKind::kInterface) by_interface_[wanted.interface].push_back(i);
    if (wanted.kind == TrackKind::kPort) by_port_[wanted.port].push_back(i);
    if (wanted.kind == TrackKind::kInstance) by_instance_[wanted.instance].push_back(i);
    const auto old = before.find(wanted.name);
    const bool is_known = old != before.end() && ObserveTheSame(old->second->state.config(), wanted);
    tracks_.push_back(is_known ? std::move(old->second) : std::make_unique<Track>(wanted));
    Track& track = *tracks_.back();
    track.users.clear();
    track.planned = kNever;
    if (is_known) {
      track.state.Reconfigure(wanted);
      if (track.request != 0) requests_[track.request] = i;
      Plan(i);
    } else {
      track.run_at = t.now;
      LookAtFirst(i, t);
    }
  }
  ReadInterfaces(t);
  for (auto& [id, user] : users_) {
    const ManagedInstance* instance = context_.registry.FindById(id);
    const auto group = instance == nullptr ? group_of_.end() : group_of_.find(instance->config.name);
    user.group = group == group_of_.end() ? nullptr : group->second;
    Link(id, user);
    MarkIfChanged(id, user);
  }
}

TracksEffect Tracks::Follow(InstanceId id, const InstanceConfig& config) {
  User& user = users_[id];
  Unlink(id, user);
  user.uses = config.tracks;
  const auto group = group_of_.find(config.name);
  user.group = group == group_of_.end() ? nullptr : group->second;
  Link(id, user);
  user.effect = Sum(user);
  return user.effect;
}

// ---- The instances that use a track ----

template <typename Do>
void Tracks::ForEachUse(const User& user, Do action) const {
  for (const TrackUse& use : user.uses) action(use, nullptr);
  if (user.group == nullptr) return;
  for (const TrackUse& use : user.group->tracks) action(use, user.group);
}

void Tracks::Link(InstanceId id, const User& user) {
  ForEachUse(user, [&](const TrackUse& use, const GroupConfig*) {
    const auto track = by_name_.find(use.track);
    if (track != by_name_.end()) tracks_[track->second]->users.insert(id);
  });
}

void Tracks::Unlink(InstanceId id, const User& user) {
  ForEachUse(user, [&](const TrackUse& use, const GroupConfig*) {
    const auto track = by_name_.find(use.track);
    if (track != by_name_.end()) tracks_[track->second]->users.erase(id);
  });
}

// A track that the configuration does not have any more has no effect.
TrackInUse Tracks::InUse(const TrackUse& use, const GroupConfig* group) const {
  TrackInUse out;
  out.use = &use;
  out.group = group == nullptr ? nullptr : &group->name;
  const auto track = by_name_.find(use.track);
  if (track == by_name_.end()) return out;
  out.track = &tracks_[track->second]->state;
  out.effect = EffectOf(out.track->value(), use.weight, use.reverse);
  return out;
}

TracksEffect Tracks::Sum(const User& user) const {
  TracksEffect sum;
  ForEachUse(user, [&](const TrackUse& use, const GroupConfig* group) {
    const TrackEffect effect = InUse(use, group).effect;
    (group == nullptr ? sum.weight : sum.group_weight) += effect.weight;
    sum.fault |= effect.fault;
    sum.unknown |= effect.unknown;
  });
  return sum;
}

void Tracks::MarkIfChanged(InstanceId id, User& user) {
  const TracksEffect effect = Sum(user);
  if (effect == user.effect) return;
  user.effect = effect;
  if (user.changed) return;
  user.changed = true;
  changed_.push_back(id);
}

std::vector<InstanceId> Tracks::TakeChanged() {
  std::vector<InstanceId> taken;
  for (const InstanceId id : std::exchange(changed_, {})) {
    const auto user = users_.find(id);
    if (user == users_.end()) continue;
    user->second.changed = false;
    taken.push_back(id);
  }
  return taken;
}

TracksEffect Tracks::EffectOn(InstanceId id) const {
  const auto user = users_.find(id);
  return user == users_.end() ? TracksEffect{} : user->second.effect;
}

std::vector<TrackInUse> Tracks::UsedBy(InstanceId id) const {
  std::vector<TrackInUse> out;
  const auto user = users_.find(id);
  if (user == users_.end()) return out;
  ForEachUse(user->second, [&](const TrackUse& use, const GroupConfig* group) { out.push_back(InUse(use, group)); });
  return out;
}

// ---- A value has changed ----

void Tracks::OnChanged(size_t i, ControlTime t) {
  const Track& track = *tracks_[i];
  const TrackState& state = track.state;
  context_.journal.Record(
      occurrence::TrackChanged{state.config().name, ToString(state.value()), state.what(), track.users.size()},
      t.unix_ms);
  for (const InstanceId id : track.users) {
    const auto user = users_.find(id);
    if (user != users_.end()) MarkIfChanged(id, user->second);
  }
}

void Tracks::Plan(size_t i) {
  Track& track = *tracks_[i];
  Instant next = track.state.NextDeadline();
  if (track.state.config().kind == TrackKind::kScript) {
    next = std::min(next, track.request != 0 ? track.answer_by : track.run_at);
  }
  if (next == track.planned) return;
  if (track.planned != kNever) agenda_.erase({track.planned, i});
  track.planned = next;
  if (next != kNever) agenda_.insert({next, i});
}

void Tracks::OnTime(ControlTime t) {
  while (!agenda_.empty() && agenda_.begin()->first <= t.now) {
    const size_t i = agenda_.begin()->second;
    agenda_.erase(agenda_.begin());
    tracks_[i]->planned = kNever;
    if (tracks_[i]->state.OnTime(t)) OnChanged(i, t);
    RunIfDue(i, t);
    Plan(i);
  }
}

}  // namespace dpvrrp
