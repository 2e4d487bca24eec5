// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/address_message.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>

#include "kernel/netlink_attribute.h"

namespace dpvrrp {
namespace {

nlmsghdr* PutAddress(MessageBuffer& buffer, uint16_t type, uint32_t ifindex, const IpPrefix& prefix) {
  nlmsghdr* message = mnl_nlmsg_put_header(buffer.bytes.data());
  message->nlmsg_type = type;
  message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  auto* header = static_cast<ifaddrmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ifaddrmsg)));
  header->ifa_family = prefix.address.is_v4() ? AF_INET : AF_INET6;
  header->ifa_prefixlen = prefix.length;
  header->ifa_index = ifindex;
  const IpAddress::Bytes all = prefix.address.bytes();
  const std::span<const uint8_t> bytes(all.data(), prefix.address.size());
  mnl_attr_put(message, IFA_LOCAL, bytes.size(), bytes.data());
  mnl_attr_put(message, IFA_ADDRESS, bytes.size(), bytes.data());
  return message;
}

std::optional<IpAddress> ReadAddress(uint8_t family, const nlattr& attribute) {
  const auto* bytes = static_cast<const uint8_t*>(mnl_attr_get_payload(&attribute));
  const size_t size = mnl_attr_get_payload_len(&attribute);
  if (family == AF_INET && size == 4) {
    return IpAddress::V4(static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
                         static_cast<uint32_t>(bytes[2]) << 8 | bytes[3]);
  }
  if (family == AF_INET6 && size == 16) {
    std::array<uint8_t, 16> copy;
    std::copy_n(bytes, copy.size(), copy.begin());
    return IpAddress::V6(copy);
  }
  return std::nullopt;
}

}  // namespace

nlmsghdr* BuildAddAddress(MessageBuffer& buffer, uint32_t ifindex, const IpPrefix& prefix,
                          const AddressOptions& options) {
  nlmsghdr* message = PutAddress(buffer, RTM_NEWADDR, ifindex, prefix);
  // Without NLM_F_REPLACE the kernel refuses an address that exists already, and so reports that it is not ours.
  message->nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
  uint32_t flags = 0;
  if (!prefix.address.is_v4()) flags |= IFA_F_NODAD;
  if (!options.brings_route) flags |= IFA_F_NOPREFIXROUTE;
  if (flags != 0) mnl_attr_put_u32(message, IFA_FLAGS, flags);
  mnl_attr_put_u8(message, IFA_PROTO, kIfaProto);
  const bool v4 = prefix.address.is_v4();
  if (v4 && options.is_link_scoped) {
    static_cast<ifaddrmsg*>(mnl_nlmsg_get_payload(message))->ifa_scope = RT_SCOPE_LINK;
  }
  if (v4 && options.scope) static_cast<ifaddrmsg*>(mnl_nlmsg_get_payload(message))->ifa_scope = *options.scope;
  if (v4 && !options.label.empty()) mnl_attr_put_strz(message, IFA_LABEL, options.label.c_str());
  if (!v4 && options.is_deprecated) {
    ifa_cacheinfo lifetimes{};
    lifetimes.ifa_prefered = 0;
    lifetimes.ifa_valid = UINT32_MAX;  // without limit
    mnl_attr_put(message, IFA_CACHEINFO, sizeof lifetimes, &lifetimes);
  }
  return message;
}

nlmsghdr* BuildRemoveAddress(MessageBuffer& buffer, uint32_t ifindex, const IpPrefix& prefix) {
  return PutAddress(buffer, RTM_DELADDR, ifindex, prefix);
}

nlmsghdr* BuildListAddresses(MessageBuffer& buffer) {
  nlmsghdr* message = mnl_nlmsg_put_header(buffer.bytes.data());
  message->nlmsg_type = RTM_GETADDR;
  message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  mnl_nlmsg_put_extra_header(message, sizeof(ifaddrmsg));  // AF_UNSPEC: every family
  return message;
}

std::optional<AddressInfo> ParseAddress(const nlmsghdr& message) {
  if (mnl_nlmsg_get_payload_len(&message) < sizeof(ifaddrmsg)) return std::nullopt;
  const auto* header = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(&message));
  AddressInfo info;
  info.ifindex = header->ifa_index;
  info.prefix.length = header->ifa_prefixlen;
  // With a peer, IFA_ADDRESS is the peer's address and IFA_LOCAL is ours. Without a peer, IPv6 sends only IFA_ADDRESS.
  std::optional<IpAddress> address, local;
  uint32_t flags = header->ifa_flags;  // the lowest 8 of them, if IFA_FLAGS is missing
  ForEachAttribute(message, sizeof(ifaddrmsg), [&](const nlattr& attribute) {
    switch (mnl_attr_get_type(&attribute)) {
      case IFA_ADDRESS:
        address = ReadAddress(header->ifa_family, attribute);
        break;
      case IFA_LOCAL:
        local = ReadAddress(header->ifa_family, attribute);
        break;
      case IFA_FLAGS:
        if (mnl_attr_get_payload_len(&attribute) >= sizeof(uint32_t)) flags = mnl_attr_get_u32(&attribute);
        break;
      case IFA_PROTO:
        info.ours = mnl_attr_get_payload_len(&attribute) >= 1 && mnl_attr_get_u8(&attribute) == kIfaProto;
        break;
    }
  });
  if (!address && !local) return std::nullopt;
  info.prefix.address = local ? *local : *address;
  info.is_secondary = header->ifa_family == AF_INET && (flags & IFA_F_SECONDARY) != 0;
  info.dad_failed = header->ifa_family == AF_INET6 && (flags & IFA_F_DADFAILED) != 0;
  return info;
}

}  // namespace dpvrrp
