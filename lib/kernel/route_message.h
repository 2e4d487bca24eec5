// SPDX-License-Identifier: BSD-3-Clause
//
// Routes and rules as rtnetlink messages (RTM_NEWROUTE, RTM_DELROUTE, RTM_NEWRULE, RTM_DELRULE and their lists).
//
// Thread: any, except ListRouting().
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "host/route.h"
#include "kernel/address_message.h"
#include "kernel/netlink_query.h"

namespace dpvrrp {

// Our mark on a route (rtm_protocol) and on a rule (FRA_PROTOCOL), the same number as on an address. No routing daemon
// uses it: Linux's list of protocols has keepalived at 18, and the daemons of FRR from 42 and 186 on.
inline constexpr uint8_t kRouteProto = kIfaProto;

// Build the request in `buffer`. The sender completes flags and sequence number. `ifindex` 0: the route has no device.
nlmsghdr* BuildAddRoute(MessageBuffer& buffer, uint32_t ifindex, const VirtualRoute& route);
nlmsghdr* BuildRemoveRoute(MessageBuffer& buffer, uint32_t ifindex, const VirtualRoute& route);
nlmsghdr* BuildAddRule(MessageBuffer& buffer, const VirtualRule& rule);
nlmsghdr* BuildRemoveRule(MessageBuffer& buffer, const VirtualRule& rule);
// Routes of one family with our mark, if the socket has strict checks; otherwise all routes of the family.
nlmsghdr* BuildListRoutes(MessageBuffer& buffer, Family family);
nlmsghdr* BuildListRules(MessageBuffer& buffer);

// The content of an RTM_NEWROUTE, RTM_NEWRULE, RTM_DELROUTE or RTM_DELRULE that has our mark. Nothing for a malformed
// message, for a route or rule without our mark, and for a kind that we do not make. `name_of` gives a device's name.
std::optional<RoutingEntry> ParseRouting(const nlmsghdr& message, const std::function<std::string(uint32_t)>& name_of);

// Every route and rule with our mark. Unavailable if they change faster than they can be listed. Thread: control.
absl::StatusOr<std::vector<RoutingEntry>> ListRouting(NetlinkQuery& query);

}  // namespace dpvrrp
