// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/route_message.h"

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cstring>

#include "kernel/netlink_attribute.h"

namespace dpvrrp {
namespace {

uint8_t FamilyNumber(Family family) { return family == Family::kIpv4 ? AF_INET : AF_INET6; }

void PutIp(nlmsghdr* message, uint16_t type, const IpAddress& address) {
  const IpAddress::Bytes bytes = address.bytes();
  mnl_attr_put(message, type, address.size(), bytes.data());
}

// The part that identifies the route, for adding and removing.
nlmsghdr* PutRoute(MessageBuffer& buffer, uint16_t type, uint32_t ifindex, const VirtualRoute& route) {
  nlmsghdr* message = mnl_nlmsg_put_header(buffer.bytes.data());
  message->nlmsg_type = type;
  message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  auto* header = static_cast<rtmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(rtmsg)));
  header->rtm_family = FamilyNumber(route.to.address.family());
  header->rtm_dst_len = route.to.length;
  header->rtm_protocol = kRouteProto;
  header->rtm_type = RTN_UNICAST;
  if (route.to.length != 0) PutIp(message, RTA_DST, route.to.address);
  mnl_attr_put_u32(message, RTA_TABLE, route.table);  // rtm_table is too small for most tables
  if (route.metric != 0) mnl_attr_put_u32(message, RTA_PRIORITY, route.metric);
  if (!route.via.IsUnspecified()) PutIp(message, RTA_GATEWAY, route.via);
  if (!route.src.IsUnspecified()) PutIp(message, RTA_PREFSRC, route.src);
  if (ifindex != 0) mnl_attr_put_u32(message, RTA_OIF, ifindex);
  return message;
}

nlmsghdr* PutRule(MessageBuffer& buffer, uint16_t type, const VirtualRule& rule) {
  nlmsghdr* message = mnl_nlmsg_put_header(buffer.bytes.data());
  message->nlmsg_type = type;
  message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  auto* header = static_cast<fib_rule_hdr*>(mnl_nlmsg_put_extra_header(message, sizeof(fib_rule_hdr)));
  header->family = FamilyNumber(rule.family);
  header->action = FR_ACT_TO_TBL;
  header->src_len = rule.from.length;
  header->dst_len = rule.to.length;
  if (rule.from.length != 0) PutIp(message, FRA_SRC, rule.from.address);
  if (rule.to.length != 0) PutIp(message, FRA_DST, rule.to.address);
  if (!rule.iif.empty()) mnl_attr_put_strz(message, FRA_IIFNAME, rule.iif.c_str());
  mnl_attr_put_u32(message, FRA_TABLE, rule.table);
  mnl_attr_put_u32(message, FRA_PRIORITY, rule.priority);
  mnl_attr_put_u8(message, FRA_PROTOCOL, kRouteProto);
  return message;
}

// Unspecified: of another length than the family's.
IpAddress ReadIp(uint8_t family, const nlattr& attribute) {
  const auto* bytes = static_cast<const uint8_t*>(mnl_attr_get_payload(&attribute));
  const size_t size = mnl_attr_get_payload_len(&attribute);
  if (family == AF_INET && size == 4) {
    return IpAddress::V4(static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
                         static_cast<uint32_t>(bytes[2]) << 8 | bytes[3]);
  }
  IpAddress::Bytes copy{};
  if (family == AF_INET6 && size == copy.size()) std::memcpy(copy.data(), bytes, copy.size());
  return IpAddress::V6(copy);
}

uint32_t ReadNumber(const nlattr& attribute) {
  return mnl_attr_get_payload_len(&attribute) >= sizeof(uint32_t) ? mnl_attr_get_u32(&attribute) : 0;
}

std::optional<RoutingEntry> ParseRoute(const nlmsghdr& message, const std::function<std::string(uint32_t)>& name_of) {
  if (mnl_nlmsg_get_payload_len(&message) < sizeof(rtmsg)) return std::nullopt;
  const auto* header = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(&message));
  const uint8_t family = header->rtm_family;
  if (family != AF_INET && family != AF_INET6) return std::nullopt;
  if (header->rtm_protocol != kRouteProto || header->rtm_type != RTN_UNICAST) return std::nullopt;
  if ((header->rtm_flags & RTM_F_CLONED) != 0) return std::nullopt;
  VirtualRoute route;
  route.to = {family == AF_INET ? IpAddress() : IpAddress::V6({}), header->rtm_dst_len};
  route.table = header->rtm_table;
  ForEachAttribute(message, sizeof(rtmsg), [&](const nlattr& attribute) {
    switch (mnl_attr_get_type(&attribute)) {
      case RTA_DST:
        route.to.address = ReadIp(family, attribute);
        break;
      case RTA_GATEWAY:
        route.via = ReadIp(family, attribute);
        break;
      case RTA_PREFSRC:
        route.src = ReadIp(family, attribute);
        break;
      case RTA_OIF:
        route.device = name_of(ReadNumber(attribute));
        break;
      case RTA_TABLE:
        route.table = ReadNumber(attribute);
        break;
      case RTA_PRIORITY:
        route.metric = ReadNumber(attribute);
        break;
    }
  });
  return route;
}

