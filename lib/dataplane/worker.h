// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "crypto/icv_engine.h"
#include "dataplane/dataplane.h"
#include "dataplane/lcore_task.h"
#include "dataplane/worker_loop.h"
#include "pipeline/shard.h"

namespace dpvrrp {

// A worker lcore and what it owns: buffers, rings, shard and loop, all in memory near its CPU.
//
// Thread: control.
class Dataplane::Worker {
 public:
  struct Options {
    uint32_t lcore = 0;
    size_t index = 0;    // among the workers
    size_t workers = 1;  // how many there are
    size_t ports = 0;    // how many there are
    int event_fd = -1;
    IdleMode idle = IdleMode::kPoll;
    Nanoseconds longest_sleep{0};
  };
  // Allocates buffers, rings and shard.
  static absl::StatusOr<std::unique_ptr<Worker>> Build(const Options& options);
  ~Worker();  // after FreeDpdkMemory(), if the loop was launched
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // In this order:
  void Connect(const Worker& other);                          // the rings that `other` fills for us; ourselves: nothing
  absl::Status BuildLoop(std::span<const PortInfo> started);  // for its share of the ports
  void Launch();
  void BeginReceiving();  // whatever was sent before comes first
  void Quit();            // ends the loop and waits for it; nothing if it does not run
  void SendLeftovers();   // after every worker's Quit()
  void FreeDpdkMemory();  // after Quit(), and once its ports have been closed. Send() and Receive() are empty then

  bool Send(const ShardCommand& command);
  size_t Receive(std::span<ShardEvent> out);

  uint32_t lcore() const { return options_.lcore; }
  rte_mempool& pool() { return *pool_; }
  const ShardCounters& shard_counters() const { return shard_->counters(); }
  const WorkerCounters& counters() const { return counters_; }
  absl::string_view icv_engine() const { return engine_->name(); }

 private:
  explicit Worker(const Options& options) : options_(options) {}
  absl::Status Allocate();
  absl::Status BuildShard();

  Options options_;
  rte_mempool* pool_ = nullptr;
  rte_ring* commands_ = nullptr;
  rte_ring* events_ = nullptr;
  std::vector<HandoffRings> neighbours_;  // by worker. `to` are ours to free, `from` are theirs
  std::unique_ptr<IcvEngine> engine_;
  std::unique_ptr<Shard> shard_;
  std::unique_ptr<Waker> waker_;  // with IdleMode::kInterrupt
  std::unique_ptr<Idle> idle_;
  std::unique_ptr<WorkerLoop> loop_;
  WorkerCounters counters_;
  std::unique_ptr<LcoreTask> running_;  // the loop, from Launch() to Quit()
};

}  // namespace dpvrrp
