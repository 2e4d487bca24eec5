// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/stand_in/host_side.h"

#include <algorithm>

#include "pipeline/virtual_router.h"
#include "wire/ndisc.h"

namespace dpvrrp {
namespace {

void AddGroup(VirtualRouter& router, const IpAddress& group, bool while_master) {
  GroupMember member;
  member.of_group.router = member.of_segment.router = &router;
  member.of_group.role = member.of_segment.role = BookEntry::Role::kGroup;
  member.of_group.address = group;
  member.of_segment.address = group.is_v4() ? IpAddress() : IpAddress::V6({});
  member.of_group.index = member.of_segment.index = static_cast<uint16_t>(router.host_side->groups.size());
  member.while_master = while_master;
  member.timer.kind = Chore::Kind::kReportGroup;
  router.host_side->groups.push_back(member);
}

// What it answers for, and the groups in which hosts ask for that.
template <typename Add>
void AddAnswers(VirtualRouter& router, Add add) {
  const VirtualRouterConfig& c = router.config;
  for (size_t i = 0; i < c.addresses.size(); ++i) add(c.addresses[i], BookEntry::Role::kVirtual, i);
  const IpAddress& source = c.machine.source;
  const bool answers_for_source =
      !c.unicast_peers.empty() && std::find(c.addresses.begin(), c.addresses.end(), source) == c.addresses.end();
  if (answers_for_source) add(source, BookEntry::Role::kSource, 0);
  if (source.is_v4()) return;
  if (answers_for_source) AddGroup(router, SolicitedNodeGroup(source), false);
  for (const IpAddress& address : c.addresses) AddGroup(router, SolicitedNodeGroup(address), true);
}

}  // namespace

void PrepareHostSide(VirtualRouter& router) {
  const VirtualRouterConfig& c = router.config;
  const bool unicast = !c.unicast_peers.empty();
  const bool reports = (c.responder || c.reports_group) && !unicast && !c.follows;
  router.host_side = std::make_unique<HostSide>();
  HostSide& side = *router.host_side;
  side.is_host = c.responder || unicast;
  side.ask_timer.kind = Chore::Kind::kAskForPeers;
  side.ask_timer.of = &router;
  const auto add = [&](const IpAddress& address, BookEntry::Role role, size_t index) {
    BookEntry entry;
    entry.router = &router;
    entry.address = address;
    entry.role = role;
    entry.index = static_cast<uint16_t>(index);
    side.addresses.push_back(entry);
  };
  for (size_t i = 0; i < c.unicast_peers.size(); ++i) add(c.unicast_peers[i].next_hop, BookEntry::Role::kPeer, i);
  if (reports) AddGroup(router, c.group, false);
  if (c.responder) {
    AddAnswers(router, add);
  } else {
    for (size_t i = 0; i < c.addresses.size(); ++i) add(c.addresses[i], BookEntry::Role::kWatched, i);
  }
  for (GroupMember& member : side.groups) member.timer.of = &member;  // where they stay
}

}  // namespace dpvrrp
