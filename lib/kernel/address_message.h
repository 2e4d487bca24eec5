// SPDX-License-Identifier: BSD-3-Clause
//
// Addresses as rtnetlink messages (RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR).
//
// Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/address.h"
#include "kernel/netlink_query.h"

namespace dpvrrp {

// Our mark on an address (IFA_PROTO): VRRP's IP protocol number. The kernel itself uses 1 to 3 (loopback, router
// announcement, link-local) and leaves the other values to user space.
inline constexpr uint8_t kIfaProto = 112;

// How an address is added. netlink_host.h has the reasons.
struct AddressOptions {
  bool brings_route = true;        // adds a route to its subnet, unless the kernel has one already
  bool is_deprecated = false;      // IPv6: not a source address while there is another one (RFC 6724 5, rule 3)
  bool is_link_scoped = false;     // IPv4: not a source address on other devices
  std::string label{};             // IPv4; empty: the device's name
  std::optional<uint8_t> scope{};  // IPv4; replaces what the others require
};

// Build the request in `buffer`. The sender completes flags and sequence number.
nlmsghdr* BuildAddAddress(MessageBuffer& buffer, uint32_t ifindex, const IpPrefix& prefix,
                          const AddressOptions& options);
nlmsghdr* BuildRemoveAddress(MessageBuffer& buffer, uint32_t ifindex, const IpPrefix& prefix);
nlmsghdr* BuildListAddresses(MessageBuffer& buffer);

// The content of an RTM_NEWADDR or RTM_DELADDR.
struct AddressInfo {
  uint32_t ifindex = 0;
  IpPrefix prefix;  // the local address, for point-to-point too
  bool ours = false;
  bool is_secondary = false;  // IPv4
  bool dad_failed = false;    // IPv6
};
// Nothing for a malformed message or a family that is neither IPv4 nor IPv6.
std::optional<AddressInfo> ParseAddress(const nlmsghdr& message);

}  // namespace dpvrrp
