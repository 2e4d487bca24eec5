// SPDX-License-Identifier: BSD-3-Clause
//
// A macvlan that owns VRRP's virtual MAC, so that the host answers ARP and neighbour solicitations for virtual
// addresses, and takes frames for them, with 00:00:5e:00:01:VRID or, for IPv6, 00:00:5e:00:02:VRID (RFC
// 9568 7.3, 8.1.2, 8.2.2) while the parent keeps its own MAC for its own addresses.
//
//        eth0  02:..:01, 10.0.0.1/24            answers for 10.0.0.1 with 02:..:01, for nothing else
//          |
//        vrrp.2.51  00:00:5e:00:01:33           answers for 10.0.0.100 with 00:00:5e:00:01:33, for nothing else
//                   10.0.0.100/24, no connected route: what we send goes out of eth0
//        vrrp6.2.51 00:00:5e:00:02:33           the same for IPv6: a virtual router of its own (V3-15)
//
// That takes these settings, each found necessary by trying without it:
//
//   parent  arp_ignore >= 1    else the parent answers for the device's addresses too, with the wrong MAC
//   parent  arp_announce = 2   else, looking for a host that it answers on behalf of a virtual address, it sends an ARP
//                              request from that address with its own MAC, which overwrites the hosts' ARP entry
//   device  arp_ignore >= 1    else the device answers for the parent's addresses with the virtual MAC
//   device  arp_announce = 2   the same as for the parent, the other way round
//   device  rp_filter = 2      loose: the route back to a host is the parent's, so the strict check (which
//                              net.ipv4.conf.all.rp_filter = 1 turns on everywhere) drops the host's ARP requests.
//                              0 would not do, because the kernel takes the larger of the two
//   device  promote_secondaries = 1   else the first address of a subnet takes the others with it when it goes
//   device  IPv6: addr_gen_mode = 1 (none), accept_ra = 0   no address but those that we add: above all no link-local
//                              one made of the virtual MAC, which all routers would have alike (V3-16)
//   device  IPv6: accept_dad = 0   the master before us may still answer (V3-132)
//   IPv6's  IPv6: disable_ipv6 = 0   a host may have IPv6 on the parent only, and off by default
//
// The kernel answers neighbour solicitations on the device that has the address and nowhere else, so IPv6 needs nothing
// like arp_ignore; but the IPv4 settings are for the IPv6 device too, which hears ARP requests like any other. Only the
// parent's two are left out there, as there is no IPv4 address to speak for.
//
// The parent's two stay when the device is removed: an operator may have set them, and other devices need them.
// Larger values that an operator has set are left alone.
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

// "vrrp.<parent's ifindex>.<vrid>", for IPv6 "vrrp6.…". InvalidArgument if it is longer than a device name may be
// (ifindex above 999999, for IPv6 above 99999).
absl::StatusOr<std::string> VirtualMacDeviceName(uint32_t parent, Family family, Vrid vrid);
// The MAC that a device of such a name has; nothing for other names.
std::optional<MacAddress> MacOfVirtualMacDevice(absl::string_view device);

// Whether an address of this device should bring a route to its subnet; netlink_host.h says why.
ConnectedRoute ConnectedRouteOn(absl::string_view device, const IpAddress& address);

// What these do is said in netlink_host.h.
absl::StatusOr<std::string> EnsureVirtualMacDevice(NetlinkQuery& query, const LinkInfo& parent, Family family,
                                                   Vrid vrid);
absl::Status RemoveVirtualMacDevice(NetlinkQuery& query, const LinkInfo& device);
bool IsVirtualMacDevice(const LinkInfo& link);

// One device, by name. NotFound names it.
absl::StatusOr<LinkInfo> GetLink(NetlinkQuery& query, const std::string& device);
absl::StatusOr<std::vector<LinkInfo>> ListLinks(NetlinkQuery& query);

}  // namespace dpvrrp
