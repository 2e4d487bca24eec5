// SPDX-License-Identifier: BSD-3-Clause
//
// Addresses as rtnetlink messages (RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR).
//
// Thread: any.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.h"
#include "kernel/netlink_query.h"

namespace dpvrrp {

// Our mark on an address (IFA_PROTO): VRRP's IP protocol number. The kernel itself uses 1 to 3 (loopback, router
// announcement, link-local) and leaves the rest to user space.
inline constexpr uint8_t kIfaProto = 112;

enum class ConnectedRoute : uint8_t { kKernelDecides, kNone };

// The request, in `buffer`; flags and sequence number are the sender's to complete.
nlmsghdr* BuildAddAddress(MessageBuffer& buffer, uint32_t ifindex, const IpPrefix& prefix, ConnectedRoute route);
nlmsghdr* BuildRemoveAddress(MessageBuffer& buffer, uint32_t ifindex, const IpPrefix& prefix);
nlmsghdr* BuildListAddresses(MessageBuffer& buffer);

// What an RTM_NEWADDR or RTM_DELADDR says.
struct AddressInfo {
  uint32_t ifindex = 0;
  IpPrefix prefix;  // the local address, for point-to-point too
  bool ours = false;
};
// Nothing for a malformed message or a family that is neither IPv4 nor IPv6.
std::optional<AddressInfo> ParseAddress(const nlmsghdr& message);

}  // namespace dpvrrp
