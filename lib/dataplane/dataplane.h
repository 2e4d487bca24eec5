// SPDX-License-Identifier: BSD-3-Clause
//
// DPDK, as the other parts of the daemon see it: ports, one Shard for each worker lcore, and a pair of rings to each.
//
//   control thread                                worker lcore
//     Send()     -- command ring (SPSC) -->         Shard::Apply
//     Receive()  <-- event ring (SPSC) ---          Shard::TakeEvents, then one kick of the eventfd
//
// A segment (port and VLAN tags) belongs to exactly one worker: of the workers that serve the port, the one that
// SegmentOwner returns. If the port has a queue for each of them and can steer, it puts frames into their owner's
// queue. Otherwise, and for every frame that the port cannot distinguish, the worker that finds the frame hands it over
// (handoff.h).
//
// This header and those it includes use no rte_*.h: DPDK's compile flags stay inside this library.
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
#include "base/port_interface.h"
#include "base/strong.h"
#include "base/time.h"
#include "base/types.h"
#include "dataplane/eal_log.h"
#include "pipeline/messages/command.h"
#include "pipeline/messages/event.h"
#include "pipeline/receive/frame_copy.h"
#include "pipeline/shard.h"

namespace dpvrrp {

class PortSockets;
class Twin;
class VirtualMacs;
class WantedFrames;

inline constexpr size_t kCommandRingDepth = 4096;            // control -> lcore; full: the command waits in control
inline constexpr size_t kEventRingDepth = kEventQueueDepth;  // lcore -> control; full: the lcore keeps them, and counts

struct DataplanePort {
  std::string device;            // PCI address or vdev string, as in the configuration; no duplicates
  std::vector<uint32_t> lcores;  // the workers that serve it, of DataplaneConfig::lcores; empty: all
  bool missing = false;          // a virtual device without its kernel interface: starts closed, see OpenPort()
  KernelShare kernel = KernelShare::kNone;  // kShared: only of net_af_packet
  std::string twin = "";                    // with kTwin: the name of the kernel interface
};

struct DataplaneConfig {
  std::vector<DataplanePort> ports;
  uint32_t main_lcore = 0;       // EAL's main lcore, on which the control thread runs
  std::vector<uint32_t> lcores;  // workers, at least one
  IdleMode idle = IdleMode::kPoll;
  Nanoseconds longest_sleep{0};            // with IdleMode::kSleep
  std::vector<std::string> eal_arguments;  // the user's own, after "--"; they override ours (eal_arguments.h)
  // Workers that rest (kSleep, kInterrupt) may be real-time threads. They then pause at intervals even if there is
  // always work, so that other programs get the CPU.
  bool real_time_workers = false;
  EalLog log;  // takes DPDK's log; empty: DPDK's default, stderr and syslog
};

// The filter by which a port receives 224.0.0.18 and other groups: the narrowest filter of its driver.
enum class MulticastFilter : uint8_t {
  kExact,         // a filter for each group's address
  kAllMulticast,  // every multicast frame
  kPromiscuous,   // every frame
  kNone,          // the driver has no receive filter, and delivers every frame
};
absl::string_view ToString(MulticastFilter filter);  // "exact", "all-multicast", "promiscuous", "none"

// The filter by which a port receives virtual MACs.
enum class UnicastFilter : uint8_t {
  kExact,        // by its table of addresses
  kPromiscuous,  // every frame: its table is full, missing, or must not be used
  kNone,         // the driver has no receive filter, and delivers every frame
};
absl::string_view ToString(UnicastFilter filter);  // "exact", "promiscuous", "none"

// How a frame reaches the worker that owns its segment.
enum class Steering : uint8_t {
  kNone,     // one worker serves the port and owns all segments
  kFlow,     // the port has a queue for each worker and filters by VLAN (rte_flow)
  kHandoff,  // by software, from the polling worker
};
absl::string_view ToString(Steering steering);  // "none", "flow", "hand-off"

// DPDK's number of an open port. PortId is our number, the place in the configuration. It stays the same when the
// device is closed and opened again.
using DpdkPort = Strong<struct DpdkPortTag, uint16_t>;

struct PortInfo {
  PortId id;
  bool open = false;  // if false, only id, device and workers are valid
  DpdkPort dpdk;
  uint32_t ifindex = 0;  // of the kernel interface that the driver reports; 0: none, or not reported
  std::string device;    // as configured
  std::string driver;    // DPDK's name: "net_ixgbe"
  MacAddress mac;
  MulticastFilter filter = MulticastFilter::kNone;
  bool promiscuous = false;                 // because of virtual MACs, of `filter`, or of an operator
  KernelShare kernel = KernelShare::kNone;  // as configured
  // kShared: the length of the program by which the kernel selects the port's frames; 0: no program is in force, so the
  // port receives every frame. And the kinds of which it selects every frame, because it cannot compare so many
  // addresses.
  size_t filter_instructions = 0;
  std::vector<std::string> filter_widened;
  // kTwin: its name, and the descriptors of its queues. The n-th belongs to the n-th of `workers`. If there are fewer,
  // the other workers only write.
  std::string twin;
  std::vector<int> twin_descriptors;
  uint16_t mtu = 0;               // kTwin: bytes, of port and twin
  bool twin_promiscuous = false;  // the twin asks for every frame
  // The driver can announce link changes. If not, many virtual devices always read "up" (net_af_packet, net_pcap).
  bool reports_link_state = false;
  // The workers that serve it. The n-th has receive and transmit queue n, if there are enough queues.
  std::vector<size_t> workers;
  uint16_t rx_queues = 0;
  uint16_t tx_queues = 0;
  Steering steering = Steering::kNone;
  std::vector<std::string> warnings;  // about parts that work, but not as well as they could
};

// The port's own counts since the start of the daemon, as far as its driver has them.
struct PortStatistics {
  uint64_t rx_packets = 0;
  uint64_t rx_bytes = 0;
  uint64_t rx_missed = 0;  // the receive ring, or the ring of a packet socket, was full: the worker was too slow
  uint64_t rx_errors = 0;
  uint64_t rx_no_mbuf = 0;  // the driver found no buffer
  uint64_t tx_packets = 0;
  uint64_t tx_bytes = 0;
  uint64_t tx_errors = 0;

