// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/limits.h"
#include "base/time.h"
#include "base/types.h"
#include "dataplane/dataplane.h"
#include "dataplane/handoff.h"
#include "dataplane/idle.h"
#include "pipeline/frame.h"
#include "pipeline/messages.h"
#include "pipeline/shard.h"

struct rte_mbuf;
struct rte_mempool;
struct rte_ring;

namespace dpvrrp {

inline constexpr size_t kCommandsPerTurn = 32;  // the rest waits for the next turn, so that frames do not
inline constexpr int kTransmitTries = 16;       // calls of rte_eth_tx_burst a burst; then the rest is dropped, counted
inline constexpr uint16_t kMinFrameBytes = 60;  // Ethernet's shortest, without FCS (IEEE 802.3 4.2.3.3)

// The clock of the worker, the same as the control thread's (io/clock.h). Thread: any.
Instant WorkerNow();

// What a worker has of a port.
struct WorkerPort {
  PortId id;
  std::optional<uint16_t> rx_queue;  // none: the others receive, and hand over what is ours
  uint16_t tx_queue = 0;
  size_t tx_worker = 0;         // whose tx_queue it is: ours, or that of the one who sends for us
  std::vector<size_t> workers;  // who owns its segments, as PortInfo::workers
};

// What one lcore does all day: frames, commands and time go into its shard; frames and events come out.
//
//   now -> commands -> per port: rx burst, Shard::Receive -> Shard::Transmit, tx bursts -> events -> idle?
//
// With several workers: a received frame of somebody else's segment goes to its owner after the burst it came in
// (Handoff), and what the others have for us comes after our own.
//
// No allocation, no lock, no log; no system call but the drivers' own (net_af_packet), one write to the eventfd per
// batch of events, and, where the configuration asks for it, a rest when there has been nothing to do for a while
// (idle.h).
//
// Thread: Run(): the lcore. Quit(): any. The rest: control, before Run().
class WorkerLoop {
 public:
  struct Parts {
    size_t index;  // of this worker
    Shard& shard;
    WorkerCounters& counters;
    rte_ring& commands;  // of ShardCommand; this is its only consumer
    rte_ring& events;    // of ShardEvent; this is its only producer
    rte_mempool& pool;   // data room of kMaxFrameBytes at least
    int event_fd;
    Idle& idle;
    std::vector<HandoffRings> neighbours;  // by worker; empty if there is one only
  };
  WorkerLoop(Parts parts, std::vector<WorkerPort> ports);
  WorkerLoop(const WorkerLoop&) = delete;
  WorkerLoop& operator=(const WorkerLoop&) = delete;

  void Run();  // until Quit()
  // Ports are polled once all commands that were sent before this have been carried out, and not earlier: what came for
  // a router that is not there yet would count as somebody's fault. Thread: any.
  void BeginReceiving() { may_receive_.store(true, std::memory_order_release); }
  // Relaxed: only the loop's end depends on it; whoever called waits for the lcore before touching what it owned.
  void Quit() { quit_.store(true, std::memory_order_relaxed); }
  // One round. False: there was nothing to do. Thread: the one that would Run().
  bool Turn(Instant now);
  // Hands over what waits for that, and sends what the others have handed over. To be called twice of each, so that all
  // is sent. Thread: control, after every worker's Run().
  void SendLeftovers();

 private:
  // Frames of one turn that leave by one port.
  struct Outgoing {
    std::array<rte_mbuf*, kMaxBurst> frames;
    size_t count = 0;
  };

  size_t TakeCommands(Instant now);
  size_t ReceiveFrom(const WorkerPort& port, Instant now);
  size_t PassOn(const WorkerPort& port, std::span<rte_mbuf*> mbufs);
  size_t ReceiveFromOthers(Instant now);
  void Deliver(std::span<rte_mbuf*> mbufs, const BurstSource& source, Instant now);
  size_t TransmitDue(Instant now);
  size_t SendForOthers();
  void RefillSpare();
  void Stage(rte_mbuf* mbuf);
  void FlushPorts();
  void Send(const WorkerPort& port, std::span<rte_mbuf*> mbufs);
  bool ReportEvents();
  Instant Rest(Instant now);

  Parts parts_;
  std::vector<WorkerPort> ports_;
  Handoff handoff_;
  std::atomic<bool> quit_{false};
  std::atomic<bool> may_receive_{false};
  bool receives_ = false;
  std::array<ShardCommand, kCommandsPerTurn> commands_{};  // scratch of one turn

  // Transmit buffers, allocated ahead: the first spare_count_ are ours, and spare_[i] is the mbuf behind buffers_[i].
  std::array<rte_mbuf*, kMaxBurst> spare_{};
  std::array<TxFrame, kMaxBurst> buffers_{};
  size_t spare_count_ = 0;
  std::array<Outgoing, kMaxPorts> outgoing_{};  // by port number

  // Taken from the shard, not yet in the ring.
  std::array<ShardEvent, kMaxBurst> events_{};
  size_t event_count_ = 0;
};

}  // namespace dpvrrp
