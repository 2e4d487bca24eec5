// SPDX-License-Identifier: BSD-3-Clause
//
// The kernel's addresses and links, over rtnetlink, behind the values of host/host.h. The only door to netlink.
//
//   Send(requests) --> [waiting, in order] --> [at most kMaxInFlight in flight] --> kernel
//   ReceiveReplies <-- acks, matched by nlmsg_seq; each makes room for one that waits
//   ReceiveEvents  <-- notifications (addresses of both families, links), on a socket of their own
//   everything else asks, waits for the answer and returns it: for start-up, resync and the CLI
//
// What is ours. An address that we add carries IFA_PROTO = 112 (VRRP's protocol number; Linux 5.18 and newer, an older
// kernel forgets it), so what a crashed run left behind can be told from an operator's own address. A device that we
// add is a macvlan named "vrrp.<parent's ifindex>.<vrid>", or "vrrp6.…" for IPv6, with VRRP's virtual MAC.
//
// Routes. On an ordinary interface an address is added as `ip address add` would: beside another address of the same
// subnet it becomes a secondary and brings no route. On a virtual-MAC device it is added with IFA_F_NOPREFIXROUTE: the
// parent has the connected route already, and a second one of the same metric would, after the parent's link or address
// flaps, come first and take over everything we send to that subnet. IPv6 link-local addresses keep their route, since
// fe80::/64 is looked up per device.
//
// IPv6 addresses skip duplicate address detection (IFA_F_NODAD, conformance V3-132): the former master's answer to it
// would disable the address on the router that has just taken over.
//
// Namespace. The object belongs to the network namespace of the thread that opened it; that thread's namespace must
// not change afterwards (sysctls are written through /proc/sys, which follows the caller).
//
// Thread: control.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/address.h"
#include "base/types.h"
#include "host/host.h"

namespace dpvrrp {

class NetlinkHost {
 public:
  // Requests handed to the kernel and not answered yet; the rest waits inside, without bound, in order.
  static constexpr size_t kMaxInFlight = 512;

  // Unavailable or PermissionDenied when the sockets cannot be had. Remembers every link there is, so that only changes
  // after this are reported as events.
  static absl::StatusOr<std::unique_ptr<NetlinkHost>> Open();
  ~NetlinkHost();
  NetlinkHost(const NetlinkHost&) = delete;
  NetlinkHost& operator=(const NetlinkHost&) = delete;

  // For epoll, level-triggered: readable when ReceiveReplies / ReceiveEvents has something to read.
  int request_fd() const;
  int event_fd() const;

  // Queues the requests and hands the kernel what fits. Does not wait for anything; but the kernel does the work inside
  // the call, 6 microseconds of CPU a request and more the more addresses a device has, so at most kMaxInFlight of them
  // are done in a call, or what takes 2 ms. Call ReceiveReplies() afterwards: the answers are there already.
  void Send(std::span<const HostRequest> requests);

  // Appends the answers that are there, one per request, and hands the kernel what waited for room. Call it after
  // Send() and whenever request_fd() is readable. Never waits.
  //
  //   OK             done. Also: the address to add was there and carries our mark (a crashed run, a lost ack).
  //   AlreadyExists  the address to add was there, without our mark.
  //   NotFound       the address to remove is not there, or there is no such device.
  //   Unavailable    try again later: no memory, or the kernel lost the ack, so that it may or may not be done.
  //   others         the kernel refuses; trying again will not help. PermissionDenied, InvalidArgument, Internal.
  //
  // Messages name the operation, device, prefix, the errno and, where the kernel gives one, its reason.
  void ReceiveReplies(std::vector<HostReply>& out);

  // Appends what changed. Never waits, but for a look at all links after an overrun. What we asked for ourselves comes
  // back here too, after or before its ack; and the kernel repeats itself (an IPv6 address is announced again whenever
  // its flags or lifetimes change), so take an event for "look at this", not for a difference.
  //
  // A link counts as up when it is set up and has carrier (IFF_UP and IFF_RUNNING); a renamed one goes down under its
  // old name and up under its new one. After kOverrun links are looked at again here, and changes follow it as events;
  // addresses are the caller's to list.
  void ReceiveEvents(std::vector<HostEvent>& out);

  // Every address of every device, IPv4 first. Unavailable if they would not stand still to be listed.
  absl::StatusOr<std::vector<HostAddress>> ListAddresses();

  // NotFound names the device.
  absl::StatusOr<HostLink> FindLink(const std::string& device);

  // Makes sure that taking an address off `device` takes no other with it: without promote_secondaries the kernel
  // removes with the first address of a subnet all later ones, the operator's too. Call it for every device that
  // addresses are added to; EnsureVirtualMacDevice() has done it for its own.
  absl::Status PrepareDevice(const std::string& device);

  // Makes a macvlan (bridge mode, down, without IPv6 address of its own) over `parent` with the virtual router's MAC,
  // and returns its name. One that is there already is left as it is, up or down, with its addresses; one of that name
  // with another MAC, parent or kind is removed first. Also sets what makes the kernel use the virtual MAC for its
  // addresses and for nothing else; see virtual_mac_device.h for the sysctls, some of which are the parent's and stay
  // behind. NotFound: no such parent.
  absl::StatusOr<std::string> EnsureVirtualMacDevice(const std::string& parent, Family family, Vrid vrid);

  // NotFound: no such device. FailedPrecondition: it is not one of ours, and is left alone.
  absl::Status RemoveVirtualMacDevice(const std::string& device);

  // Every device that EnsureVirtualMacDevice() could have made, whoever's it is now.
  absl::StatusOr<std::vector<std::string>> ListVirtualMacDevices();

 private:
  struct Parts;
  explicit NetlinkHost(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace dpvrrp