  PortStatistics& operator+=(const PortStatistics& other);
};

// written by: the worker lcore; read by: control, at any time
struct alignas(64) WorkerCounters {
  Counter turns;      // of the loop
  Counter rests;      // turns without work after which it paused, slept, or waited for an interrupt
  Counter rx_bursts;  // with at least one frame
  Counter rx_frames;
  Counter rx_unusable;      // dropped: segments that do not fit into one buffer
  Counter tx_frames;        // the driver accepted them
  Counter tx_dropped;       // the driver still refused them after kTransmitTries
  Counter handed_over;      // to other workers: received frames of their segments, and frames for them to send
  Counter handoff_dropped;  // received; the other worker's ring was full
  Counter no_mbuf;          // turns with fewer transmit buffers than a burst
  Counter commands;
  Counter events;           // put into the ring
  Counter event_ring_full;  // turns in which events had to wait
  Counter longest_turn_ns;  // without its rest; may include time in which another thread had the CPU
  Counter latest_wake_ns;   // lateness of the last rest that ended by a timer
  Counter thread_id;        // the kernel's id of the lcore's thread; 0: the loop has not started

  // Frames that no port or worker took, or in a form that cannot be used.
  uint64_t lost() const { return rx_unusable.value() + tx_dropped.value() + handoff_dropped.value(); }
};

// What a twin's interface asks of its port.
struct TwinWishes {
  MacAddress mac;
  uint32_t mtu = 0;          // bytes
  bool promiscuous = false;  // also for devices on top of it with other MACs

