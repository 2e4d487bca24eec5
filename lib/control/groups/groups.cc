// SPDX-License-Identifier: BSD-3-Clause
#include "control/groups/groups.h"

#include <algorithm>
#include <utility>

#include "control/instances/registry.h"
#include "control/journal/journal.h"
#include "control/outbox.h"

namespace dpvrrp {

// ---- Which instances a group has ----

const GroupConfig* Groups::GroupOf(const std::string& instance) const {
  const auto found = group_of_.find(instance);
  return found == group_of_.end() ? nullptr : groups_[found->second].config;
}

std::vector<ManagedInstance*> Groups::Members(const GroupConfig& group) const {
  std::vector<ManagedInstance*> members;
  members.reserve(group.members.size());
  for (const std::string& name : group.members) {
    if (ManagedInstance* instance = context_.registry.Find(name)) members.push_back(instance);
  }
  return members;
}

std::vector<const ManagedInstance*> Groups::OthersOf(const ManagedInstance& instance) const {
  std::vector<const ManagedInstance*> others;
  const GroupConfig* group = GroupOf(instance.config.name);
  if (group == nullptr) return others;
  for (const ManagedInstance* member : Members(*group)) {
    if (member != &instance) others.push_back(member);
  }
  return others;
}

std::vector<const ManagedInstance*> Groups::FollowersOf(const ManagedInstance& instance) const {
  std::vector<const ManagedInstance*> followers;
  const auto led = groups_led_.find(instance.config.name);
  if (led == groups_led_.end()) return followers;
  for (const size_t i : led->second) {
    for (const ManagedInstance* member : Members(*groups_[i].config)) followers.push_back(member);
  }
  return followers;
}

// By the configuration, because members may start later.
void Groups::FindLcores() {
  if (groups_.empty()) return;
  absl::flat_hash_map<std::string, size_t> worker_of;
  for (const InstanceConfig& instance : context_.registry.config().instances) {
    const PortBinding* port = context_.registry.FindPort(instance.port);
    if (port != nullptr) worker_of[instance.name] = context_.registry.WorkerOf(port->id, instance.vlan);
  }
  for (Group& group : groups_) {
    if (group.config->kind == GroupKind::kFollow) continue;
    const std::vector<std::string>& names = group.config->members;
    const auto first = worker_of.find(names.front());
    group.on_one_lcore = std::all_of(names.begin(), names.end(), [&](const std::string& name) {
      const auto worker = worker_of.find(name);
      return worker != worker_of.end() && worker->second == first->second;
    });
  }
}

// The members that run get their place in the rings of their lcores again.
void Groups::OnConfiguration() {
  const absl::flat_hash_map<InstanceId, Member> before = std::exchange(members_, {});
  absl::flat_hash_map<std::string, std::optional<bool>> told;
  for (const Group& group : std::exchange(groups_, {})) told.emplace(group.name, group.told_master);
  group_of_.clear();
  groups_led_.clear();
  dirty_.clear();
  for (const GroupConfig& config : context_.registry.config().groups) {
    for (const std::string& member : config.members) group_of_[member] = groups_.size();
    if (!config.leader.empty()) groups_led_[config.leader].push_back(groups_.size());
    Group& group = groups_.emplace_back();
    group.config = &config;
    group.name = config.name;
    if (const auto known = told.find(config.name); known != told.end()) group.told_master = known->second;
  }
  FindLcores();
  for (auto& [name, instance] : context_.registry.instances()) {
    if (group_of_.contains(name)) {
      if (instance.removing) {
        Update(instance, false);
      } else {
        OnStarted(instance);
      }
    } else if (before.contains(instance.id) && !instance.removing) {
      context_.outbox.shard.push_back(command::JoinGroup{instance.router, nullptr, 1, true});
      SetHold(instance, false);
    }
  }
}

void Groups::OnStarted(const ManagedInstance& instance) {
  const auto group = group_of_.find(instance.config.name);
  if (group == group_of_.end()) return;
  if (groups_[group->second].config->kind == GroupKind::kTogether) Join(instance, groups_[group->second]);
  groups_[group->second].judged_for = kNotJudged;  // it may need the hold of the others
  Update(instance, false);
}

void Groups::Join(const ManagedInstance& instance, Group& group) {
  InstanceId& last = group.last[context_.registry.WorkerOf(instance.port, instance.config.vlan)];
  const ManagedInstance* with = context_.registry.FindById(last);
  const bool is_usable = with != nullptr && !with->removing && with != &instance;
  last = instance.id;
  context_.outbox.shard.push_back(command::JoinGroup{instance.router, is_usable ? with->router : nullptr,
                                                     static_cast<uint32_t>(group.config->members.size()),
                                                     group.on_one_lcore});
}

// ---- What happens to members ----

void Groups::Count(Group& group, const Member& member, size_t by) {
  if (member.state != State::kInitialize) group.active += by;
  if (!member.runs) return;
  group.running += by;
  if (member.bad) group.bad += by;
  if (member.bad && group.config->kind == GroupKind::kFollow) return;
  group.states[static_cast<size_t>(member.state)] += by;
  if (member.ready) group.ready += by;
}

void Groups::Update(const ManagedInstance& instance, bool ready) {
  const auto found = group_of_.find(instance.config.name);
  if (found == group_of_.end()) return;
  Group& group = groups_[found->second];
  const auto [place, is_new] = members_.try_emplace(instance.id);
  Member& member = place->second;
  if (!is_new) Count(group, member, SIZE_MAX);  // -1
  const Member before = member;
  member = {.group = found->second,
            .runs = !instance.removing,
            .bad = IsBad(instance),
            .ready = ready && instance.state != State::kMaster,
            .state = instance.state};
  Count(group, member, 1);
  group.causes_changed |= is_new || member.bad != before.bad || member.runs != before.runs;
  MarkDirty(found->second);
}

void Groups::Update(const ManagedInstance& instance) {
  const auto member = members_.find(instance.id);
  if (member != members_.end()) Update(instance, member->second.ready);
}

void Groups::MarkDirty(size_t group) {
  if (!std::exchange(groups_[group].dirty, true)) dirty_.push_back(group);
}

void Groups::Forget(InstanceId id) {
  const auto member = members_.find(id);
  if (member == members_.end()) return;
  Group& group = groups_[member->second.group];
  Count(group, member->second, SIZE_MAX);  // -1
  group.causes_changed = true;
  MarkDirty(member->second.group);
  members_.erase(member);
}

void Groups::OnChanged(const ManagedInstance& instance) {
  Update(instance);
  MarkLedDirty(instance);
}

void Groups::MarkLedDirty(const ManagedInstance& leader) {
  const auto led = groups_led_.find(leader.config.name);
  if (led == groups_led_.end()) return;
  for (const size_t i : led->second) MarkDirty(i);
}

void Groups::OnPort(PortId port) {
  for (const auto& [name, instance] : context_.registry.instances()) {
    if (instance.port == port) Update(instance);
  }
}

void Groups::OnTransition(const ManagedInstance& instance, const event::Transition& event) {
  Update(instance);
  MarkLedDirty(instance);
  const auto group = group_of_.find(instance.config.name);
  if (group != group_of_.end() && groups_[group->second].config->kind == GroupKind::kFollow) {
    groups_[group->second].moved = std::max(groups_[group->second].moved, event.at);
    return;
  }
  const bool gave_way = event.to == State::kBackup && event.from == State::kMaster && event.reason != Reason::kGroup;
  if (group == group_of_.end() || !gave_way || groups_[group->second].on_one_lcore) return;
  for (const ManagedInstance* other : OthersOf(instance)) {
    if (other->state == State::kMaster) context_.outbox.shard.push_back(command::BeBackup{other->router});
  }
}

void Groups::OnReady(const ManagedInstance& instance, bool ready) { Update(instance, ready); }

// ---- What follows ----

// Whether the member itself is the cause that the group cannot be master.
bool Groups::IsBad(const ManagedInstance& instance) const {
  Holds holds = instance.holds;
  holds.Remove(Hold::kGroup);
  holds.Remove(Hold::kUnknown);  // it is not ready, which is enough
  const bool follows = !instance.config.leader.empty();
  if (follows && instance.state == State::kBackup && instance.reason == Reason::kAddressLost) return true;
  return !holds.empty() || !context_.registry.PortOf(instance.port).up;
}

void Groups::SetHold(ManagedInstance& instance, bool on) {
  if (instance.holds.Has(Hold::kGroup) == on) return;
  instance.holds.Set(Hold::kGroup, on);
  context_.outbox.shard.push_back(on ? ShardCommand(command::HoldDown{instance.router, Hold::kGroup})
                                     : command::EndHold{instance.router, Hold::kGroup});
}

// A member is held if another one is a cause. So with none no member is held, with several all are; with one, all
// except that one, which may be another than before.
void Groups::Judge(Group& group) {
  if (group.config->kind == GroupKind::kFollow) return;
  const size_t causes = std::min(group.causes(), size_t{2});
  if (std::exchange(group.causes_changed, false) && (causes < 2 || group.judged_for != causes)) {
    for (ManagedInstance* member : Members(*group.config)) SetHold(*member, causes > (IsBad(*member) ? 1 : 0));
    group.judged_for = causes;
  }
  const size_t members = group.config->members.size();
  const bool all_can = group.ready + group.states[static_cast<size_t>(State::kMaster)] == members;
  if (causes > 0 || group.on_one_lcore || group.ready == 0 || !all_can) return;
  for (const ManagedInstance* member : Members(*group.config)) {
    if (!members_.at(member->id).ready) continue;
    Update(*member, false);
    context_.outbox.shard.push_back(command::BeMaster{member->router});
  }
}

std::vector<Groups::Summary> Groups::Settle(ControlTime t) {
  std::vector<Summary> summaries;
  for (const size_t i : std::exchange(dirty_, {})) {
    groups_[i].dirty = false;
    Judge(groups_[i]);
    summaries.push_back(SummaryOf(*groups_[i].config));
    if (groups_[i].config->kind == GroupKind::kFollow) TellFollowers(groups_[i], summaries.back().state, t);
  }
  return summaries;
}

Groups::Summary Groups::SummaryOf(const GroupConfig& config) const {
  const Group& group = groups_[group_of_.at(config.members.front())];
  const auto all_are = [&](State state) { return group.states[static_cast<size_t>(state)] == config.members.size(); };
  Summary summary{&config, std::nullopt, group.running == 0 && group.active == 0,
                  group.states[static_cast<size_t>(State::kMaster)]};
  if (config.kind == GroupKind::kFollow) {
    summary.state = StateOfFollowers(group);
    return summary;
  }
  if (all_are(State::kMaster)) summary.state = State::kMaster;
  if (all_are(State::kBackup)) summary.state = State::kBackup;
  if (group.causes() > 0 || group.states[static_cast<size_t>(State::kFault)] > 0) summary.state = State::kFault;
  return summary;
}

std::optional<State> Groups::StateOfFollowers(const Group& group) const {
  const ManagedInstance* leader = context_.registry.Find(group.config->leader);
  const State state = leader == nullptr ? State::kInitialize : leader->state;
  if (state == State::kInitialize && !group.told_master.has_value()) return std::nullopt;  // it has not decided yet
  const State other = state == State::kMaster ? State::kBackup : State::kMaster;
  const size_t on_the_way =
      group.states[static_cast<size_t>(other)] + group.states[static_cast<size_t>(State::kInitialize)];
  if (on_the_way > 0) return std::nullopt;
  return state == State::kInitialize ? State::kFault : state;
}

// One event for all followers, which have no events of their own for this.
void Groups::TellFollowers(Group& group, std::optional<State> state, ControlTime t) {
  if (!state.has_value()) return;
  const bool to_master = state == State::kMaster;
  if (group.told_master == to_master) return;
  const bool is_start = !std::exchange(group.told_master, to_master).has_value() && !to_master;
  const ManagedInstance* leader = context_.registry.Find(group.config->leader);
  const size_t masters = group.states[static_cast<size_t>(State::kMaster)];
  const size_t moved = to_master ? masters : group.states[static_cast<size_t>(State::kBackup)];
  if (moved == 0 || is_start) return;
  const Nanoseconds after = leader == nullptr ? Nanoseconds(0) : std::max(Nanoseconds(0), group.moved - leader->since);
  context_.journal.Record(occurrence::FollowersMoved{group.config->name, group.config->leader, moved, to_master, after},
                          t.unix_ms);
}

std::string Groups::CulpritOf(const GroupConfig& group) const {
  if (group.kind == GroupKind::kFollow) return "";
  for (const std::string& name : group.members) {
    const ManagedInstance* member = context_.registry.Find(name);
    if (member == nullptr || IsBad(*member)) return name;
  }
  return "";
}

}  // namespace dpvrrp
