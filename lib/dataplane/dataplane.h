// SPDX-License-Identifier: BSD-3-Clause
//
// DPDK, as the rest of the daemon sees it: ports, one Shard a worker lcore, and a pair of rings to talk to it.
//
//   control thread                                worker lcore
//     Send()     -- command ring (SPSC) -->         Shard::Apply
//     Receive()  <-- event ring (SPSC) ---          Shard::TakeEvents, then one kick of the eventfd
//
// A segment (port and VLAN tags) belongs to exactly one worker: of those that serve the port, the one that SegmentOwner
// names. Where the port has a queue for each of them and can steer, it brings frames to their owner; otherwise, and for
// whatever it cannot tell apart, the worker that finds a frame hands it over (handoff.h).
//
// This header and those it includes know no rte_*.h: DPDK's compile flags stay inside this library.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/address.h"
#include "base/counter.h"
#include "base/time.h"
#include "base/types.h"
#include "pipeline/messages.h"
#include "pipeline/shard.h"

namespace dpvrrp {

class VirtualMacs;
class WantedFrames;

inline constexpr size_t kCommandRingDepth = 4096;            // control -> lcore; full: Send() says so, control retries
inline constexpr size_t kEventRingDepth = kEventQueueDepth;  // lcore -> control; full: the lcore keeps them, counted

struct DataplanePort {
  std::string device;            // PCI address or vdev string, as in the configuration; each once
  std::vector<uint32_t> lcores;  // the workers that serve it, of DataplaneConfig::lcores; empty: all of them
};

struct DataplaneConfig {
  std::vector<DataplanePort> ports;
  uint32_t main_lcore = 0;       // EAL's main lcore: where the control thread runs
  std::vector<uint32_t> lcores;  // workers, one at least
  IdleMode idle = IdleMode::kPoll;
  Nanoseconds longest_sleep{0};            // with IdleMode::kSleep
  std::vector<std::string> eal_arguments;  // the user's own, after "--"; they win over ours (eal_arguments.h)
};

// How a port was made to receive 224.0.0.18 and other groups: the narrowest filter that its driver has.
enum class MulticastFilter : uint8_t {
  kExact,         // a filter for each group's address
  kAllMulticast,  // every multicast frame
  kPromiscuous,   // every frame
  kNone,          // the driver has no receive filter to set, and delivers every frame
};
absl::string_view ToString(MulticastFilter filter);  // "exact", "all-multicast", "promiscuous", "none"

// How a port was made to receive virtual MACs.
enum class UnicastFilter : uint8_t {
  kExact,        // by its table of addresses
  kPromiscuous,  // every frame: its table is full, or there is none, or it must not be used
  kNone,         // the driver has no receive filter to set, and delivers every frame
};
absl::string_view ToString(UnicastFilter filter);  // "exact", "promiscuous", "none"

// How frames find the worker that owns their segment.
enum class Steering : uint8_t {
  kNone,     // one worker serves the port, and owns them all
  kFlow,     // the port has a queue for each worker and filters by VLAN (rte_flow)
  kHandoff,  // by software, from the worker that polls
};
absl::string_view ToString(Steering steering);  // "none", "flow", "hand-off"

struct PortInfo {
  PortId id;
  std::string device;  // as configured
  std::string driver;  // DPDK's name: "net_ixgbe"
  MacAddress mac;
  MulticastFilter filter = MulticastFilter::kNone;
  bool promiscuous = false;  // because of virtual MACs or of `filter`
  // The driver can announce link changes. Without that many virtual devices read "up" always (net_af_packet, net_pcap).
  bool reports_link_state = false;
  // Those that serve it. The n-th has receive and transmit queue n, as far as there are so many.
  std::vector<size_t> workers;
  uint16_t rx_queues = 0;
  uint16_t tx_queues = 0;
  Steering steering = Steering::kNone;
  std::vector<std::string> warnings;  // of what works, but worse than it could
};

struct PortLink {
  PortId id;
  bool up = false;
};

// The port's own counts since it was started, as far as its driver keeps them.
struct PortStatistics {
  uint64_t rx_packets = 0;
  uint64_t rx_bytes = 0;
  uint64_t rx_missed = 0;  // the receive ring was full: the worker was too slow
  uint64_t rx_errors = 0;
  uint64_t rx_no_mbuf = 0;  // the driver found no buffer
  uint64_t tx_packets = 0;
  uint64_t tx_bytes = 0;
  uint64_t tx_errors = 0;
};

// written by: the worker lcore; read by: control, at any time
struct alignas(64) WorkerCounters {
  Counter turns;      // of the loop
  Counter rests;      // turns with nothing to do after which it paused, slept, or waited for an interrupt
  Counter rx_bursts;  // that brought at least one frame
  Counter rx_frames;
  Counter rx_unusable;      // dropped: in pieces that do not fit into one
  Counter tx_frames;        // the driver took them
  Counter tx_dropped;       // the driver still refused them after kTransmitTries
  Counter handed_over;      // to other workers: received frames that are theirs, and frames for them to send
  Counter handoff_dropped;  // received; there was no room in the other's ring
  Counter no_mbuf;          // turns in which there were fewer transmit buffers than a burst
  Counter commands;
  Counter events;           // put into the ring
  Counter event_ring_full;  // turns in which events had to wait
  Counter longest_turn_ns;  // without its rest; the kernel may have given the CPU to somebody else in it
  Counter latest_wake_ns;   // how late the latest rest was over that was to end by a timer
};

// What EAL's interrupt thread is given to say that a link has changed.
struct LinkWatch {
  std::atomic<bool> changed{false};
  int event_fd = -1;
};

// EAL, its ports and its workers. EAL can be started once in the life of a process, so there is one of these, and none
// after it.
//
// EAL's own threads (telemetry, interrupts) and the workers inherit the signal mask of the caller of Start(): signals
// that are to arrive through a signalfd must be blocked before. EAL pins the calling thread to main_lcore's CPU.
//
// Thread: control, the one that called Start().
class Dataplane {
 public:
  // `event_fd` is written (8 bytes, the number 1) once per batch of events, after the batch has been put into the ring:
  // drain it first, then Receive() until nothing comes. It is the caller's and stays open until Stop().
  //
  // InvalidArgument: the configuration cannot be met (the message names the value and the rule). Unavailable: EAL does
  // not start, and says why on stderr. Otherwise the message names the device and what DPDK refused. Whatever had been
  // started is stopped again.
  static absl::StatusOr<std::unique_ptr<Dataplane>> Start(const DataplaneConfig& config, int event_fd);
  ~Dataplane();  // Stop()
  Dataplane(const Dataplane&) = delete;
  Dataplane& operator=(const Dataplane&) = delete;