  friend bool operator==(const TwinWishes&, const TwinWishes&) = default;
};

// Frames of all workers since the start of the daemon (twin_exchange.h: TwinCounters).
struct TwinStatistics {
  uint64_t up = 0;
  uint64_t up_dropped = 0;
  uint64_t up_refused = 0;
  uint64_t down = 0;
  uint64_t down_dropped = 0;
  uint64_t down_too_long = 0;
};

// How EAL's interrupt thread reports that a link has changed.
struct LinkWatch {
  std::atomic<bool> changed{false};
  int event_fd = -1;
};

// EAL, its ports and its workers. EAL can be started once in the life of a process, so a process can have one
// Dataplane.
//
// EAL's own threads (telemetry, interrupts) and the workers inherit the signal mask of the caller of Start(). Signals
// for a signalfd must be blocked before. EAL pins the calling thread to main_lcore's CPU.
//
// Thread: control, the caller of Start().
class Dataplane {
 public:
  // `event_fd` is written (8 bytes, the number 1) once for each batch of events, after the batch is in the ring. Drain
  // it first, then call Receive() until it returns none. The caller owns `event_fd` and keeps it open until Stop().
  //
  // InvalidArgument: the configuration cannot be met (the message names the value and the rule). Unavailable: EAL does
  // not start, and stderr has the reason. Otherwise the message names the device and the call that DPDK refused. After
  // an error nothing is left running.
  static absl::StatusOr<std::unique_ptr<Dataplane>> Start(const DataplaneConfig& config, int event_fd);
  ~Dataplane();  // Stop()
  Dataplane(const Dataplane&) = delete;
  Dataplane& operator=(const Dataplane&) = delete;

  std::span<const PortInfo> ports() const { return ports_; }     // in the order of config.ports
  size_t workers() const { return workers_.size(); }             // in the order of config.lcores
  std::span<const std::string> notes() const { return notes_; }  // about the start, for the log
  uint32_t lcore(size_t worker) const;
  absl::string_view icv_engine(size_t worker) const;  // "openssl"

  // Until this is called, frames wait in their ports. Every earlier command is executed before the first frame. One
  // call is enough.
  void BeginReceiving();

  // Sends to the worker that owns the segment; a port's link to all workers. Routers must be on one of ports(), and the
  // routers of one query must have one owner. If the worker's ring is full (kCommandRingDepth), the command waits for
  // Flush(): a stalled worker must not delay commands for the others. False: stopped.
  [[nodiscard]] bool Send(const ShardCommand& command);
  // Fills the rings with waiting commands, as far as there is room. False: some still wait; call again.
  bool Flush();
  // Fills `out` from the front and returns the number of events. Fewer than out.size(): the ring is empty.
  size_t Receive(size_t worker, std::span<ShardEvent> out);

  // The frames that command::ShowFrames has selected, of all workers, in an order of their own. Fills `out` from the
  // front and returns the number.
  size_t TakeFrames(std::span<FrameCopy> out);
  uint64_t frames_not_shown() const;  // selected frames for which there was no room, since the start

  // Valid as long as this object is, also after Stop().
  const ShardCounters& shard_counters(size_t worker) const;
  const WorkerCounters& worker_counters(size_t worker) const;
  bool command_ring_full(size_t worker) const;  // commands for this worker wait

  // Sets the unicast addresses that the port receives besides its own, and replaces those of the last call. If
  // necessary, falls back to promiscuous mode. Takes as long as the driver does, but delays no worker. An error names
  // the device.
  absl::StatusOr<UnicastFilter> SetVirtualMacs(PortId port, std::span<const MacAddress> addresses);

  // An operator's wish to receive every frame, which the port keeps also when it is opened again. FailedPrecondition:
  // the port needs the mode itself, or is closed. An error names the device.
  absl::Status SetPromiscuous(PortId port, bool on);

  // Updates the wanted frames for the router of a command. Call it before the command is sent. For command::Add these
  // are its groups and its virtual MAC, until event::Retired. For a command that moves the router to another VRID, the
  // virtual MACs of both VRIDs. Other commands have no effect here.
  void Prepare(const ShardCommand& command);
  // Programs the prepared filters, all at once, because a driver may need a second for one. Call it before the commands
  // are sent, so that the filter receives a router's frames before the router is master. Call it also at intervals, for
  // frames that are not wanted any more. Returns warnings, for example that a filter had to be widened or could not be
  // set.
  std::vector<std::string> ProgramFilters();

  // Groups that the port's kernel must join: those of routers that do not report their groups themselves.
  std::vector<IpAddress> KernelGroups(PortId port) const;

  // Whether a driver has announced a change of a link since the last call; call HasLink() then. `event_fd` has been
  // written too. Not every port announces changes (PortInfo::reports_link_state), so call HasLink() also at intervals.
  bool TakeLinkChange() { return link_watch_.changed.exchange(false); }
  // The current state of a port's link; a closed port has no link. Cheap: asks the driver without waiting.
  bool HasLink(PortId port) const;
  // All zero if the driver has none.
  PortStatistics statistics(PortId port) const;

