// SPDX-License-Identifier: BSD-3-Clause
//
// A macvlan that has VRRP's virtual MAC. With it the host answers ARP and neighbour solicitations for virtual
// addresses, and receives frames for them, with 00:00:5e:00:01:VRID or, for IPv6, 00:00:5e:00:02:VRID (RFC 9568 7.3,
// 8.1.2, 8.2.2). The parent keeps its own MAC for its own addresses.
//
//        eth0  02:..:01, 10.0.0.1/24            answers for 10.0.0.1 with 02:..:01, for no other address
//          |
//        vrrp.2.51  00:00:5e:00:01:33           answers for 10.0.0.100 with 00:00:5e:00:01:33, for no other address
//                   10.0.0.100/24, no connected route: what we send leaves by eth0
//        vrrp6.2.51 00:00:5e:00:02:33           the same for IPv6: a virtual router of its own (V3-15)
//
// This requires these settings. Each was found necessary by a test without it:
//
//   parent  arp_ignore >= 1    otherwise the parent answers for the device's addresses too, with the wrong MAC
//   parent  arp_announce = 2   otherwise, to find a host to which it replies from a virtual address, the parent sends
//                              an ARP request from that address with its own MAC, which overwrites the hosts' ARP entry
//   device  arp_ignore >= 1    otherwise the device answers for the parent's addresses with the virtual MAC
//   device  arp_announce = 2   the same as for the parent, in the other direction
//   device  rp_filter = 2      loose: the route back to a host is the parent's, so the strict check (which
//                              net.ipv4.conf.all.rp_filter = 1 enables everywhere) drops the host's ARP requests.
//                              0 has no effect, because the kernel takes the larger of the two
//   device  promote_secondaries = 1   otherwise the removal of a subnet's first address removes the others too
//   device  IPv6: addr_gen_mode = 1 (none), accept_ra = 0   no address except those that we add; above all no
//                              link-local address made of the virtual MAC, which would be the same on all routers
//                              (V3-16)
//   device  IPv6: accept_dad = 0   the former master may still answer (V3-132)
//   IPv6's  IPv6: disable_ipv6 = 0   a host may have IPv6 only on the parent, and disabled by default
//
// The kernel answers neighbour solicitations only on the device that has the address, so IPv6 needs no setting like
// arp_ignore. But the IPv4 settings are also for the IPv6 device, which receives ARP requests like any other. Only the
// parent's two are not set for it, because it has no IPv4 address.
//
// The parent's two settings stay when the device is removed: an operator may have set them, and other devices need
// them. A larger value that an operator has set is not changed.
//
// Thread: control. Blocks (see netlink_query.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/address.h"
#include "base/types.h"
#include "kernel/address_message.h"
#include "kernel/link_message.h"
#include "kernel/netlink_query.h"

namespace dpvrrp {

// "vrrp.<parent's ifindex>.<vrid>", for IPv6 "vrrp6.…". InvalidArgument if it is longer than the name of a device can
// be (ifindex above 999999, for IPv6 above 99999).
absl::StatusOr<std::string> VirtualMacDeviceName(uint32_t parent, Family family, Vrid vrid);
// The MAC of a device with such a name; nothing for other names.
std::optional<MacAddress> MacOfVirtualMacDevice(absl::string_view device);

// How an address is added to this device. netlink_host.h has the reasons.
AddressOptions OptionsOn(absl::string_view device, const IpAddress& address, bool may_be_source, bool brings_route);

// netlink_host.h describes these functions.
absl::StatusOr<std::string> EnsureVirtualMacDevice(NetlinkQuery& query, const LinkInfo& parent, Family family,
                                                   Vrid vrid);
absl::Status RemoveVirtualMacDevice(NetlinkQuery& query, const LinkInfo& device);
bool IsVirtualMacDevice(const LinkInfo& link);

// One device, by name. NotFound names it.
absl::StatusOr<LinkInfo> GetLink(NetlinkQuery& query, const std::string& device);
absl::StatusOr<std::vector<LinkInfo>> ListLinks(NetlinkQuery& query);

}  // namespace dpvrrp
