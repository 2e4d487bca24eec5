// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/stand_in/membership.h"

#include <algorithm>

#include "wire/mld.h"

namespace dpvrrp {
namespace {

GroupMember& MemberOf(const BookEntry& entry) { return entry.router->host_side->groups[entry.index]; }

// Somewhere in (0, most], and always the same for the same group of the same router.
Nanoseconds Delay(const GroupMember& member, Nanoseconds most) {
  const VirtualRouterConfig& c = member.of_group.router->config;
  uint64_t mixed = uint64_t{c.vrid.value()} << 48 | uint64_t{c.vlan.outer} << 16 | c.vlan.inner;
  for (const uint8_t byte : member.of_group.address.bytes()) mixed = (mixed ^ byte) * 0x100000001b3;  // FNV-1a
  for (const uint8_t byte : c.port_mac.bytes) mixed = (mixed ^ byte) * 0x100000001b3;
  mixed *= 0x9e3779b97f4a7c15;
  return most * static_cast<int64_t>((mixed >> 44) + 1) / (int64_t{1} << 20);
}

}  // namespace

void Membership::OnStateChange(VirtualRouter& router, Instant now) {
  const State state = router.machine.state;
  for (GroupMember& member : router.host_side->groups) {
    const bool wanted = member.while_master ? state == State::kMaster : IsActive(state);
    if (wanted == member.of_group.listed()) continue;
    wanted ? Join(member, now) : Leave(member, now);
  }
}

GroupMember* Membership::OtherMember(const GroupMember& member) const {
  const VirtualRouterConfig& c = member.of_group.router->config;
  GroupMember* found = nullptr;
  book_.Find(c.port, c.vlan, member.of_group.address, [&](const BookEntry& entry) {
    if (entry.role != BookEntry::Role::kGroup || &entry == &member.of_group) return false;
    found = &MemberOf(entry);
    return true;
  });
  return found;
}

void Membership::Join(GroupMember& member, Instant now) {
  const VirtualRouterConfig& c = member.of_group.router->config;
  book_.Find(c.port, c.vlan, member.of_segment.address, [&](const BookEntry& entry) {
    if (entry.role == BookEntry::Role::kGroup) member.igmp_v2_until = MemberOf(entry).igmp_v2_until;
    return entry.role == BookEntry::Role::kGroup;
  });
  member.reporter = OtherMember(member) == nullptr;
  book_.Insert(member.of_group, c.port, c.vlan);
  book_.Insert(member.of_segment, c.port, c.vlan);
  if (!member.reporter) return;
  member.joins_left = kRobustness;
  Report(member, now);
}

void Membership::Leave(GroupMember& member, Instant now) {
  book_.Remove(member.of_group);
  book_.Remove(member.of_segment);
  if (!member.reporter) return;
  member.reporter = false;
  GroupMember* heir = OtherMember(member);
  if (heir != nullptr) {
    heir->reporter = true;
    heir->joins_left = member.joins_left;
    heir->reported_at = member.reported_at;
    if (member.timer.armed()) wheel_.Arm(heir->timer, member.timer.at);
  } else if (member.of_group.router->machine.reason != Reason::kPortDown) {
    Write(member, GroupRecord::kLeave, now);  // without room in the queue the querier finds out
  }
  wheel_.Disarm(member.timer);
  member.joins_left = 0;
}

void Membership::HandOver(HostSide& former, HostSide* next, Instant now) {
  for (GroupMember& member : former.groups) {
    if (!member.of_group.listed()) continue;
    GroupMember* heir = nullptr;
    for (size_t i = 0; next != nullptr && i < next->groups.size() && heir == nullptr; ++i) {
      const BookEntry& group = next->groups[i].of_group;
      if (group.address == member.of_group.address && !group.listed()) heir = &next->groups[i];
    }
    if (heir == nullptr) {
      Leave(member, now);
      continue;
    }
    const VirtualRouterConfig& c = member.of_group.router->config;
    book_.Remove(member.of_group);
    book_.Remove(member.of_segment);
    book_.Insert(heir->of_group, c.port, c.vlan);
    book_.Insert(heir->of_segment, c.port, c.vlan);
    heir->reporter = member.reporter;
    heir->joins_left = member.joins_left;
    heir->reported_at = member.reported_at;
    heir->igmp_v2_until = member.igmp_v2_until;
    if (member.timer.armed()) wheel_.Arm(heir->timer, member.timer.at);
    wheel_.Disarm(member.timer);
  }
}

void Membership::Report(GroupMember& member, Instant now) {
  if (!Write(member, member.joins_left > 0 ? GroupRecord::kJoin : GroupRecord::kIsMember, now)) {
    wheel_.Arm(member.timer, now + kQueueRetry);
    return;
  }
  member.reported_at = now;
  if (member.joins_left > 0) --member.joins_left;
  if (member.joins_left > 0) wheel_.Arm(member.timer, now + Delay(member, kUnsolicitedInterval));
}

void Membership::OnQuery(PortId port, const VlanStack& vlan, const GroupQuery& query, Instant now) {
  book_.Find(port, vlan, query.group, [&](const BookEntry& entry) {
    if (entry.role != BookEntry::Role::kGroup) return false;
    GroupMember& member = MemberOf(entry);
    if (query.version < 3 && query.group.is_v4()) member.igmp_v2_until = now + kOlderQuerierPresent;
    if (!member.reporter) return false;
    const Instant at = std::max(now + Delay(member, query.max_response), member.reported_at + kAnswerAgain);
    if (!member.timer.armed() || at < member.timer.at) wheel_.Arm(member.timer, at);
    return false;
  });
}

bool Membership::Write(const GroupMember& member, GroupRecord record, Instant now) {
  uint8_t* frame = queue_.room();
  if (frame == nullptr) return false;
  const VirtualRouterConfig& c = member.of_group.router->config;
  const GroupReport report{c.port_mac, c.vlan, c.machine.source, member.of_group.address, record};
  const size_t length = !report.group.is_v4()        ? WriteMldV2Report(report, frame)
                        : now < member.igmp_v2_until ? WriteIgmpV2Report(report, frame)
                                                     : WriteIgmpV3Report(report, frame);
  queue_.Add(length, c.port);
  reports_.Add();
  return true;
}

}  // namespace dpvrrp
