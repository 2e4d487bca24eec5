// SPDX-License-Identifier: BSD-3-Clause
//
// Shard: groups whose members are master together. The members on one shard form a ring and move in one turn. If some
// members are on other shards, control passes between them (control/groups).
#include "pipeline/shard.h"

namespace dpvrrp {
namespace {

template <typename Do>
void ForEachOther(VirtualRouter& router, Do action) {
  for (VirtualRouter* other = router.group_next; other != &router; other = other->group_next) action(*other);
}

// Whether each of so many members is ready or master. The ring is in the order in which the members joined, which is
// nearly the order of their timers: so the first look mostly finds one that is not ready.
bool AreReady(VirtualRouter& router, uint32_t members) {
  uint32_t ready = 0;
  VirtualRouter* member = &router;
  do {
    if (!member->machine.ready && member->machine.state != State::kMaster) return false;
    ++ready;
    member = member->group_next;
  } while (member != &router);
  return ready == members;
}

}  // namespace

void Shard::LeaveGroup(VirtualRouter& router) {
  router.group_before->group_next = router.group_next;
  router.group_next->group_before = router.group_before;
  router.group_next = router.group_before = &router;
  router.group_members = 1;
}

void Shard::Obey(const command::JoinGroup& c, Instant now) {
  VirtualRouter& router = *c.router;
  LeaveGroup(router);
  router.group_members = c.members;
  if (c.with != nullptr) {
    router.group_before = c.with;
    router.group_next = c.with->group_next;
    router.group_before->group_next = router.group_next->group_before = &router;
  }
  router.group_is_here = c.all_here;
  router.machine.in_group = c.members > 1;
  if (router.machine.ready && !router.machine.in_group) Advance(router, JoinMaster{}, now);
  router.told_ready = false;
  if (router.machine.in_group) MoveGroup(router, {}, now);
}

void Shard::Obey(const command::BeMaster& c, Instant now) {
  if (c.router->machine.ready) Advance(*c.router, JoinMaster{}, now);
}

void Shard::Obey(const command::BeBackup& c, Instant now) { Advance(*c.router, LeaveMaster{}, now); }

// The machine of a member has moved.
void Shard::MoveGroup(VirtualRouter& router, const Actions& actions, Instant now) {
  const Machine& machine = router.machine;
  const auto& change = actions.state_change;
  const bool gave_way = change.has_value() && change->from == State::kMaster && change->to == State::kBackup;
  if (gave_way && machine.reason != Reason::kGroup) {
    ForEachOther(router, [&](VirtualRouter& other) { Advance(other, LeaveMaster{}, now); });
  }
  if (machine.ready == router.told_ready) return;
  router.told_ready = machine.ready;
  if (!router.group_is_here) {
    router.tells_ready = true;
    reports_.Push(router);
  } else if (machine.ready && AreReady(router, router.group_members)) {
    const auto join = [&](VirtualRouter& r) {
      if (r.machine.ready) Advance(r, JoinMaster{}, now);
    };
    join(router);
    ForEachOther(router, join);
  }
}

}  // namespace dpvrrp
