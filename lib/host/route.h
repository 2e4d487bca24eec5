// SPDX-License-Identifier: BSD-3-Clause
//
// Routes and routing rules that a master has in the kernel, in the terms of ip-route(8) and ip-rule(8).
//
// Thread: any (values).
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "base/address.h"

namespace dpvrrp {

inline constexpr uint32_t kMainTable = 254;           // RT_TABLE_MAIN
inline constexpr uint32_t kDefaultIpv6Metric = 1024;  // the kernel stores it for an IPv6 route with metric 0

// A unicast route. The kernel has at most one route of ours with the same `to`, table and metric.
struct VirtualRoute {
  IpPrefix to{};       // without bits outside of its length; length 0: the default route of its family
  IpAddress via{};     // unspecified: the destination is on `device`
  std::string device;  // kernel interface; empty: the kernel finds it by `via`
  IpAddress src{};     // the source address of the host's own traffic; unspecified: the kernel chooses
  uint32_t table = kMainTable;
  uint32_t metric = 0;  // IPv6: never 0

  friend bool operator==(const VirtualRoute&, const VirtualRoute&) = default;
};

// A rule that looks packets up in a table.
struct VirtualRule {
  Family family = Family::kIpv4;
  IpPrefix from{{}, 0};  // length 0: any
  IpPrefix to{{}, 0};    // length 0: any
  std::string iif;       // the interface on which the packet is received; empty: any
  uint32_t table = 0;
  uint32_t priority = 0;

  friend bool operator==(const VirtualRule&, const VirtualRule&) = default;
};

using RoutingEntry = std::variant<VirtualRoute, VirtualRule>;

// "10.50.0.0/16 via 10.99.0.254 dev eth1 src 10.99.0.100 table 100 metric 10". The main table and the kernel's own
// metric are left out.
std::string ToString(const VirtualRoute& route);
// "from 10.99.0.0/24 iif eth0 table 100 priority 1000"; of IPv6 without an address: "ipv6 iif eth0 ...".
std::string ToString(const VirtualRule& rule);
// "route 10.50.0.0/16 ...", "rule from 10.99.0.0/24 ...".
std::string ToString(const RoutingEntry& entry);

// The place of an entry, as a key. The kernel refuses a second entry in one place: for a route that is destination,
// table and metric, for a rule all of it.
std::string PlaceKey(const RoutingEntry& entry);
// Whether the kernel's entry is the wanted one. The kernel fills in the device of a route that has none.
bool Fulfils(const RoutingEntry& listed, const RoutingEntry& wanted);

}  // namespace dpvrrp
