// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ah/sequence_record.h"
#include "base/address.h"
#include "base/types.h"
#include "config/load.h"
#include "host/host.h"

namespace dpvrrp {

// A port as the data plane has it, for `show ports` and `show status`.
struct PortStatus {
  PortId id;
  std::string name;    // as configured
  std::string device;  // as configured
  std::string driver;
  std::string filter;  // how VRRP's group is let in: "exact", "all-multicast", "promiscuous"
  MacAddress mac;
  bool up = false;
  std::vector<uint32_t> lcores;  // the workers that serve it
  std::string steering;          // how frames find the owner of their segment: "none", "flow", "hand-off"
  uint64_t received = 0;         // frames
  uint64_t missed = 0;           // frames the port dropped for want of a descriptor or buffer
  uint64_t sent = 0;             // frames
  uint64_t send_errors = 0;      // frames the port did not take
};

// A worker lcore, for `show workers`. Counts are since the start.
struct WorkerStatus {
  uint32_t lcore = 0;
  std::string icv_engine;
  uint64_t turns = 0;            // of its loop
  uint64_t rests = 0;            // turns with nothing to do after which it paused, slept or waited
  uint64_t longest_turn_us = 0;  // without its rest
  uint64_t latest_wake_us = 0;   // how late the latest rest was over that was to end by a timer
  uint64_t received = 0;         // frames, from its ports
  uint64_t handed_over = 0;      // frames, to other workers
  uint64_t accepted = 0;         // adverts
  uint64_t not_accepted = 0;     // frames
  uint64_t sent = 0;             // frames
  uint64_t lost = 0;             // frames that no port or worker took, or in a form that cannot be used
};

// What the controller must have answered at once, while it sets an instance up or takes one down. The daemon asks the
// state file, netlink and DPDK; a test answers from memory.
//
// Thread: control.
class Services {
 public:
  virtual ~Services() = default;

  // The sequence numbers kept under this key; they outlive the controller.
  virtual absl::StatusOr<SequenceRecord*> AcquireRecord(absl::string_view key) = 0;
  // From now on kept under `to`, whatever was kept there. The record itself stays where it is.
  virtual absl::Status MoveRecord(absl::string_view from, absl::string_view to) = 0;
  // The highest number that any record says was sent, in use or not; the trailer's apart, which are above all of AH's.
  virtual uint32_t HighestSent() = 0;
  // The kernel device that is to hold a VIP configured for `device`: itself, or with the virtual MAC a device of ours
  // on top of it.
  virtual absl::StatusOr<std::string> AcquireDevice(const std::string& device, SourceMac mac, Family family,
                                                    Vrid vrid) = 0;
  virtual void ReleaseDevice(const std::string& device) = 0;  // one of ours; others are left alone
  // Makes a device of ours again that somebody has removed; nothing if it is there.
  virtual absl::Status RestoreDevice(const std::string& device) = 0;
  virtual absl::StatusOr<std::vector<HostAddress>> ListAddresses() = 0;
  virtual LoadResult LoadConfiguration() = 0;                                    // reads the file again
  virtual absl::StatusOr<SecretBytes> ReadKeyFile(const std::string& path) = 0;  // as for the file's key_file
  virtual std::vector<PortStatus> Ports() = 0;
  virtual std::vector<WorkerStatus> Workers() = 0;
};

}  // namespace dpvrrp