  std::span<const PortInfo> ports() const { return ports_; }  // in the order of config.ports
  size_t workers() const { return workers_.size(); }          // in the order of config.lcores
  uint32_t lcore(size_t worker) const;
  absl::string_view icv_engine(size_t worker) const;  // "openssl"

  // Frames wait in their ports until this is called, and every command sent before it comes before them. Once is
  // enough.
  void BeginReceiving();

  // To the worker that owns the segment; of a port's link, to all. Routers must be on one of ports(), and those of one
  // query must have one owner. False: a ring is full (kCommandRingDepth); send this command again, before any other.
  [[nodiscard]] bool Send(const ShardCommand& command);
  // Fills `out` from the front; returns how many. Fewer than out.size(): the ring is empty.
  size_t Receive(size_t worker, std::span<ShardEvent> out);

  // Valid as long as this object is, after Stop() too.
  const ShardCounters& shard_counters(size_t worker) const;
  const WorkerCounters& worker_counters(size_t worker) const;

  // The unicast addresses that the port is to receive besides its own, in place of those given before; falls back to
  // promiscuous mode where need be. Takes as long as the driver does, but holds up no worker. An error names the
  // device.
  absl::StatusOr<UnicastFilter> SetVirtualMacs(PortId port, std::span<const MacAddress> addresses);

  // What is to be received for the router of a command that is to be sent after this: of a kAdd its groups and its
  // virtual MAC, until it comes back in kRetired; of the commands that move it to another VRID the virtual MACs that
  // come and go. Other commands mean nothing here.
  void Prepare(const ShardCommand& command);
  // Gives the ports' filters what has been prepared, all at once, since a driver may take a second for one. To be
  // called before the commands are sent, so that no router is master before its frames are let in, and every now and
  // then for those that went. What the operator should know: a filter that had to become wider, or could not be set.
  std::vector<std::string> ProgramFilters();

  // Whether a driver has announced a change of a link since the last call: time for PollLinks(). It has written to
  // `event_fd`, too. Not every port does (PortInfo::reports_link_state), so look every now and then as well.
  bool TakeLinkChange() { return link_watch_.changed.exchange(false); }
  // The state of every port's link now. Cheap: it asks the driver without waiting.
  std::vector<PortLink> PollLinks();
  // All zero if the driver keeps none.
  PortStatistics statistics(PortId port) const;

  // Ends the workers' loops, stops and closes the ports, and cleans up EAL. Nothing is said to the virtual routers:
  // control has sent kRemove for each and seen it come back in kRetired before. Receive() still returns what is in the
  // ring until then, nothing afterwards. A second call does nothing.
  void Stop();

 private:
  class Worker;  // worker.h

  Dataplane();
  absl::Status StartEal(const DataplaneConfig& config);
  absl::Status FindPorts(const DataplaneConfig& config);
  absl::Status BuildWorkers(const DataplaneConfig& config, int event_fd);
  absl::Status StartPorts(const DataplaneConfig& config);
  size_t Owner(const VirtualRouter& router) const;
  void Steer(const VirtualRouter& router);
  WantedFrames& Wanted(const VirtualRouter& router);
  const PortInfo* FindPort(PortId id) const;
  void RemoveRuntimeDirectory();

  std::vector<PortInfo> ports_;
  std::vector<std::unique_ptr<VirtualMacs>> virtual_macs_;  // of ports_
  std::vector<std::unique_ptr<WantedFrames>> wanted_;       // of ports_
  LinkWatch link_watch_;
  size_t started_ports_ = 0;                        // so many of ports_, from the front, are to be closed
  std::set<std::pair<PortId, VlanStack>> steered_;  // a filter was asked for
  std::vector<std::unique_ptr<Worker>> workers_;
  size_t told_ = 0;  // so many workers, from the front, have the command that Send() could not give to all
  std::optional<std::string> runtime_directory_;  // EAL's, if nobody else's files can be in it
  bool eal_started_ = false;
};

}  // namespace dpvrrp