  // Of a port with a twin. The twin is there from Start() on, also while the port is closed.
  //
  // Takes the twin's carrier away or gives it back, so that the kernel sees the link of the port.
  absl::Status SetTwinCarrier(PortId port, bool has_link);
  // Makes the interface again, or takes a TAP device that now has its name. For an interface that another program has
  // deleted or renamed. It has no addresses.
  absl::Status RemakeTwin(PortId port);
  // Makes the port do what the interface asks. If the port refuses another MTU, the interface gets its former MTU back.
  // Cheap if nothing has changed. Returns messages about what is refused, each once.
  std::vector<std::string> FollowTwin(PortId port, const TwinWishes& wishes);
  TwinStatistics twin_statistics(PortId port) const;

  // Close and open a virtual device while the workers run, if its kernel interface was removed and added again. After
  // QuiescePort() each worker stops using the port from its next turn on: it receives nothing, and drops what is to be
  // sent, counted as tx_dropped. IsQuiet(): all workers have stopped; only then the port may be closed. OpenPort()
  // opens the device with the arguments of the configuration, and the workers serve it from their next turn on.
  // ProgramFilters() then programs the filters for the routers. If OpenPort() fails, the port stays closed, and it can
  // be tried again. Routers, steering and statistics stay.
  void QuiescePort(PortId port);
  bool IsQuiet(PortId port) const;
  void ClosePort(PortId port);
  absl::Status OpenPort(PortId port);

  // Makes every master of every worker resign (priority 0) and ends the workers' loops, without the control thread.
  // Waits for the workers, at most `longest`. False: a worker has not answered. Stop() must still be called. Thread:
  // any, between Start() and the destructor.
  bool ResignAndQuit(Nanoseconds longest);

  // Ends the workers' loops, stops and closes the ports, and cleans up EAL. Does not notify the virtual routers:
  // control must send command::Remove for each before, and receive event::Retired. Receive() still returns the events
  // in the ring until then, and none afterwards. A second call has no effect.
  void Stop();

 private:
  class Worker;  // worker.h

  Dataplane();
  absl::Status StartEal(const DataplaneConfig& config);
  absl::Status FindPorts(const DataplaneConfig& config);
  absl::Status BuildWorkers(const DataplaneConfig& config, int event_fd);
  absl::Status StartPort(PortInfo& port);
  void CloseStarted(PortInfo& port);
  absl::Status OpenTwin(PortInfo& port);
  absl::Status PrepareTwin(PortInfo& port, Twin& twin) const;
  absl::Status KeepTwins();
  std::string FollowTwinMac(PortInfo& port, const MacAddress& mac);
  std::string FollowTwinMtu(PortInfo& port, uint32_t mtu);
  PortInfo& PortOf(PortId id);
  size_t Owner(const VirtualRouter& router) const;
  Worker* WorkerFor(const ShardCommand& command);
  void Steer(const VirtualRouter& router);
  void FindSockets(PortInfo& port);
  std::string SelectTraffic(PortInfo& port);
  void DescribeFilter(PortInfo& port) const;
  PortStatistics DriverStatistics(PortId id) const;
  WantedFrames& Wanted(const VirtualRouter& router);
  const PortInfo* FindPort(PortId id) const;

  std::vector<PortInfo> ports_;
  std::vector<std::unique_ptr<VirtualMacs>> virtual_macs_;  // of ports_
  std::vector<std::unique_ptr<WantedFrames>> wanted_;       // of ports_
  std::vector<std::unique_ptr<PortSockets>> sockets_;       // of ports_; those of other drivers have none
  std::vector<PortStatistics> before_;                      // of ports_, before their last closing
  std::vector<std::unique_ptr<Twin>> twins_;                // of ports_; null: it has none
  std::vector<std::optional<TwinWishes>> followed_;         // of ports_; none: not since the port was opened
  LinkWatch link_watch_;
  bool with_interrupts_ = false;                    // workers wait for receive interrupts
  std::set<std::pair<PortId, VlanStack>> steered_;  // a filter was requested
  std::vector<std::unique_ptr<Worker>> workers_;
  std::optional<std::string> runtime_directory_;  // EAL's, if it cannot contain files of other processes
  std::vector<std::string> notes_;
  bool eal_started_ = false;
  bool complete_ = false;  // Start() has succeeded
};

}  // namespace dpvrrp
