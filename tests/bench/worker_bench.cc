// SPDX-License-Identifier: BSD-3-Clause
//
// The whole path of a worker: WorkerLoop::Turn over a net_ring port, from receive burst to counted drop, or to the
// transmit ring. Items are frames.
//
// Only the turns are timed, in CPU time of this thread, because a machine that compiles beside us would double them:
// the ring is filled before with fresh copies (a burst is 64 frames, a filling kFilling, as
// many as a NIC's ring holds), so what a frame's bytes cost to fetch from the cache is in the figures, and what it
// costs to make them is not. `instances` says over how many the frames are spread.
#include <benchmark/benchmark.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <sys/eventfd.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <deque>

#include "bench/bench_frames.h"
#include "dataplane/port.h"
#include "dataplane/worker_loop.h"

namespace dpvrrp {
namespace {

// Of the ring's 1023. The last burst is not full, so that the shard sees the end of a flood (pipeline/flood_order.h)
// and verifies all.
constexpr size_t kFilling = 15 * kMaxBurst - 1;
constexpr uint16_t kVlans = 64;  // with so many VRIDs each
constexpr size_t kRouters = size_t{kVlans} * kVlans;

template <typename T>
T* Made(T* pointer, const char* what) {
  if (pointer == nullptr) {
    std::fprintf(stderr, "no %s: %s\n", what, rte_strerror(rte_errno));
    std::exit(1);
  }
  return pointer;
}

// EAL, its port and pool: once in the process.
struct Port {
  Port() {
    const char* arguments[] = {
        "worker_bench",     "--in-memory", "-m", "128", "--no-pci", "--no-telemetry", "--no-shconf",
        "--vdev=net_ring0", "--log-level=*:error", "--lcores=0"};
    std::vector<std::string> copies(std::begin(arguments), std::end(arguments));
    std::vector<char*> argv;
    for (std::string& copy : copies) argv.push_back(copy.data());
    if (rte_eal_init(static_cast<int>(argv.size()), argv.data()) < 0) {
      std::fprintf(stderr, "EAL does not start\n");
      std::exit(1);
    }
    pool = Made(rte_pktmbuf_pool_create("frames", PoolBuffers(1, 1), kPoolCache, 0,
                                        kMaxFrameBytes + RTE_PKTMBUF_HEADROOM, SOCKET_ID_ANY),
                "pool");
    commands = Made(rte_ring_create_elem("commands", sizeof(ShardCommand), 64, SOCKET_ID_ANY, 0), "command ring");
    events = Made(rte_ring_create_elem("events", sizeof(ShardEvent), 8192, SOCKET_ID_ANY, 0), "event ring");
    rte_eth_conf conf{};
    if (rte_eth_dev_configure(0, 1, 1, &conf) != 0 ||
        rte_eth_rx_queue_setup(0, 0, 1024, SOCKET_ID_ANY, nullptr, pool) != 0 ||
        rte_eth_tx_queue_setup(0, 0, 1024, SOCKET_ID_ANY, nullptr) != 0 || rte_eth_dev_start(0) != 0) {
      std::fprintf(stderr, "net_ring0 does not start\n");
      std::exit(1);
    }
    ring = Made(rte_ring_lookup("ETH_RXTX0_net_ring0"), "ring of net_ring0");
  }
  rte_mempool* pool;
  rte_ring* commands;
  rte_ring* events;
  rte_ring* ring;  // what is sent, and so received
  int event_fd = eventfd(0, EFD_NONBLOCK);
};

Port& ThePort() {
  static Port port;
  return port;
}

double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// A worker with 4,096 backups that expect keepalived's adverts, and its loop.
class Worker {
 public:
  Worker() : shard_(*engine_, now, FloodOrder::Never()), records_(kRouters) {
    for (size_t i = 0; i < kRouters; ++i) {
      VirtualRouterConfig config = AhConfig(records_[i]);
      config.id = InstanceId(static_cast<uint32_t>(i + 1));
      config.vlan = VlanOf(i);
      config.vrid = VridOf(i);
      routers_.push_back(std::make_unique<VirtualRouter>(std::move(config)));
      ShardCommand add;
      add.kind = ShardCommand::Kind::kAdd;
      add.router = routers_.back().get();
      shard_.Apply(add, now);
    }
    while (loop_.Turn(now)) DropEvents();
  }
  ~Worker() { Drain(); }

