// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/worker.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_ring.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "dataplane/element_ring.h"
#include "dataplane/frame_pool.h"
#include "dataplane/port.h"

namespace dpvrrp {
namespace {

absl::Status OutOfMemory(const std::string& what) {
  return absl::ResourceExhaustedError(absl::StrCat("DPDK has no memory for ", what, ": ", rte_strerror(rte_errno),
                                                   "; give it more huge pages, or a larger -m"));
}

// Allocates near the lcore, otherwise anywhere.
template <typename Create>
auto* CreateNear(uint32_t lcore, Create create) {
  auto* created = create(static_cast<int>(rte_lcore_to_socket_id(lcore)));
  return created != nullptr ? created : create(SOCKET_ID_ANY);
}

rte_ring* CreateRing(uint32_t lcore, const std::string& name, size_t element_bytes, size_t depth) {
  return CreateNear(lcore, [&](int socket) {
    return CreateElementRing(name, element_bytes, depth, socket, RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ);
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<Dataplane::Worker>> Dataplane::Worker::Build(const Options& options) {
  std::unique_ptr<Worker> worker(new Worker(options));
  absl::Status status = worker->Allocate();
  if (!status.ok()) {
    worker->FreeDpdkMemory();
    return status;
  }
  return worker;
}

Dataplane::Worker::~Worker() { DPVRRP_CHECK(running_ == nullptr); }

absl::Status Dataplane::Worker::Allocate() {
  const uint32_t lcore = options_.lcore;
  const std::string pool_name = absl::StrCat("dpvrrp_frames_", options_.index);
  const uint32_t buffers = PoolBuffers(options_.ports, options_.workers, options_.twins);
  pool_ = CreateNear(lcore, [&](int socket) { return CreateFramePool(pool_name, buffers, socket); });
  if (pool_ == nullptr) return OutOfMemory(absl::StrCat(buffers, " frame buffers"));
  commands_ =
      CreateRing(lcore, absl::StrCat("dpvrrp_commands_", options_.index), sizeof(ShardCommand), kCommandRingDepth);
  if (commands_ == nullptr) return OutOfMemory("the command ring");
  events_ = CreateRing(lcore, absl::StrCat("dpvrrp_events_", options_.index), sizeof(ShardEvent), kEventRingDepth);
  if (events_ == nullptr) return OutOfMemory("the event ring");
  copies_ = CreateRing(lcore, absl::StrCat("dpvrrp_copies_", options_.index), sizeof(FrameCopy), kCopyRingDepth);
  if (copies_ == nullptr) return OutOfMemory("the ring of copied frames");
  copier_ = std::make_unique<FrameCopier>(*copies_);
  if (options_.workers > 1) neighbours_.resize(options_.workers);
  for (size_t to = 0; to < neighbours_.size(); ++to) {
    if (to == options_.index) continue;
    for (size_t kind = 0; kind < kHandoffKinds; ++kind) {
      const std::string name = absl::StrCat("dpvrrp_", options_.index, "_to_", to, kind == 0 ? "_rx" : "_tx");
      neighbours_[to].to[kind] = CreateRing(lcore, name, sizeof(rte_mbuf*), kHandoffDepth);
      if (neighbours_[to].to[kind] == nullptr) return OutOfMemory("the rings between workers");
    }
  }

  if (options_.idle == IdleMode::kInterrupt) {
    absl::StatusOr<std::unique_ptr<Waker>> waker = Waker::Create();
    if (!waker.ok()) return waker.status();
    waker_ = *std::move(waker);
  }

  // On the lcore itself, because memory is allocated near the CPU that first touches it.
  absl::Status status;
  LcoreTask(lcore, [&] { status = BuildShard(); });
  return status;
}

void Dataplane::Worker::Connect(const Worker& other) {
  if (&other == this) return;
  neighbours_[other.options_.index].from = other.neighbours_[options_.index].to;
  neighbours_[other.options_.index].waker = other.waker_.get();
}

absl::Status Dataplane::Worker::BuildLoop(std::span<const PortInfo> started) {
  std::vector<WorkerPort> ports;
  std::vector<Idle::RxQueue> queues;
  std::vector<int> twins;
  for (const PortInfo& port : started) {
    if (std::find(port.workers.begin(), port.workers.end(), options_.index) == port.workers.end()) continue;
    WorkerPort ours = ShareOf(port);
    if (ours.rx_queue.has_value() || !port.open) {
      queues.push_back({port.id, port.dpdk, ours.rx_queue.value_or(0), port.device.c_str(), port.open});
    }
    if (ours.reads_twin) twins.push_back(ours.twin);
    ports.push_back(std::move(ours));
  }
  absl::Status status;
  LcoreTask(options_.lcore, [&] {
    absl::StatusOr<std::unique_ptr<Idle>> idle =
        Idle::Create(options_.idle, options_.longest_sleep, waker_.get(), queues, twins);
    status = idle.status();
    if (!idle.ok()) return;
    idle_ = *std::move(idle);
    if (options_.real_time) idle_->PauseWhenBusy();
    loop_ = std::make_unique<WorkerLoop>(WorkerLoop::Parts{options_.index, *shard_, counters_, *commands_, *events_,
                                                           *pool_, options_.event_fd, *idle_, neighbours_},
                                         std::move(ports));
  });
  return status;
}

// The worker must be among those that serve the port. Of a closed port only its workers are known.
WorkerPort Dataplane::Worker::ShareOf(const PortInfo& port) const {
  WorkerPort ours;
  ours.id = port.id;
  ours.workers = port.workers;
  ours.tx_worker = options_.index;
  ours.open = port.open;
  const auto self = std::find(port.workers.begin(), port.workers.end(), options_.index);
  const auto place = static_cast<uint16_t>(self - port.workers.begin());
  if (const size_t queues = port.twin_descriptors.size(); queues > 0) {
    ours.twin = port.twin_descriptors[place % queues];
    ours.reads_twin = place < queues;
  }
  if (!port.open) return ours;
  ours.dpdk = port.dpdk;
  if (place < port.rx_queues) ours.rx_queue = place;
  ours.tx_queue = place % port.tx_queues;
  ours.tx_worker = port.workers[ours.tx_queue];
  return ours;
}

absl::Status Dataplane::Worker::BuildShard() {
  counters_.thread_id.RaiseTo(static_cast<uint64_t>(gettid()));
  absl::StatusOr<std::unique_ptr<IcvEngine>> engine = MakeIcvEngine();
  if (!engine.ok()) return engine.status();
  engine_ = *std::move(engine);
  shard_ = std::make_unique<Shard>(*engine_, WorkerNow());
  shard_->SetCopier(copier_.get());
  return absl::OkStatus();
}

void Dataplane::Worker::Launch() {
  running_ = std::make_unique<LcoreTask>(options_.lcore, [this] { loop_->Run(); });
}

void Dataplane::Worker::BeginReceiving() {
  loop_->BeginReceiving();
  if (waker_ != nullptr) waker_->Wake();
}

void Dataplane::Worker::Leave(PortId port) {
  loop_->Leave(port);
  if (waker_ != nullptr) waker_->Wake();
}

bool Dataplane::Worker::HasLeft(PortId port) const { return loop_->HasLeft(port); }

void Dataplane::Worker::Rejoin(const PortInfo& port) {
  const WorkerPort ours = ShareOf(port);
  if (ours.rx_queue.has_value()) idle_->Replace({port.id, port.dpdk, *ours.rx_queue, port.device.c_str()});
  loop_->Rejoin(ours);
  if (waker_ != nullptr) waker_->Wake();
}

void Dataplane::Worker::StopWatching(const std::vector<int>& twin) { idle_->StopWatching(twin); }
void Dataplane::Worker::WatchAgain(const std::vector<int>& twin) { idle_->WatchAgain(twin); }

void Dataplane::Worker::Quit() {
  if (running_ == nullptr) return;
  loop_->Quit();
  if (waker_ != nullptr) waker_->Wake();
  running_.reset();
}

void Dataplane::Worker::ResignAndQuit() {
  if (loop_ == nullptr) return;
  loop_->ResignAndQuit();
  if (waker_ != nullptr) waker_->Wake();
}

bool Dataplane::Worker::resigned() const { return loop_ == nullptr || loop_->resigned(); }

void Dataplane::Worker::SendLeftovers() {
  if (loop_ != nullptr) loop_->SendLeftovers();
}

void Dataplane::Worker::FreeDpdkMemory() {
  rte_mempool_free(pool_);  // these functions accept a null pointer
  rte_ring_free(commands_);
  rte_ring_free(events_);
  rte_ring_free(copies_);
  for (const HandoffRings& neighbour : neighbours_) {
    for (rte_ring* ring : neighbour.to) rte_ring_free(ring);
  }
  neighbours_.clear();
  pool_ = nullptr;
  commands_ = events_ = copies_ = nullptr;
}

bool Dataplane::Worker::Send(const ShardCommand& command) {
  if (commands_ == nullptr) return false;
  backlog_.push_back(command);
  Flush();
  return true;
}

bool Dataplane::Worker::Flush() {
  if (commands_ == nullptr || backlog_.empty()) return true;
  while (!backlog_.empty() &&
         rte_ring_sp_enqueue_bulk_elem(commands_, &backlog_.front(), sizeof(ShardCommand), 1, nullptr) != 0) {
    backlog_.pop_front();
  }
  if (waker_ != nullptr) waker_->Wake();
  return backlog_.empty();
}

size_t Dataplane::Worker::TakeFrames(std::span<FrameCopy> out) { return copies_ == nullptr ? 0 : copier_->Take(out); }

size_t Dataplane::Worker::Receive(std::span<ShardEvent> out) {
  if (events_ == nullptr) return 0;
  return rte_ring_sc_dequeue_burst_elem(events_, out.data(), sizeof(ShardEvent), static_cast<unsigned>(out.size()),
                                        nullptr);
}

}  // namespace dpvrrp
