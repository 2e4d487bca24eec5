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
    uint32_t lcore;
    size_t index;  // names its pool and rings
    int event_fd;
    Nanoseconds idle_sleep;
  };
  // Allocates everything; the loop does not run yet. `ports`: those it will poll, by `id`.
  static absl::StatusOr<std::unique_ptr<Worker>> Build(const Options& options, std::span<const PortInfo> ports);
  ~Worker();  // after FreeDpdkMemory(), if the loop was launched
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void Launch();          // once its ports have been started
  void Quit();            // ends the loop and waits for it; nothing if it does not run
  void FreeDpdkMemory();  // after Quit(), and once its ports have been closed. Send() and Receive() are empty then

  bool Send(const ShardCommand& command);
  size_t Receive(std::span<ShardEvent> out);

  rte_mempool& pool() { return *pool_; }
  const ShardCounters& shard_counters() const { return shard_->counters(); }
  const WorkerCounters& counters() const { return counters_; }
  absl::string_view icv_engine() const { return engine_->name(); }

 private:
  explicit Worker(const Options& options) : options_(options) {}
  absl::Status Allocate(std::span<const PortInfo> ports);
  absl::Status BuildShard();

  Options options_;
  rte_mempool* pool_ = nullptr;
  rte_ring* commands_ = nullptr;
  rte_ring* events_ = nullptr;
  std::unique_ptr<IcvEngine> engine_;
  std::unique_ptr<Shard> shard_;
  std::unique_ptr<WorkerLoop> loop_;
  WorkerCounters counters_;
  std::unique_ptr<LcoreTask> running_;  // the loop, from Launch() to Quit()
};

}  // namespace dpvrrp