std::optional<RoutingEntry> ParseRule(const nlmsghdr& message) {
  if (mnl_nlmsg_get_payload_len(&message) < sizeof(fib_rule_hdr)) return std::nullopt;
  const auto* header = static_cast<const fib_rule_hdr*>(mnl_nlmsg_get_payload(&message));
  const uint8_t family = header->family;
  if (family != AF_INET && family != AF_INET6) return std::nullopt;
  if (header->action != FR_ACT_TO_TBL) return std::nullopt;
  VirtualRule rule;
  rule.family = family == AF_INET ? Family::kIpv4 : Family::kIpv6;
  rule.table = header->table;
  bool ours = false;
  ForEachAttribute(message, sizeof(fib_rule_hdr), [&](const nlattr& attribute) {
    switch (mnl_attr_get_type(&attribute)) {
      case FRA_SRC:
        rule.from = {ReadIp(family, attribute), header->src_len};
        break;
      case FRA_DST:
        rule.to = {ReadIp(family, attribute), header->dst_len};
        break;
      case FRA_IIFNAME: {
        const auto* name = static_cast<const char*>(mnl_attr_get_payload(&attribute));
        rule.iif.assign(name, strnlen(name, mnl_attr_get_payload_len(&attribute)));
        break;
      }
      case FRA_TABLE:
        rule.table = ReadNumber(attribute);
        break;
      case FRA_PRIORITY:
        rule.priority = ReadNumber(attribute);
        break;
      case FRA_PROTOCOL:
        ours = mnl_attr_get_payload_len(&attribute) >= 1 && mnl_attr_get_u8(&attribute) == kRouteProto;
        break;
    }
  });
  if (!ours) return std::nullopt;
  return rule;
}

// Appends what has our mark. False: the answer is an error.
NetlinkAnswer AppendRouting(NetlinkQuery& query, nlmsghdr* request, std::vector<RoutingEntry>& entries) {
  const NetlinkQuery::Result result = query.Ask(*request);
  if (!result.answer.ok()) return result.answer;
  const auto name_of = [&](uint32_t index) { return query.FindName(index); };
  ForEachMessage(result.messages, [&](const nlmsghdr& message) {
    if (std::optional<RoutingEntry> entry = ParseRouting(message, name_of)) entries.push_back(*std::move(entry));
  });
  return {};
}

}  // namespace

nlmsghdr* BuildAddRoute(MessageBuffer& buffer, uint32_t ifindex, const VirtualRoute& route) {
  nlmsghdr* message = PutRoute(buffer, RTM_NEWROUTE, ifindex, route);
  // Without NLM_F_REPLACE the kernel refuses a second route to one place, and so reports that it is not ours.
  message->nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
  auto* header = static_cast<rtmsg*>(mnl_nlmsg_get_payload(message));
  header->rtm_scope = route.to.address.is_v4() && route.via.IsUnspecified() ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  return message;
}

nlmsghdr* BuildRemoveRoute(MessageBuffer& buffer, uint32_t ifindex, const VirtualRoute& route) {
  nlmsghdr* message = PutRoute(buffer, RTM_DELROUTE, ifindex, route);
  static_cast<rtmsg*>(mnl_nlmsg_get_payload(message))->rtm_scope = RT_SCOPE_NOWHERE;  // any
  return message;
}

nlmsghdr* BuildAddRule(MessageBuffer& buffer, const VirtualRule& rule) {
  nlmsghdr* message = PutRule(buffer, RTM_NEWRULE, rule);
  message->nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
  return message;
}

nlmsghdr* BuildRemoveRule(MessageBuffer& buffer, const VirtualRule& rule) { return PutRule(buffer, RTM_DELRULE, rule); }

nlmsghdr* BuildListRoutes(MessageBuffer& buffer, Family family) {
  nlmsghdr* message = mnl_nlmsg_put_header(buffer.bytes.data());
  message->nlmsg_type = RTM_GETROUTE;
  message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  auto* header = static_cast<rtmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(rtmsg)));
  header->rtm_family = FamilyNumber(family);
  header->rtm_protocol = kRouteProto;
  return message;
}

nlmsghdr* BuildListRules(MessageBuffer& buffer) {
  nlmsghdr* message = mnl_nlmsg_put_header(buffer.bytes.data());
  message->nlmsg_type = RTM_GETRULE;
  message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  mnl_nlmsg_put_extra_header(message, sizeof(fib_rule_hdr));  // AF_UNSPEC: every family
  return message;
}

std::optional<RoutingEntry> ParseRouting(const nlmsghdr& message, const std::function<std::string(uint32_t)>& name_of) {
  const uint16_t type = message.nlmsg_type;
  if (type == RTM_NEWROUTE || type == RTM_DELROUTE) return ParseRoute(message, name_of);
  if (type == RTM_NEWRULE || type == RTM_DELRULE) return ParseRule(message);
  return std::nullopt;
}

absl::StatusOr<std::vector<RoutingEntry>> ListRouting(NetlinkQuery& query) {
  std::vector<RoutingEntry> entries;
  MessageBuffer buffer;
  NetlinkAnswer answer = AppendRouting(query, BuildListRules(buffer), entries);
  if (answer.ok()) answer = AppendRouting(query, BuildListRoutes(buffer, Family::kIpv4), entries);
  if (answer.ok()) answer = AppendRouting(query, BuildListRoutes(buffer, Family::kIpv6), entries);
  if (!answer.ok()) return ToStatus(answer, "cannot list routes and rules");
  return entries;
}

}  // namespace dpvrrp
