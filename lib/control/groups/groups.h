// SPDX-License-Identifier: BSD-3-Clause
//
// Groups whose members are master together (keepalived's vrrp_sync_group). If a member is in Fault or has no link, the
// others are in Fault, too. The members on one lcore become master and backup in one turn of that lcore
// (pipeline/shard_groups.cc); between lcores, this part passes it on.
//
// Of groups whose members follow a leader, this part has only the state (groups/followers.h moves them).
//
// Thread: control.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "config/model.h"
#include "control/control_time.h"
#include "control/part.h"
#include "pipeline/messages/event.h"
#include "vrrp/machine.h"

namespace dpvrrp {

struct ManagedInstance;

class Groups final : public Part {
 public:
  explicit Groups(const PartContext& context) : context_(context) {}

  // The registry has another configuration.
  void OnConfiguration();
  // The group of an instance; null: none. A group of one member has only tracks and notifications.
  const GroupConfig* GroupOf(const std::string& instance) const;
  // The members of its group, with itself. If there are more than one, it becomes master with the others.
  size_t MembersOf(const std::string& instance) const {
    const GroupConfig* group = GroupOf(instance);
    return group == nullptr || group->kind == GroupKind::kFollow ? 1 : group->members.size();
  }

  // The lcore has the command to add the instance.
  void OnStarted(const ManagedInstance& instance);
  // Something may have changed that the group depends on: holds, the port's link, whether it is being removed.
  void OnChanged(const ManagedInstance& instance);
  void OnPort(PortId port);
  void OnTransition(const ManagedInstance& instance, const event::Transition& event);
  void OnReady(const ManagedInstance& instance, bool ready);
  // The other members of its group that are running.
  std::vector<const ManagedInstance*> OthersOf(const ManagedInstance& instance) const;
  // The instances that follow it, and run.
  std::vector<const ManagedInstance*> FollowersOf(const ManagedInstance& instance) const;

  struct Summary {
    const GroupConfig* config = nullptr;
    // kMaster, kBackup: all members; kFault: a member is in Fault, has no link or does not run. Absent: on the way.
    // Kind follow: the leader's state, if every follower without a fault of its own has it; kFault: also if the leader
    // has no link or does not run. Absent before the leader has left Initialize once.
    std::optional<State> state;
    bool has_ended = false;  // no member runs
    size_t masters = 0;      // members that are master
  };
  Summary SummaryOf(const GroupConfig& group) const;
  // The first member that is the cause of a Fault; empty: none is. Looks at every member.
  std::string CulpritOf(const GroupConfig& group) const;

  // Brings into force what follows from the changes. Returns the groups that may have another state.
  std::vector<Summary> Settle(ControlTime t);

  void Forget(InstanceId id) override;

 private:
  // What is counted of a member. A change of one member does not look at the others, of which there may be thousands.
  struct Member {
    size_t group = 0;   // of groups_
    bool runs = false;  // it is not being removed
    bool bad = false;   // IsBad()
    bool ready = false;
    State state{};
  };
  struct Group {
    const GroupConfig* config = nullptr;  // of the registry, until it has another configuration
    std::string name;
    bool on_one_lcore = false;
    Instant moved{};                    // the last transition of a member
    std::optional<bool> told_master{};  // the last event about followers said that they became master
    size_t running = 0;
    size_t bad = 0;  // of those that run, as the next two
    size_t ready = 0;
    std::array<size_t, kStateCount> states{};
    size_t active = 0;  // members, also those that are being removed, that are not in Initialize
    // The holds of the members are those for this number of causes; kNotJudged: not for all members.
    size_t judged_for = kNotJudged;
    bool causes_changed = false;
    bool dirty = false;
    absl::flat_hash_map<size_t, InstanceId> last;  // that joined, by worker

    size_t causes() const { return bad + config->members.size() - running; }
  };
  static constexpr size_t kNotJudged = SIZE_MAX;

  std::vector<ManagedInstance*> Members(const GroupConfig& group) const;
  bool IsBad(const ManagedInstance& instance) const;
  void FindLcores();
  void Join(const ManagedInstance& instance, Group& group);
  void Count(Group& group, const Member& member, size_t by);
  void Update(const ManagedInstance& instance, bool ready);
  void Update(const ManagedInstance& instance);
  void MarkDirty(size_t group);
  void MarkLedDirty(const ManagedInstance& leader);
  void Judge(Group& group);
  std::optional<State> StateOfFollowers(const Group& group) const;
  void TellFollowers(Group& group, std::optional<State> state, ControlTime t);
  void SetHold(ManagedInstance& instance, bool on);

  PartContext context_;
  std::vector<Group> groups_;                                         // in the order of the file
  absl::flat_hash_map<std::string, size_t> group_of_;                 // by member
  absl::flat_hash_map<std::string, std::vector<size_t>> groups_led_;  // by leader
  absl::flat_hash_map<InstanceId, Member> members_;                   // that an lcore has
  std::vector<size_t> dirty_;
};

}  // namespace dpvrrp
