// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "crypto/icv_engine.h"
#include "dataplane/dataplane.h"
#include "dataplane/frame_copier.h"
#include "dataplane/lcore_task.h"
#include "dataplane/worker_loop.h"
#include "pipeline/shard.h"

namespace dpvrrp {

// A worker lcore and its objects: buffers, rings, shard and loop, all in memory near its CPU.
//
// Thread: control.
class Dataplane::Worker {
 public:
  struct Options {
    uint32_t lcore = 0;
    size_t index = 0;    // among the workers
    size_t workers = 1;  // number of workers
    size_t ports = 0;    // number of ports
    size_t twins = 0;    // number of ports with a twin
    int event_fd = -1;
    IdleMode idle = IdleMode::kPoll;
    Nanoseconds longest_sleep{0};
    bool real_time = false;
  };
  // Allocates buffers, rings and shard.
  static absl::StatusOr<std::unique_ptr<Worker>> Build(const Options& options);
  ~Worker();  // after FreeDpdkMemory(), if the loop was launched
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Call these in this order:
  void Connect(const Worker& other);  // the rings that `other` fills for us; none for this worker itself
  absl::Status BuildLoop(std::span<const PortInfo> started);  // for its share of the ports
  void Launch();
  void BeginReceiving();  // after all commands sent before
  void Quit();            // ends the loop and waits for it; no effect if it does not run
  // Thread of the next two: any.
  void ResignAndQuit();   // as in Dataplane, but does not wait
  bool resigned() const;  // has resigned, or the loop never ran
  void SendLeftovers();   // after every worker's Quit()
  void FreeDpdkMemory();  // after Quit(), when its ports are closed. Send() and Receive() have no effect then

  // For a port that is to be closed, and for a port that was opened again (Dataplane::QuiescePort). A port that was
  // closed when the loop was built counts as left.
  void Leave(PortId port);
  bool HasLeft(PortId port) const;
  void Rejoin(const PortInfo& port);
  // As Idle does, for the descriptors of a twin.
  void StopWatching(const std::vector<int>& twin);
  void WatchAgain(const std::vector<int>& twin);

  bool Send(const ShardCommand& command);  // false: FreeDpdkMemory() was called
  bool Flush();                            // false: commands still wait for room in the ring
  size_t Receive(std::span<ShardEvent> out);
  size_t TakeFrames(std::span<FrameCopy> out);
  uint64_t frames_not_shown() const { return copier_->lost(); }

  bool command_ring_full() const { return !backlog_.empty(); }

  uint32_t lcore() const { return options_.lcore; }
  rte_mempool& pool() { return *pool_; }
  const ShardCounters& shard_counters() const { return shard_->counters(); }
  const WorkerCounters& counters() const { return counters_; }
  const TwinCounters& twin_counters(PortId port) const { return loop_->twin_counters(port); }
  absl::string_view icv_engine() const { return engine_->name(); }

 private:
  explicit Worker(const Options& options) : options_(options) {}
  absl::Status Allocate();
  absl::Status BuildShard();
  WorkerPort ShareOf(const PortInfo& port) const;

  Options options_;
  rte_mempool* pool_ = nullptr;
  rte_ring* commands_ = nullptr;
  std::deque<ShardCommand> backlog_;  // commands that found no room in the ring, in their order
  rte_ring* events_ = nullptr;
  rte_ring* copies_ = nullptr;
  std::vector<HandoffRings> neighbours_;  // by worker. This worker frees `to`, the other frees `from`
  std::unique_ptr<IcvEngine> engine_;
  std::unique_ptr<FrameCopier> copier_;
  std::unique_ptr<Shard> shard_;
  std::unique_ptr<Waker> waker_;  // with IdleMode::kInterrupt
  std::unique_ptr<Idle> idle_;
  std::unique_ptr<WorkerLoop> loop_;
  WorkerCounters counters_;
  std::unique_ptr<LcoreTask> running_;  // the loop, from Launch() to Quit()
};

}  // namespace dpvrrp
