// SPDX-License-Identifier: BSD-3-Clause
//
// The kernel's addresses and links, over rtnetlink, behind the values of host/host.h. The only interface to netlink. It
// also announces addresses on devices, by a packet socket (announcement_socket.h).
//
//   Send(requests) --> [waiting, in order] --> [at most kMaxInFlight in flight] --> kernel
//   ReceiveReplies <-- acks, matched by nlmsg_seq; each makes room for a waiting request
//   ReceiveEvents  <-- notifications (addresses of both families, links, removed routes of ours, rules), on a separate
//                      socket
//   all others send a request, wait for the answer and return it: for start-up, resync and the CLI
//
// Our own objects. An address that we add has IFA_PROTO = 112 (VRRP's protocol number; Linux 5.18 and newer, an older
// kernel drops it). So an address that a crashed run left behind can be distinguished from an operator's own address. A
// route or a rule that we add has the same number as its protocol (rtm_protocol, FRA_PROTOCOL). A device that we add is
// a macvlan named "vrrp.<parent's ifindex>.<vrid>", or "vrrp6.…" for IPv6, with VRRP's virtual MAC.
//
// Routes. On an ordinary interface an address is added as `ip address add` would do: beside another address of the same
// subnet it becomes a secondary and adds no route. On a virtual-MAC device it is added with IFA_F_NOPREFIXROUTE,
// because the parent has the connected route already. A second route of the same metric would become the first one
// after the parent's link or address flaps, and would carry everything we send to that subnet. IPv6 link-local
// addresses keep their route, because fe80::/64 is looked up per device.
//
// Routes and rules of instances. The kernel removes an IPv4 route without a notification when its device is set down or
// when its source address is removed. So the caller must list routes and rules after such an event. A socket filter
// keeps the notifications of other programs' routes away.
//
// Source addresses. Unless the request says may_be_source, an IPv6 address is deprecated from the start (preferred
// lifetime 0), and an IPv4 address on a virtual-MAC device has link scope. The kernel then prefers any other address as
// the source of the host's traffic. IPv4 on an ordinary interface has no such mark. There the order of the addresses
// decides, which control/addresses/vip_reconciler.h keeps.
//
// IPv6 addresses skip duplicate address detection (IFA_F_NODAD, conformance V3-132): the former master's answer to it
// would disable the address on the router that has just taken over.
//
// Namespace. The object belongs to the network namespace of the thread that opened it. That thread's namespace must not
// change afterwards, because sysctls are written through /proc/sys, which depends on the calling thread.
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
#include "absl/strings/string_view.h"
#include "base/address.h"
#include "base/types.h"
#include "host/host.h"

namespace dpvrrp {

class NetlinkHost {
 public:
  // Requests passed to the kernel and not answered yet. The others wait inside, without bound, in order.
  static constexpr size_t kMaxInFlight = 512;

  // Unavailable or PermissionDenied if the sockets cannot be opened. Records every existing link, so that only later
  // changes are reported as events.
  static absl::StatusOr<std::unique_ptr<NetlinkHost>> Open();
  ~NetlinkHost();
  NetlinkHost(const NetlinkHost&) = delete;
  NetlinkHost& operator=(const NetlinkHost&) = delete;

  // For epoll, level-triggered: readable when ReceiveReplies / ReceiveEvents has something to read.
  int request_fd() const;
  int event_fd() const;

  // Queues the requests and passes to the kernel as many as fit. Does not wait. But the kernel does the work inside the
  // call: 6 microseconds of CPU for a request, and more if a device has many addresses. So one call does at most
  // kMaxInFlight requests, or as many as take 2 ms. Call ReceiveReplies() afterwards: the answers are available
  // already.
  void Send(std::span<const HostRequest> requests);

