// SPDX-License-Identifier: BSD-3-Clause
//
// Workers for the benchmarks: the real WorkerLoop over a net_ring port, whose other end the bench controls.
#pragma once

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "bench/bench_lan.h"
#include "dataplane/element_ring.h"
#include "dataplane/port.h"
#include "dataplane/worker_loop.h"

namespace dpvrrp {

inline constexpr size_t kFilling = 15 * kMaxBurst;  // of the 1,023 frames that a port's ring holds

template <typename T>
T* Made(T* pointer, const std::string& what) {
  if (pointer == nullptr) {
    std::fprintf(stderr, "no %s: %s\n", what.c_str(), rte_strerror(rte_errno));
    std::exit(1);
  }
  return pointer;
}

// Whether the machine has as many free 2 MiB pages as EAL is given memory. scripts/bench sees to it.
inline bool HaveHugepages() {
  std::ifstream in("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages");
  unsigned free = 0;
  return in >> free && free >= 256;
}

// Once in the process. `lcores` as EAL wants them: "0", or "0,1". Ends the process if EAL does not start.
inline void StartEal(const std::string& lcores) {
  std::vector<std::string> arguments{"bench",
                                     HaveHugepages() ? "--in-memory" : "--no-huge",
                                     "-m",
                                     "512",
                                     "--no-pci",
                                     "--no-shconf",
                                     "--lcores=" + lcores,
                                     "--no-telemetry",
                                     "--log-level=*:error"};
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  if (rte_eal_init(static_cast<int>(argv.size()), argv.data()) < 0) {
    std::fprintf(stderr, "EAL does not start\n");
    std::exit(1);
  }
}

// A started port with one queue each way, its pool, and the rings to control. Lasts as long as the process.
struct RingPort {
  // `depth`: frames that the port's rings hold, plus one; a power of two.
  explicit RingPort(const std::string& name, unsigned depth = 1024) {
    // Both rings full, spare buffers of the worker, and the caches of the threads; no more, because all of it passes
    // through the processor's caches.
    pool = Made(rte_pktmbuf_pool_create((name + "_pool").c_str(), 2 * depth + PoolBuffers(1, 1), kPoolCache, 0,
                                        kMaxFrameBytes + RTE_PKTMBUF_HEADROOM, SOCKET_ID_ANY),
                "pool");
    in = Made(rte_ring_create((name + "_in").c_str(), depth, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ), "ring");
    out = Made(rte_ring_create((name + "_out").c_str(), depth, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ), "ring");
    commands = Made(CreateElementRing(name + "_commands", sizeof(ShardCommand), 64, SOCKET_ID_ANY, 0), "command ring");
    events = Made(CreateElementRing(name + "_events", sizeof(ShardEvent), 8192, SOCKET_ID_ANY, 0), "event ring");
    const int port = rte_eth_from_rings(name.c_str(), &in, 1, &out, 1, SOCKET_ID_ANY);
    const rte_eth_conf conf{};
    if (port >= 0) id = PortId(static_cast<uint16_t>(port));
    if (port < 0 || rte_eth_dev_configure(id.value(), 1, 1, &conf) != 0 ||
        rte_eth_rx_queue_setup(id.value(), 0, 1024, SOCKET_ID_ANY, nullptr, pool) != 0 ||
        rte_eth_tx_queue_setup(id.value(), 0, 1024, SOCKET_ID_ANY, nullptr) != 0 ||
        rte_eth_dev_start(id.value()) != 0) {
      std::fprintf(stderr, "port %s does not start\n", name.c_str());
      std::exit(1);
    }
  }
  RingPort(const RingPort&) = delete;
  RingPort& operator=(const RingPort&) = delete;

  rte_mempool* pool;
  rte_ring* in;   // frames put here are received
  rte_ring* out;  // sent frames
  rte_ring* commands;
  rte_ring* events;
  int event_fd = eventfd(0, EFD_NONBLOCK);
  PortId id;
};

// A worker with a LAN's backups, and its loop.
class BenchWorker {
 public:
  explicit BenchWorker(RingPort& port, const BenchLan& lan, Priority priority = kPriorityDefault,
                       Instant start = kTestStart)
      : port_(port), routers_(PortOf(lan, port), Ip("10.99.0.2"), priority, start) {
    loop_.BeginReceiving();
  }
  ~BenchWorker() {
    void* mbuf = nullptr;
    while (rte_ring_dequeue(port_.in, &mbuf) == 0) rte_pktmbuf_free(static_cast<rte_mbuf*>(mbuf));
    Drain();
  }

  // The worker's next turns take these: kFilling of them, from `first` on and round.
  void Fill(const std::vector<Bytes>& frames, size_t first) {
    std::array<rte_mbuf*, kFilling> mbufs;
    if (rte_pktmbuf_alloc_bulk(port_.pool, mbufs.data(), kFilling) != 0) std::abort();
    for (size_t i = 0; i < kFilling; ++i) {
      const Bytes& frame = frames[(first + i) % frames.size()];
      std::memcpy(rte_pktmbuf_append(mbufs[i], static_cast<uint16_t>(frame.size())), frame.data(), frame.size());
    }
    if (rte_ring_enqueue_bulk(port_.in, reinterpret_cast<void**>(mbufs.data()), kFilling, nullptr) == 0) std::abort();
  }

  // Turns, as Run() does them, until there is nothing left to do. Seconds.
  double Work() {
    return Seconds([&] {
      while (loop_.Turn(now)) WorkerNow();
    });
  }

  void DropEvents() {
    std::array<ShardEvent, 64> events;
    while (rte_ring_dequeue_burst_elem(port_.events, events.data(), sizeof(ShardEvent), 64, nullptr) > 0) continue;
  }
  // Discards sent frames and reported events.
  void Drain() {
    std::array<rte_mbuf*, kMaxBurst> mbufs;
    while (const unsigned count =
               rte_ring_dequeue_burst(port_.out, reinterpret_cast<void**>(mbufs.data()), kMaxBurst, nullptr)) {
      rte_pktmbuf_free_bulk(mbufs.data(), count);
    }
    DropEvents();
  }

  RingPort& port() { return port_; }
  WorkerLoop& loop() { return loop_; }
  Shard& shard() { return *routers_.shard.shard; }
  BenchRouters& routers() { return routers_; }
  const WorkerCounters& counters() const { return counters_; }
  const ShardCounters& shard_counters() const { return routers_.shard.shard->counters(); }
  uint64_t drops(DropReason reason) const { return routers_.shard.drops(reason); }

  Instant now = kTestStart;

 private:
  static BenchLan PortOf(BenchLan lan, const RingPort& port) {
    lan.port = port.id;
    return lan;
  }

  RingPort& port_;
  BenchRouters routers_;
  WorkerCounters counters_;
  std::unique_ptr<Idle> idle_ = *Idle::Create(IdleMode::kPoll, Nanoseconds(0), nullptr, {});
  WorkerLoop loop_{{0, shard(), counters_, *port_.commands, *port_.events, *port_.pool, port_.event_fd, *idle_, {}},
                   {{port_.id, DpdkPort(port_.id.value()), uint16_t{0}, 0, 0, {0}}}};
};

}  // namespace dpvrrp
