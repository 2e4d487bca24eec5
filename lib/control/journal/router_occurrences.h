// SPDX-License-Identifier: BSD-3-Clause
//
// The occurrences of virtual routers: state, frames, addresses (occurrences.h explains the structs).
//
// Thread: any (values).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/address.h"
#include "base/drop_reason.h"
#include "base/remark.h"
#include "base/time.h"
#include "base/types.h"
#include "control/journal/severity.h"
#include "vrrp/machine.h"

namespace dpvrrp::occurrence {

// ---- A virtual router ----

struct Transitioned {
  State from{};
  State to{};
  Reason reason{};
  IpAddress peer;  // last heard; unspecified: none
  Priority peer_priority;
  std::string Text() const;
  std::string Cause() const;
};

struct InstanceStarted {
  std::string Text() const { return "started"; }
  std::string Cause() const { return Text(); }
};

struct InstanceNotStarted {
  std::string why;
  std::string Text() const;
  std::string Cause() const;
};

struct InstanceRemoved {
  std::string Text() const { return "removed"; }
  std::string Cause() const { return Text(); }
};

struct PriorityChanged {
  Priority from;
  Priority to;
  int tracks = 0;  // the sum of the weights of its tracks
  std::string Text() const;
  std::string Cause() const { return Text(); }
};

struct OrderedToResign {
  std::string Text() const { return "ordered to resign"; }
};

struct OrderedToTakeOver {
  std::string Text() const { return "ordered to take over"; }
};

// ---- Frames ----

// The frame of a notice: the last one, and how many there were.
struct NoticedFrame {
  IpAddress sender;
  MacAddress mac;
  uint64_t sequence = 0;  // 0: it has none
  uint64_t count = 0;     // frames
};

struct FrameRejected {
  DropReason reason{};
  NoticedFrame frame;
  Severity OwnSeverity() const;
  std::string Text() const;
  std::string Cause() const { return std::string(ToString(reason)); }
};

struct FrameRemarked {
  Remark remark{};
  NoticedFrame frame;
  std::string Text() const;
  std::string Cause() const { return std::string(ToString(remark)); }
};

struct NoticesLeftOut {
  size_t count = 0;
  Nanoseconds window{};
  std::string Text() const;
};

// ---- Addresses ----

// `address` in these is "10.99.0.100/24 on eth0".
struct AddressAdded {
  std::string address;
  std::string Text() const;
  std::string Cause() const { return "added"; }
};

struct AddressRemoved {
  std::string address;
  std::string Text() const;
  std::string Cause() const { return "removed"; }
};

struct AddressFailed {
  std::string address;  // with the reason
  std::string Text() const;
  std::string Cause() const { return "cannot be changed"; }
};

struct AnnouncementFailed {
  std::string why;  // what was tried, and the reason
  std::string Text() const;
  std::string Cause() const { return "cannot be announced"; }
};

struct AddressForeign {
  std::string address;
  std::string Text() const;
  std::string Cause() const { return "foreign"; }
};

struct AddressPutBack {
  std::string address;
  std::string Text() const;
  std::string Cause() const { return "put back"; }
};

struct AddressPutBehind {
  std::string address;
  std::string Text() const;
  std::string Cause() const { return "moved behind the host's own"; }
};

struct AddressUnreachable {
  std::string address;
  std::string Text() const;
  std::string Cause() const { return "serves no host"; }
};

struct AddressReachable {
  std::string address;
  std::string Text() const;
  std::string Cause() const { return "serves hosts again"; }
};

struct AddressLeftOver {
  IpPrefix prefix;
  std::string device;
  std::string Text() const;
  std::string Cause() const { return "left over from an earlier run"; }
};

struct AddressesNotListed {
  std::string why;
  std::string Text() const;
};

struct KernelNewsLost {
  std::string Text() const;
};

struct AddressesMissing {
  std::string addresses;
  bool as_configured = false;  // address_loss = "keep"; else no other router is known
  std::string Text() const;
};

struct GaveWay {
  std::string addresses;  // that are missing
  std::string Text() const;
};

struct HoldIsOver {
  std::string Text() const;
};

struct AddressesHeldAgain {
  std::string Text() const;
};

struct DeviceRestored {
  std::string device;
  std::string made_as;  // its name now
  std::string Text() const;
};

struct DeviceNotRestored {
  std::string device;
  std::string why;
  std::string Text() const;
};

struct DeviceNotPrepared {
  std::string why;  // with the device
  std::string Text() const { return why; }
};

// ---- Routes and rules ----

// `entry` in these is "route 10.50.0.0/16 via 10.99.0.254" or "rule from 10.99.0.0/24 table 100 priority 1000".
struct RoutingAdded {
  std::string entry;
  std::string Text() const;
  std::string Cause() const { return "added"; }
};

struct RoutingRemoved {
  std::string entry;
  std::string Text() const;
  std::string Cause() const { return "removed"; }
};

struct RoutingFailed {
  std::string entry;  // with the reason
  std::string Text() const;
  std::string Cause() const { return "cannot be changed"; }
};

struct RoutingForeign {
  std::string entry;
  std::string Text() const;
  std::string Cause() const { return "foreign"; }
};

struct RoutingPutBack {
  std::string entry;
  std::string Text() const;
  std::string Cause() const { return "put back"; }
};

struct RoutingLeftOver {
  std::string entry;
  std::string Text() const;
  std::string Cause() const { return "left over from an earlier run"; }
};

struct RoutingNotListed {
  std::string why;
  std::string Text() const;
};

// ---- What hosts may have learned ----

// `announced` in these: the addresses are announced again.
struct OtherMasterHeard {
  IpAddress address;
  MacAddress mac;
  Priority priority;  // 0: it resigned
  bool announced = false;
  std::string Text() const;
};

struct AdvertLate {
  Nanoseconds late{};
  bool announced = false;
  std::string Text() const;
};

struct MachineSuspended {
  bool announced = false;
  std::string Text() const;
};

struct AddressClaimed {
  IpAddress address;
  MacAddress mac;
  uint64_t count = 0;  // claims
  bool announced = false;
  std::string Text() const;
};

struct AddressProbed {
  IpAddress address;
  MacAddress mac;
  uint64_t count = 0;  // probes
  std::string Text() const;
};

}  // namespace dpvrrp::occurrence