  // Appends the available answers, one per request, and passes waiting requests to the kernel. Call it after Send() and
  // whenever request_fd() is readable. Never waits.
  //
  //   OK             done. Also: the address to add existed with our mark (a crashed run, a lost ack).
  //   AlreadyExists  the address, route or rule to add existed, without our mark.
  //   NotFound       the address to remove does not exist, or the device does not exist.
  //   Unavailable    try again later: no memory, or the kernel lost the ack, so that the result is unknown.
  //   others         the kernel refuses; another try will not help. PermissionDenied, InvalidArgument, Internal.
  //
  // Of kAnnounce: OK if the kernel has taken the frame, or if the device has no neighbours. Send() sends the frame
  // before it returns, before older requests that wait.
  //
  // A message names the operation, device, prefix, the errno and, if the kernel gives one, its reason.
  void ReceiveReplies(std::vector<HostReply>& out);

  // Appends the changes. Never waits, except to list all links after an overrun. Our own changes are reported here too,
  // before or after their ack. The kernel also repeats itself (it announces an IPv6 address whenever its flags or
  // lifetimes change). So treat an event as "read this again", not as a difference.
  //
  // A link is up when it is administratively up and has carrier (IFF_UP and IFF_RUNNING). A change of its MAC is
  // reported whether it is up or not. A renamed link is reported down under its old name and up under its new one.
  // After kOverrun this function lists the links again, and reports changes as events; the caller must list the
  // addresses.
  void ReceiveEvents(std::vector<HostEvent>& out);

  // Every address of every device, IPv4 first. Unavailable if they change faster than they can be listed.
  absl::StatusOr<std::vector<HostAddress>> ListAddresses();

  // Every route and rule with our mark. Unavailable if they change faster than they can be listed.
  absl::StatusOr<std::vector<RoutingEntry>> ListRouting();

  // NotFound names the device.
  absl::StatusOr<HostLink> FindLink(const std::string& device);

  // The number of frames that the kernel has received on a device, since it was made. NotFound names the device.
  absl::StatusOr<uint64_t> ReceivedFrames(const std::string& device);

  // The number of frames that the kernel was to send on a device and has dropped. NotFound names the device.
  absl::StatusOr<uint64_t> UnsentFrames(const std::string& device);

  // The device with this name or alternative name, as known from the events received so far, without a request to the
  // kernel. Null: none. Valid until the next ReceiveEvents().
  const KnownLink* FindKnownLink(absl::string_view device) const;
  // Whether ReceiveEvents() has seen any change of any link since the last call, including a change that is no event,
  // such as another alternative name.
  bool TakeLinksChanged();
  // Whether a device of this host has that MAC now. Lists all links.
  bool HasMac(const MacAddress& mac);

  // Ensures that the removal of an address from `device` removes no other address. Without promote_secondaries the
  // kernel removes with the first address of a subnet all later ones, also an operator's. Call it for every device to
  // which addresses are added; EnsureVirtualMacDevice() does it for its own device.
  absl::Status PrepareDevice(const std::string& device);

  // Makes a macvlan (bridge mode, down, without an IPv6 address of its own) over `parent` with the virtual router's
  // MAC, and returns its name. An existing one is kept unchanged, up or down, with its addresses. A device with that
  // name but another MAC, parent or kind is removed first. Also sets the sysctls with which the kernel uses the virtual
  // MAC only for the device's addresses (see virtual_mac_device.h). Some of the sysctls are the parent's and stay after
  // removal. NotFound: no such parent.
  absl::StatusOr<std::string> EnsureVirtualMacDevice(const std::string& parent, Family family, Vrid vrid);

  // NotFound: no such device. FailedPrecondition: the device is not ours, and is not removed.
  absl::Status RemoveVirtualMacDevice(const std::string& device);

  // Every device that EnsureVirtualMacDevice() could have made, also if another program made it.
  absl::StatusOr<std::vector<std::string>> ListVirtualMacDevices();

 private:
  struct Parts;
  explicit NetlinkHost(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace dpvrrp