  static VlanStack VlanOf(size_t router) { return {static_cast<uint16_t>(router / kVlans + 1), 0}; }
  static Vrid VridOf(size_t router) { return Vrid(static_cast<uint8_t>(router % kVlans + 1)); }

  // The worker's next turns take these, in this order and as often as need be to fill the ring.
  void Fill(const std::vector<Bytes>& frames, size_t first) {
    std::array<rte_mbuf*, kFilling> mbufs;
    if (rte_pktmbuf_alloc_bulk(ThePort().pool, mbufs.data(), kFilling) != 0) std::abort();
    for (size_t i = 0; i < kFilling; ++i) {
      const Bytes& frame = frames[(first + i) % frames.size()];
      std::memcpy(rte_pktmbuf_append(mbufs[i], static_cast<uint16_t>(frame.size())), frame.data(), frame.size());
    }
    if (rte_ring_enqueue_bulk(ThePort().ring, reinterpret_cast<void**>(mbufs.data()), kFilling, nullptr) == 0) {
      std::abort();
    }
  }

  // Turns, as Run() does them, until the ring is empty. Seconds.
  double Work() {
    const double start = CpuSeconds();
    while (loop_.Turn(now)) benchmark::DoNotOptimize(WorkerNow());
    return CpuSeconds() - start;
  }

  void DropEvents() {
    std::array<ShardEvent, 64> events;
    while (rte_ring_dequeue_burst_elem(ThePort().events, events.data(), sizeof(ShardEvent), 64, nullptr) > 0) continue;
  }
  void Drain() {
    void* mbuf = nullptr;
    while (rte_ring_dequeue(ThePort().ring, &mbuf) == 0) rte_pktmbuf_free(static_cast<rte_mbuf*>(mbuf));
    DropEvents();
  }

  WorkerLoop& loop() { return loop_; }
  Shard& shard() { return shard_; }
  uint64_t drops(DropReason reason) const { return shard_.counters().drops[static_cast<size_t>(reason)].value(); }
  std::vector<std::unique_ptr<VirtualRouter>>& routers() { return routers_; }

  Instant now = kTestStart;

