// SPDX-License-Identifier: BSD-3-Clause
//
// The loop of a worker lcore.
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
#include "dataplane/twin_exchange.h"
#include "pipeline/frame.h"
#include "pipeline/messages/command.h"
#include "pipeline/messages/event.h"
#include "pipeline/shard.h"

struct rte_mbuf;
struct rte_mempool;
struct rte_ring;

namespace dpvrrp {

inline constexpr size_t kCommandsPerTurn = 32;  // the others wait for the next turn, so that frames need not wait
inline constexpr int kTransmitTries = 16;       // calls of rte_eth_tx_burst for a burst; others are dropped, counted
// How long a worker continues to send, at most, when it resigns by itself.
inline constexpr Nanoseconds kResignTime = std::chrono::milliseconds(100);
inline constexpr uint16_t kMinFrameBytes = 60;  // the shortest frame of Ethernet, without FCS (IEEE 802.3 4.2.3.3)

// The worker's clock, the same as the control thread's (io/clock.h). Thread: any.
Instant WorkerNow();

// A worker's share of a port.
struct WorkerPort {
  PortId id;
  DpdkPort dpdk;
  std::optional<uint16_t> rx_queue;  // none: other workers receive, and hand over our frames
  uint16_t tx_queue = 0;
  size_t tx_worker = 0;         // the worker that has tx_queue: this one, or the one that sends for us
  std::vector<size_t> workers;  // the owners of its segments, as PortInfo::workers
  bool open = true;             // if false, the port is not used, and frames to send on it are dropped
  int twin = -1;                // a descriptor of its twin (twin.h); -1: it has none
  bool reads_twin = false;      // the descriptor is this worker's own queue
};

// The loop of one lcore: frames, commands and time are inputs of its shard; frames and events are outputs.
//
//   now -> commands -> per port: rx burst, Shard::Receive -> Shard::Transmit, tx bursts -> twins -> events -> idle?
//
// With several workers: a received frame of another worker's segment is passed to its owner after its burst (Handoff),
// and frames from the other workers are handled after our own.
//
// No allocation, no lock, no log. No system call except the drivers' own (net_af_packet), one write to the eventfd for
// each batch of events, and, if the configuration asks for it, a rest after some turns without work (idle.h).
//
// A port can be removed and added again while the loop runs. For each port one bit is what control wants, and another
// bit is what the loop has done. The cost for a turn is one load of a word that almost never changes.
//
// Thread: Run(): the lcore. Quit(): any. Leave(), HasLeft(), Rejoin(): control. The others: control, before Run().
class WorkerLoop {
 public:
  struct Parts {
    size_t index;  // of this worker
    Shard& shard;
    WorkerCounters& counters;
    rte_ring& commands;  // of ShardCommand; this is its only consumer
    rte_ring& events;    // of ShardEvent; this is its only producer
    rte_mempool& pool;   // data room of at least kMaxFrameBytes
    int event_fd;
    Idle& idle;
    std::vector<HandoffRings> neighbours;  // by worker; empty if there is only one
  };
  WorkerLoop(Parts parts, std::vector<WorkerPort> ports);
  WorkerLoop(const WorkerLoop&) = delete;
  WorkerLoop& operator=(const WorkerLoop&) = delete;

  void Run();  // until Quit()
  // Ports are polled after all commands that were sent before this call have been executed, and not earlier: a frame
  // for a router that does not exist yet would be counted as a fault. Thread: any.
  void BeginReceiving() { may_receive_.store(true, std::memory_order_release); }
  // Relaxed: only the loop's end depends on it. The caller waits for the lcore before it touches the lcore's objects.
  void Quit() { quit_.store(true, std::memory_order_relaxed); }
  // From its next turn on the loop does not use the port; HasLeft() is true from then on.
  void Leave(PortId port) { Want(wanted() | BitOf(port)); }
  bool HasLeft(PortId port) const {
    const uint64_t wanted = wanted_.load(std::memory_order_relaxed);
    return (wanted & BitOf(port)) != 0 && done_.load(std::memory_order_acquire) == wanted;
  }
  // Returns a port that it HasLeft() to the loop, with its new numbers.
  void Rejoin(const WorkerPort& port);
  // Like Quit(), but every master resigns before. Done when resigned(). Thread: any.
  void ResignAndQuit() {
    resigns_.store(true, std::memory_order_relaxed);
    quit_.store(true, std::memory_order_release);
  }
  bool resigned() const { return resigned_.load(std::memory_order_acquire); }
  // One round. False: there was no work. Thread: the thread of Run().
  bool Turn(Instant now);
  // Hands over the waiting frames, and sends the frames that the others have handed over. Call it twice for each
  // worker, so that all frames are sent. Thread: control, after every worker's Run().
  void SendLeftovers();
  const TwinCounters& twin_counters(PortId port) const { return twins_.counters(port); }

 private:
  // Frames of one turn that are sent on one port.
  struct Outgoing {
    std::array<rte_mbuf*, kMaxBurst> frames;
    size_t count = 0;
  };

  static constexpr uint32_t BitOf(PortId port) { return uint32_t{1} << port.value(); }
  static_assert(kMaxPorts <= 32);
  uint32_t wanted() const { return static_cast<uint32_t>(wanted_.load(std::memory_order_relaxed)); }
  void Want(uint32_t away);
  void FollowPorts(uint64_t wanted);
  size_t TakeCommands(Instant now);
  size_t ReceiveFrom(const WorkerPort& port, Instant now);
  size_t PassOn(const WorkerPort& port, std::span<rte_mbuf*> mbufs);
  size_t ReceiveFromOthers(Instant now);
  void Deliver(std::span<rte_mbuf*> mbufs, const BurstSource& source, Instant now);
  size_t TransmitDue(Instant now);
  size_t SendForOthers();
  size_t ServeTwins(Instant now);
  size_t SendFromTwin(const WorkerPort& port, Instant now);
  void RefillSpare();
  void Stage(rte_mbuf* mbuf);
  void FlushPorts();
  void Send(const WorkerPort& port, std::span<rte_mbuf*> mbufs);
  bool ReportEvents();
  Instant Rest(Instant now);
  void Resign();

  Parts parts_;
  std::vector<WorkerPort> ports_;
  Handoff handoff_;
  TwinExchange twins_;
  std::atomic<bool> quit_{false};
  std::atomic<bool> resigns_{false};   // resign before quitting
  std::atomic<bool> resigned_{false};  // all masters have resigned
  std::atomic<bool> may_receive_{false};
  bool receives_ = false;
  // The ports not to be used, by BitOf(), and above these bits a count of control's changes, so that an earlier state
  // of done_ is never mistaken for the wanted state.
  std::atomic<uint64_t> wanted_{0};
  std::atomic<uint64_t> done_{0};
  uint64_t followed_ = 0;                                  // the lcore's own copy of done_
  std::array<ShardCommand, kCommandsPerTurn> commands_{};  // scratch of one turn

  // Transmit buffers, allocated ahead: the first spare_count_ are valid, and spare_[i] is the mbuf of buffers_[i].
  std::array<rte_mbuf*, kMaxBurst> spare_{};
  std::array<TxFrame, kMaxBurst> buffers_{};
  size_t spare_count_ = 0;
  std::array<Outgoing, kMaxPorts> outgoing_{};  // by port number

  // Events taken from the shard that are not yet in the ring.
  std::array<ShardEvent, kMaxBurst> events_{};
  size_t event_count_ = 0;
};

}  // namespace dpvrrp
