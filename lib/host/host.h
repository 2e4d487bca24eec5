// SPDX-License-Identifier: BSD-3-Clause
//
// What we may ask of the operating system, and what it tells us, as values. `kernel` carries them out over netlink; a
// test's fake host answers them in memory.
//
// Thread: control.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "base/address.h"

namespace dpvrrp {

enum class HostOp : uint8_t {
  kAddAddress,     // OK also if it was there with our mark; AlreadyExists: it is not ours to remove
  kRemoveAddress,  // NotFound: it was gone already
  kSetLinkUp,
  kSetLinkDown,
};

struct HostRequest {
  uint64_t id = 0;  // chosen by the asker; the reply carries it
  HostOp op = HostOp::kAddAddress;
  std::string device;  // kernel interface name
  IpPrefix prefix{};   // for the address operations

  friend bool operator==(const HostRequest&, const HostRequest&) = default;
};

struct HostReply {
  uint64_t id = 0;
  absl::Status status;
};

// Something changed. What we asked for ourselves comes back this way too.
struct HostEvent {
  enum class Kind : uint8_t {
    kAddressAdded,
    kAddressRemoved,
    kLinkUp,    // set up and has carrier
    kLinkDown,  // either is missing, or the device is gone
    kOverrun,   // the kernel dropped notifications: look at everything again
  };
  Kind kind = Kind::kOverrun;
  std::string device;
  IpPrefix prefix{};
};

// An address as the kernel has it.
struct HostAddress {
  std::string device;
  IpPrefix prefix;
  bool ours = false;  // carries our mark (IFA_PROTO): we, or a crashed run of ours, put it there
};

// A device as the kernel has it.
struct HostLink {
  std::string device;
  uint32_t index = 0;    // the kernel's ifindex
  MacAddress mac{};      // zero for a device without one
  bool up = false;       // set up by somebody (IFF_UP)
  bool running = false;  // has carrier (IFF_RUNNING); kLinkUp means both

  friend bool operator==(const HostLink&, const HostLink&) = default;
};

}  // namespace dpvrrp
