// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ah/sequence_record.h"
#include "base/address.h"
#include "base/time.h"
#include "base/types.h"
#include "config/load.h"
#include "control/instances/port_binding.h"
#include "control/journal/severity.h"
#include "control/process_status.h"
#include "host/host.h"
#include "pipeline/receive/frame_copy.h"

namespace dpvrrp {

// The twin of a port (docs/decisions/0029), for `show twin`. Counts are frames since the start of the daemon.
struct TwinStatus {
  std::string interface;
  bool link = false;  // it is set up and has carrier, as the kernel says
  uint32_t mtu = 0;   // bytes
  bool promiscuous = false;
  uint64_t up = 0;             // the kernel took them
  uint64_t up_dropped = 0;     // too many waited for the kernel
  uint64_t up_refused = 0;     // the kernel did not take them, for example because the interface is set down
  uint64_t down = 0;           // the port took them
  uint64_t down_dropped = 0;   // the port did not take them, or was closed
  uint64_t down_too_long = 0;  // they did not fit into a buffer
  uint64_t down_missed = 0;    // the kernel dropped them: the worker was too slow. Since the interface was made
};

// A port as the data plane has it, for `show ports` and `show status`.
struct PortStatus {
  PortId id;
  std::string name;    // as configured
  std::string device;  // as configured
  std::string driver;
  std::string filter;  // how VRRP's group is let in: "exact", "all-multicast", "promiscuous"
  MacAddress mac;
  bool up = false;
  std::string down_reason;       // why it is not up, for example "interface eth0 was removed"; empty while it is up
  std::vector<uint32_t> lcores;  // the workers that serve it
  std::string steering;          // how frames find the owner of their segment: "none", "flow", "hand-off"
  std::string kernel;            // how it shares its traffic with the kernel: "none", "shared", "twin"
  std::optional<TwinStatus> twin{};
  // "shared": the length of the program by which the kernel selects the port's frames; 0: there is none, so it receives
  // every frame. And the kinds of which it selects every frame ("ARP, IPv6 AH"), because there are too many addresses.
  size_t kernel_instructions = 0;
  std::string kernel_widened;
  uint64_t received = 0;  // frames
  // Frames that have reached the port, whether or not the kernel selects them for the daemon.
  uint64_t heard = 0;
  uint64_t missed = 0;       // frames the port dropped for want of a descriptor, a buffer or room in a socket's ring
  uint64_t sent = 0;         // frames
  uint64_t send_errors = 0;  // frames the port did not take
  PortCounts counts{};       // since the start of the daemon
  std::optional<uint16_t> number{};  // DPDK's; none: the port is closed
  bool promiscuous = false;
};

// A worker lcore, for `show workers`. Counts are since the start.
struct WorkerStatus {
  // kSlow: it waits for its CPU for much of the time. kStalled: it has not turned for a second or more, so its virtual
  // routers neither send nor hear adverts.
  enum class State : uint8_t { kRunning, kSlow, kStalled };

  uint32_t lcore = 0;
  std::string icv_engine;
  std::string scheduling{};      // of its thread: "fifo 11", "other"
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
  // Its thread as the kernel has it.
  char thread_state = '?';         // of proc(5): R wants to run, S sleeps, D waits in the kernel ...; '?': not known
  uint32_t thread_cpu = 0;         // the CPU that it last ran on
  uint64_t thread_waited_ns = 0;   // time in which it wanted to run and had no CPU; 0: not known
  bool command_ring_full = false;  // so that control cannot send it more
  // Filled in by the controller (control/rogues/worker_health.h).
  State state = State::kRunning;
  Instant since{};       // in this state; kStalled: the last time that it was seen to turn
  std::string why = "";  // not running: one clause for people
};
absl::string_view ToString(WorkerStatus::State state);  // "running", "slow", "stalled"

// The questions that the controller needs answered at once, while it sets an instance up or removes one. The daemon's
// implementation uses the state file, netlink and DPDK; a test's answers from memory.
//
// Thread: control.
class Services {
 public:
  virtual ~Services() = default;

  // The sequence numbers kept under this key; they outlive the controller.
  virtual absl::StatusOr<SequenceRecord*> AcquireRecord(absl::string_view key) = 0;
  // The record is kept under `to` from now on, in place of the record there. Its address does not change.
  virtual absl::Status MoveRecord(absl::string_view from, absl::string_view to) = 0;
  // The highest number that any record says was sent, in use or not; the trailer's apart, which are above all of AH's.
  virtual uint32_t HighestSent() = 0;
  // The kernel device for a VIP that is configured for `device`: `device` itself or, with the virtual MAC, a device of
  // ours on top of it.
  virtual absl::StatusOr<std::string> AcquireDevice(const std::string& device, SourceMac mac, Family family,
                                                    Vrid vrid) = 0;
  virtual void ReleaseDevice(const std::string& device) = 0;  // one of ours; others are left alone
  // Makes a removed device of ours again; if it is present, nothing happens. Returns its name. If the interface below
  // it was deleted and made again, the name is another one, and the old name is released.
  virtual absl::StatusOr<std::string> RestoreDevice(const std::string& device) = 0;
  // Makes an operator's device ready for addresses, also after it was made again; see NetlinkHost::PrepareDevice().
  virtual absl::Status PrepareDevice(const std::string& device) = 0;
  virtual bool LinkIsUp(const std::string& device) = 0;  // set up, and with carrier
  // Whether other hosts learn the device's MAC: see HostLink. True if there is no such device.
  virtual bool HasNeighbours(const std::string& device) = 0;
  virtual bool HasMac(const MacAddress& mac) = 0;  // whether a device of this host has it
  virtual absl::StatusOr<std::vector<HostAddress>> ListAddresses() = 0;
  virtual absl::StatusOr<std::vector<RoutingEntry>> ListRouting() = 0;  // routes and rules with our mark
  // What the last run handed over to this one (Handover::Text()), once. NotFound: nothing. FailedPrecondition: it was
  // for another boot or another network.
  virtual absl::StatusOr<std::string> TakeHandover() = 0;
  virtual LoadResult LoadConfiguration() = 0;                                    // reads the file again
  virtual absl::StatusOr<SecretBytes> ReadKeyFile(const std::string& path) = 0;  // as for the file's key_file
  virtual std::vector<PortStatus> Ports() = 0;
  // An operator wants the port to receive every frame, or no longer. FailedPrecondition: it needs the mode itself, or
  // is closed.
  virtual absl::Status SetPromiscuous(PortId port, bool on) = 0;
  virtual std::vector<WorkerStatus> Workers() = 0;
  // The received frames that command::ShowFrames has selected. Fills `out` from the front and returns the number.
  virtual size_t TakeFrames(std::span<FrameCopy> out) = 0;
  virtual uint64_t FramesNotShown() = 0;  // for which there was no room, since the start
  // The programs of others that want to run on this CPU now, as "name (pid 4711)", the busiest first. Takes
  // milliseconds: to be asked when something is wrong.
  virtual std::vector<std::string> ProgramsOn(uint32_t cpu) = 0;
  virtual ProcessStatus Process() = 0;
  virtual void SetLogLevel(Severity least) = 0;     // less severe lines are not logged any more
  virtual std::vector<ClientStatus> Clients() = 0;  // in the order in which they connected
};

}  // namespace dpvrrp
