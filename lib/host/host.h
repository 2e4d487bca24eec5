// SPDX-License-Identifier: BSD-3-Clause
//
// Requests to the operating system and its notifications, as values. `kernel` executes the requests over netlink; a
// test's fake host answers them in memory.
//
// Thread: control.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "base/address.h"
#include "host/route.h"

namespace dpvrrp {

enum class HostOp : uint8_t {
  kAddAddress,     // OK also if it existed with our mark; AlreadyExists: it is not ours, so we must not remove it
  kRemoveAddress,  // NotFound: it did not exist
  kSetLinkUp,
  kSetLinkDown,
  // Tells the hosts of the device's segment that the address is at the device's MAC: gratuitous ARP, or an unsolicited
  // neighbour advertisement. Carried out at once, before requests that still wait.
  kAnnounce,
  kAddRoute,     // as kAddAddress. AlreadyExists: another route has the same destination, table and metric
  kRemoveRoute,  // NotFound: it did not exist
  kAddRule,      // as kAddAddress
  kRemoveRule,   // NotFound: it did not exist
};

struct HostRequest {
  uint64_t id = 0;  // chosen by the caller; the reply has the same
  HostOp op = HostOp::kAddAddress;
  std::string device;  // kernel interface name
  IpPrefix prefix{};   // for the address operations, and kAnnounce
  // kAddAddress. False: the address should not be the source of the host's own traffic, as far as the kernel supports
  // that; see docs/decisions/0017-addresses-that-are-no-source.md.
  bool may_be_source = false;
  bool brings_route = true;  // kAddAddress, IPv4: adds a route to its subnet, unless the kernel has one already
  // kAddAddress, IPv4.
  std::string label{};             // empty: the device's name
  std::optional<uint8_t> scope{};  // RT_SCOPE_*; absent: global, or what a false `may_be_source` requires
  RoutingEntry entry{};            // for the operations of routes and rules; `device` is empty or the route's

  friend bool operator==(const HostRequest&, const HostRequest&) = default;
};

// The requests that add and remove a route or a rule.
inline HostRequest AdditionOf(uint64_t id, const RoutingEntry& entry) {
  const auto* route = std::get_if<VirtualRoute>(&entry);
  return {.id = id,
          .op = route != nullptr ? HostOp::kAddRoute : HostOp::kAddRule,
          .device = route != nullptr ? route->device : "",
          .entry = entry};
}
inline HostRequest RemovalOf(uint64_t id, const RoutingEntry& entry) {
  HostRequest request = AdditionOf(id, entry);
  request.op = request.op == HostOp::kAddRoute ? HostOp::kRemoveRoute : HostOp::kRemoveRule;
  return request;
}

struct HostReply {
  uint64_t id = 0;
  absl::Status status;
};

// A change in the kernel. Changes that we requested are reported too.
struct HostEvent {
  enum class Kind : uint8_t {
    kAddressAdded,
    kAddressRemoved,
    kLinkUp,    // set up and has carrier
    kLinkDown,  // either is missing, or the device is deleted
    kMacChanged,
    kRoutingRemoved,  // a route or a rule that may be ours was removed: list them. It has no device
    kOverrun,         // the kernel dropped notifications: read everything again
  };
  Kind kind = Kind::kOverrun;
  std::string device;
  IpPrefix prefix{};
  // kAddressAdded: as in HostAddress.
  bool ours = false;
  bool is_secondary = false;
  bool dad_failed = false;
};

// An address in the kernel.
struct HostAddress {
  std::string device;
  IpPrefix prefix;
  bool ours = false;          // has our mark (IFA_PROTO): this run or a crashed one added it
  bool is_secondary = false;  // IPv4: secondary to another address of its subnet, so never chosen as a source
  bool dad_failed = false;    // IPv6: another host has it, and the kernel does not use it (RFC 4862 5.4.5)
};

// A device in the kernel.
struct HostLink {
  std::string device;
  uint32_t index = 0;    // the kernel's ifindex
  MacAddress mac{};      // zero for a device without one
  bool up = false;       // administratively up (IFF_UP)
  bool running = false;  // has carrier (IFF_RUNNING); kLinkUp means both
  // Other hosts of its segment learn its MAC: Ethernet, with ARP. Not the loopback, a dummy or a tunnel.
  bool has_neighbours = false;
  uint32_t mtu = 0;          // bytes
  bool promiscuous = false;  // wants every frame, for itself or for devices on top of it
  // A TAP device, which a program can be the other end of. The queues are those that programs have opened.
  bool is_tap = false;
  uint32_t tap_queues = 0;

  friend bool operator==(const HostLink&, const HostLink&) = default;
};

// A device as known from notifications.
struct KnownLink {
  HostLink link;
  // Differs between a device and an earlier one of the same name or index: one that was deleted and made again, or that
  // was in another network namespace meanwhile. A socket or program that was bound to the earlier device no longer
  // works.
  uint64_t appearance = 0;
};

}  // namespace dpvrrp
