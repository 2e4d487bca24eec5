// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/link_message.h"

#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "kernel/netlink_attribute.h"

namespace dpvrrp {
namespace {

nlmsghdr* PutLink(MessageBuffer& buffer, uint16_t type, uint16_t flags, ifinfomsg fields) {
  nlmsghdr* message = mnl_nlmsg_put_header(buffer.bytes.data());
  message->nlmsg_type = type;
  message->nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
  *static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg))) = fields;
  return message;
}

ifinfomsg OfIndex(uint32_t ifindex) {
  ifinfomsg fields{};
  fields.ifi_index = static_cast<int>(ifindex);
  return fields;
}

// The text of an attribute, which the kernel ends with a zero byte.
std::string TextOf(const nlattr& attribute) {
  const auto* text = static_cast<const char*>(mnl_attr_get_payload(&attribute));
  return std::string(text, strnlen(text, mnl_attr_get_payload_len(&attribute)));
}

uint32_t NumberOf(const nlattr& attribute) {
  return mnl_attr_get_payload_len(&attribute) >= sizeof(uint32_t) ? mnl_attr_get_u32(&attribute) : 0;
}

bool IsBridgeMacvlan(const nlattr& linkinfo) {
  bool macvlan = false, bridge = false;
  ForEachNested(linkinfo, [&](const nlattr& part) {
    if (mnl_attr_get_type(&part) == IFLA_INFO_KIND) macvlan = TextOf(part) == "macvlan";
    if (mnl_attr_get_type(&part) != IFLA_INFO_DATA) return;
    ForEachNested(part, [&](const nlattr& item) {
      if (mnl_attr_get_type(&item) == IFLA_MACVLAN_MODE) bridge = NumberOf(item) == MACVLAN_MODE_BRIDGE;
    });
  });
  return macvlan && bridge;
}

// The kind is "tun" for both kinds of device that <linux/if_tun.h> knows.
void ReadTap(const nlattr& linkinfo, HostLink* link) {
  bool tun = false, tap = false;
  ForEachNested(linkinfo, [&](const nlattr& part) {
    if (mnl_attr_get_type(&part) == IFLA_INFO_KIND) tun = TextOf(part) == "tun";
    if (mnl_attr_get_type(&part) != IFLA_INFO_DATA || !tun) return;
    ForEachNested(part, [&](const nlattr& item) {
      if (mnl_attr_get_type(&item) == IFLA_TUN_TYPE) tap = mnl_attr_get_u8(&item) == IFF_TAP;
      if (mnl_attr_get_type(&item) == IFLA_TUN_NUM_QUEUES) link->tap_queues = NumberOf(item);
    });
  });
  link->is_tap = tap;
}

}  // namespace

nlmsghdr* BuildSetLink(MessageBuffer& buffer, uint32_t ifindex, LinkState state) {
  ifinfomsg fields = OfIndex(ifindex);
  fields.ifi_change = IFF_UP;
  fields.ifi_flags = state == LinkState::kUp ? IFF_UP : 0;
  return PutLink(buffer, RTM_SETLINK, NLM_F_ACK, fields);
}

nlmsghdr* BuildAddMacvlan(MessageBuffer& buffer, uint32_t parent, const std::string& name, const MacAddress& mac) {
  nlmsghdr* message = PutLink(buffer, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, ifinfomsg{});
  mnl_attr_put_u32(message, IFLA_LINK, parent);
  mnl_attr_put_strz(message, IFLA_IFNAME, name.c_str());
  mnl_attr_put(message, IFLA_ADDRESS, mac.bytes.size(), mac.bytes.data());
  nlattr* linkinfo = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, "macvlan");
  nlattr* data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
  mnl_attr_put_u32(message, IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE);
  mnl_attr_nest_end(message, data);
  mnl_attr_nest_end(message, linkinfo);
  return message;
}

nlmsghdr* BuildRemoveLink(MessageBuffer& buffer, uint32_t ifindex) {
  return PutLink(buffer, RTM_DELLINK, NLM_F_ACK, OfIndex(ifindex));
}

nlmsghdr* BuildGetLink(MessageBuffer& buffer, uint32_t ifindex) {
  return PutLink(buffer, RTM_GETLINK, 0, OfIndex(ifindex));
}

nlmsghdr* BuildListLinks(MessageBuffer& buffer) { return PutLink(buffer, RTM_GETLINK, NLM_F_DUMP, ifinfomsg{}); }

std::optional<LinkInfo> ParseLink(const nlmsghdr& message) {
  if (mnl_nlmsg_get_payload_len(&message) < sizeof(ifinfomsg)) return std::nullopt;
  const auto* header = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(&message));
  if (header->ifi_family != AF_UNSPEC)
    return std::nullopt;  // AF_BRIDGE: the state of a bridge's port, in the same group
  LinkInfo info;
  info.link.index = static_cast<uint32_t>(header->ifi_index);
  info.link.up = (header->ifi_flags & IFF_UP) != 0;
  info.link.running = (header->ifi_flags & IFF_RUNNING) != 0;
  info.link.has_neighbours = header->ifi_type == ARPHRD_ETHER && (header->ifi_flags & IFF_NOARP) == 0;
  bool elsewhere = false;
  ForEachAttribute(message, sizeof(ifinfomsg), [&](const nlattr& attribute) {
    const auto* bytes = static_cast<const uint8_t*>(mnl_attr_get_payload(&attribute));
    const size_t size = mnl_attr_get_payload_len(&attribute);
    switch (mnl_attr_get_type(&attribute)) {
      case IFLA_IFNAME:
        info.link.device = TextOf(attribute);
        break;
      case IFLA_ADDRESS:
        if (size == info.link.mac.bytes.size()) std::copy_n(bytes, size, info.link.mac.bytes.begin());
        break;
      case IFLA_LINK:
        info.parent = NumberOf(attribute);
        break;
      case IFLA_LINK_NETNSID:
        elsewhere = true;  // then IFLA_LINK is an index in that namespace
        break;
      case IFLA_PROP_LIST:
        ForEachNested(attribute, [&](const nlattr& part) {
          if (mnl_attr_get_type(&part) == IFLA_ALT_IFNAME) info.other_names.push_back(TextOf(part));
        });
        break;
      case IFLA_STATS64:
        if (constexpr size_t kEnd = offsetof(rtnl_link_stats64, tx_dropped) + sizeof(uint64_t); size >= kEnd) {
          std::memcpy(&info.received_frames, bytes, sizeof(uint64_t));  // the first field; they are not aligned
          std::memcpy(&info.unsent_frames, bytes + kEnd - sizeof(uint64_t), sizeof(uint64_t));
        }
        break;
      case IFLA_MTU:
        info.link.mtu = NumberOf(attribute);
        break;
      case IFLA_PROMISCUITY:
        info.link.promiscuous = NumberOf(attribute) > 0;
        break;
      case IFLA_LINKINFO:
        info.bridge_macvlan = IsBridgeMacvlan(attribute);
        ReadTap(attribute, &info.link);
        break;
    }
  });
  if (elsewhere) info.parent = 0;
  return info;
}

}  // namespace dpvrrp