 private:
  std::unique_ptr<IcvEngine> engine_ = *MakeIcvEngine();  // the one a daemon on this machine would use
  Shard shard_;
  std::deque<SequenceRecord> records_;
  std::vector<std::unique_ptr<VirtualRouter>> routers_;
  WorkerCounters counters_;
  std::unique_ptr<Idle> idle_ = *Idle::Create(IdleMode::kPoll, Nanoseconds(0), nullptr, {});
  WorkerLoop loop_{
      {0, shard_, counters_, *ThePort().commands, *ThePort().events, *ThePort().pool, ThePort().event_fd, *idle_, {}},
      {{PortId(0), uint16_t{0}, 0, 0, {0}}}};
};

AdvertFrame Advert(size_t router, uint32_t sequence) {
  AdvertFrame frame{.key = KeepalivedKey("s3cr3t"), .sequence = sequence, .vrid = Worker::VridOf(router).value()};
  frame.vlan_tags = {Worker::VlanOf(router).outer};
  return frame;
}

// The same frames over and over, which change nothing.
void Rejected(benchmark::State& state, const std::vector<Bytes>& frames, DropReason reason) {
  Worker worker;
  size_t next = 0;
  for (auto _ : state) {
    worker.Fill(frames, next);
    next += kFilling;
    state.SetIterationTime(worker.Work());
    worker.DropEvents();
  }
  const auto all = static_cast<int64_t>(kFilling) * state.iterations();
  if (worker.drops(reason) != static_cast<uint64_t>(all)) state.SkipWithError("another fate");
  state.SetItemsProcessed(all);
}

std::vector<Bytes> Each(size_t routers, void (*change)(AdvertFrame&)) {
  std::vector<Bytes> frames;
  for (size_t i = 0; i < routers; ++i) {
    AdvertFrame frame = Advert(i, 1);
    change(frame);
    frames.push_back(frame.Build());
  }
  return frames;
}

void WorkerNotVrrp(benchmark::State& state) {
  Rejected(state, Each(1, [](AdvertFrame& frame) { frame.key.clear(), frame.protocol = 17; }), DropReason::kNotVrrp);
}
void WorkerUnknownVrid(benchmark::State& state) {
  Rejected(state, Each(1, [](AdvertFrame& frame) { frame.vrid = 200; }), DropReason::kUnknownVrid);
}
void WorkerForged(benchmark::State& state) {
  Rejected(state, Each(static_cast<size_t>(state.range(0)), [](AdvertFrame& frame) { frame.forged = true; }),
           DropReason::kBadIcv);
}

// Each instance's adverts in turn, every one with a number of its own.
void WorkerValid(benchmark::State& state) {
  const auto instances = static_cast<size_t>(state.range(0));
  Worker worker;
  std::vector<Bytes> frames(kFilling);
  size_t next = 0;
  for (auto _ : state) {
    for (Bytes& frame : frames) {
      frame = Advert(next % instances, static_cast<uint32_t>(next / instances + 1)).Build();
      ++next;
    }
    worker.Fill(frames, 0);
    state.SetIterationTime(worker.Work());
  }
  if (worker.shard().counters().adverts_accepted.value() != next) state.SkipWithError("not all were accepted");
  state.SetItemsProcessed(static_cast<int64_t>(next));
}

// Masters whose adverts fall due at once: timers, signing, buffers, transmit ring.
void WorkerTransmit(benchmark::State& state) {
  Worker worker;
  constexpr size_t kMasters = kFilling / 2;  // the other half of the ring is for nothing: what it holds is received
  for (size_t i = 0; i < kMasters; ++i) {
    ShardCommand takeover;
    takeover.kind = ShardCommand::Kind::kTakeover;
    takeover.router = worker.routers()[i].get();
    worker.shard().Apply(takeover, worker.now);
  }
  uint64_t sent_before = 0;
  int64_t sent = 0;
  for (auto _ : state) {
    while (worker.loop().Turn(worker.now)) worker.Drain();  // what we sent comes back: not part of it
    worker.Drain();
    sent_before = worker.shard().counters().adverts_sent.value();
    worker.now += 1s + kTimerTick;
    double seconds = 0;
    for (uint64_t done = 0; done < kMasters;) {
      const double start = CpuSeconds();
      const bool worked = worker.loop().Turn(worker.now);
      seconds += CpuSeconds() - start;
      worker.Drain();
      done = worker.shard().counters().adverts_sent.value() - sent_before;
      if (!worked) break;
    }
    sent += static_cast<int64_t>(worker.shard().counters().adverts_sent.value() - sent_before);
    state.SetIterationTime(seconds);
  }
  if (sent < static_cast<int64_t>(kMasters) * state.iterations()) state.SkipWithError("not all were sent");
  state.SetItemsProcessed(sent);
}

// The turn in which the lcore answers a question about so many instances: adverts wait for it. Items are instances.
void WorkerAnswer(benchmark::State& state) {
  Worker worker;
  std::vector<VirtualRouter*> wanted;
  for (int64_t i = 0; i < state.range(0); ++i) wanted.push_back(worker.routers()[static_cast<size_t>(i)].get());
  for (auto _ : state) {
    InstanceQuery query(wanted);
    ShardCommand command;
    command.query = &query;
    rte_ring_enqueue_elem(ThePort().commands, &command, sizeof(command));
    state.SetIterationTime(worker.Work());
    worker.DropEvents();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

// An empty poll.
void WorkerIdleTurn(benchmark::State& state) {
  Worker worker;
  for (auto _ : state) {
    worker.loop().Turn(worker.now);
    benchmark::DoNotOptimize(WorkerNow());
  }
}

BENCHMARK(WorkerNotVrrp)->UseManualTime();
BENCHMARK(WorkerUnknownVrid)->UseManualTime();
BENCHMARK(WorkerForged)->UseManualTime()->ArgName("instances")->Arg(1)->Arg(kRouters);
BENCHMARK(WorkerValid)->UseManualTime()->ArgName("instances")->Arg(1)->Arg(kRouters)->Iterations(500);
BENCHMARK(WorkerTransmit)->UseManualTime();
BENCHMARK(WorkerAnswer)->UseManualTime()->ArgName("instances")->Arg(kMaxQueryRouters)->Arg(kRouters);
BENCHMARK(WorkerIdleTurn);

}  // namespace
}  // namespace dpvrrp

BENCHMARK_MAIN();
