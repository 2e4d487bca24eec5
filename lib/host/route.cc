// SPDX-License-Identifier: BSD-3-Clause
#include "host/route.h"

#include "absl/strings/str_cat.h"

namespace dpvrrp {

std::string ToString(const VirtualRoute& route) {
  std::string text = ToString(route.to);
  if (!route.via.IsUnspecified()) absl::StrAppend(&text, " via ", ToString(route.via));
  if (!route.device.empty()) absl::StrAppend(&text, " dev ", route.device);
  if (!route.src.IsUnspecified()) absl::StrAppend(&text, " src ", ToString(route.src));
  if (route.table != kMainTable) absl::StrAppend(&text, " table ", route.table);
  const uint32_t usual = route.to.address.is_v4() ? 0 : kDefaultIpv6Metric;
  if (route.metric != usual) absl::StrAppend(&text, " metric ", route.metric);
  return text;
}

std::string ToString(const VirtualRule& rule) {
  std::string text;
  if (rule.from.length == 0 && rule.to.length == 0 && rule.family == Family::kIpv6) text = "ipv6 ";
  if (rule.from.length != 0) absl::StrAppend(&text, "from ", ToString(rule.from), " ");
  if (rule.to.length != 0) absl::StrAppend(&text, "to ", ToString(rule.to), " ");
  if (!rule.iif.empty()) absl::StrAppend(&text, "iif ", rule.iif, " ");
  absl::StrAppend(&text, "table ", rule.table, " priority ", rule.priority);
  return text;
}

std::string ToString(const RoutingEntry& entry) {
  const auto* route = std::get_if<VirtualRoute>(&entry);
  return route != nullptr ? absl::StrCat("route ", ToString(*route))
                          : absl::StrCat("rule ", ToString(std::get<VirtualRule>(entry)));
}

std::string PlaceKey(const RoutingEntry& entry) {
  const auto* route = std::get_if<VirtualRoute>(&entry);
  if (route == nullptr) return ToString(entry);
  return absl::StrCat("route ", ToString(route->to), " table ", route->table, " metric ", route->metric);
}

bool Fulfils(const RoutingEntry& listed, const RoutingEntry& wanted) {
  const auto* there = std::get_if<VirtualRoute>(&listed);
  const auto* route = std::get_if<VirtualRoute>(&wanted);
  if (there == nullptr || route == nullptr) return listed == wanted;
  return there->to == route->to && there->table == route->table && there->metric == route->metric &&
         there->via == route->via && there->src == route->src &&
         (route->device.empty() || there->device == route->device);
}

}  // namespace dpvrrp
