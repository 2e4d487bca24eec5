// SPDX-License-Identifier: BSD-3-Clause
//
// The whole path of a worker: WorkerLoop::Turn over a net_ring port, from receive burst to counted drop, or to the
// transmit ring. Items are frames.
//
// Only the turns are timed, in CPU time of this thread, because other programs that compile on the machine would double
// real time. The ring is filled before with fresh copies (a burst is 64 frames, a filling kFilling, as many as a NIC's
// ring holds). So the cost to fetch a frame's bytes from the cache is in the figures, and the cost to make them is not.
// `instances` is the number of instances over which the frames are spread. Up to 250 they are untagged (78 bytes a
// frame), more are on VLANs (82). Every instance knows its peer, and every frame has a number above the last accepted
// one, unless the benchmark says otherwise. No frame goes unverified (FloodOrder::Never).
#include <benchmark/benchmark.h>

#include <algorithm>

#include "bench/bench_worker.h"

namespace dpvrrp {
namespace {

constexpr IpAddress kPeer = IpAddress::V4(0x0a630003);
constexpr Priority kPeerPriority{150};
constexpr size_t kRouters = 4096;

RingPort& ThePort() {
  static RingPort port("bench");
  return port;
}

BenchLan LanOf(const benchmark::State& state, MacAlgorithm algorithm = MacAlgorithm::kHmacMd5_96,
               const char* engine = "") {
  const auto routers = static_cast<size_t>(state.range(0));
  return {.routers = routers, .algorithm = algorithm, .tagged = routers > kVridsPerVlan, .engine = engine};
}

// Where the IPv4 header begins, and the AH header's ICV.
size_t IpAt(const BenchLan& lan) { return lan.tagged ? 18 : 14; }
size_t IcvAt(const BenchLan& lan) { return IpAt(lan) + 20 + 12; }

enum class Heard : uint8_t { kNever, kBefore };

// The same frames over and over, which change nothing.
template <typename Spoil>
void Rejected(benchmark::State& state, const BenchLan& lan, DropReason reason, const Spoil& spoil,
              Heard heard = Heard::kNever) {
  BenchRouters from(lan, kPeer, kPeerPriority);
  from.BecomeMasters();
  BenchWorker worker(ThePort(), lan);
  const size_t count = std::max(lan.routers, kFilling) / kFilling * kFilling;
  const auto hear = [&](const std::vector<Bytes>& frames) {
    for (size_t next = 0; next < frames.size(); next += kFilling) {
      worker.Fill(frames, next);
      worker.Work();
      worker.DropEvents();
    }
  };
  hear(NextAdverts(from, count + kFilling));
  std::vector<Bytes> frames = NextAdverts(from, count);
  if (heard == Heard::kBefore) hear(frames);
  for (Bytes& frame : frames) spoil(frame);

  // Of a few routers most frames that were heard before are left of their windows.
  const auto ended_so = [&] {
    return worker.drops(reason) + (heard == Heard::kBefore ? worker.drops(DropReason::kStale) : 0);
  };
  const uint64_t before = ended_so();
  size_t next = 0;
  for (auto _ : state) {
    worker.Fill(frames, next);
    next += kFilling;
    state.SetIterationTime(worker.Work());
    worker.DropEvents();
  }
  const auto all = static_cast<int64_t>(kFilling) * state.iterations();
  if (ended_so() - before != static_cast<uint64_t>(all)) state.SkipWithError("another fate");
  state.SetItemsProcessed(all);
  state.SetLabel(std::string(worker.routers().shard.engine->name()));
}

void WorkerNotVrrp(benchmark::State& state) {
  const BenchLan lan = LanOf(state);
  Rejected(state, lan, DropReason::kNotVrrp, [&](Bytes& frame) { frame[IpAt(lan) + 9] = 17; });
}
void WorkerUnknownVrid(benchmark::State& state) {
  const BenchLan lan = LanOf(state);
  Rejected(state, lan, DropReason::kUnknownVrid, [&](Bytes& frame) { frame[IcvAt(lan) + 12 + 1] = 255; });
}
void WorkerReplayed(benchmark::State& state) {
  Rejected(
      state, LanOf(state), DropReason::kReplayed, [](Bytes&) {}, Heard::kBefore);
}
void Forged(benchmark::State& state, MacAlgorithm algorithm, const char* engine) {
  const BenchLan lan = LanOf(state, algorithm, engine);
  Rejected(state, lan, DropReason::kBadIcv, [&](Bytes& frame) { frame[IcvAt(lan)] ^= 1; });
}
void WorkerForged(benchmark::State& state) { Forged(state, MacAlgorithm::kHmacMd5_96, ""); }
void WorkerForgedSha256(benchmark::State& state) { Forged(state, MacAlgorithm::kHmacSha256_128, ""); }
void WorkerForgedOpenssl(benchmark::State& state) { Forged(state, MacAlgorithm::kHmacMd5_96, "openssl"); }
// The speed of the portable engine for the same number of such jobs.
void WorkerBareOpenssl(benchmark::State& state) {
  const BenchLan lan = LanOf(state, MacAlgorithm::kHmacMd5_96, "openssl");
  BenchRouters from(lan, kPeer, kPeerPriority);
  from.BecomeMasters();
  std::vector<Bytes> frames = NextAdverts(from, kFilling);
  std::vector<IcvJob> jobs(kFilling);
  for (size_t i = 0; i < kFilling; ++i) {
    jobs[i].key = from.routers[i % from.routers.size()]->config.keys->keys[0].mac.get();
    jobs[i].data = frames[i].data() + IpAt(lan);
    jobs[i].length = static_cast<uint32_t>(frames[i].size() - IpAt(lan));
  }
  for (auto _ : state) {
    state.SetIterationTime(Seconds([&] {
      for (size_t at = 0; at < kFilling; at += kMaxBurst) {
        from.shard.engine->Verify(std::span(jobs).subspan(at, kMaxBurst));
      }
    }));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kFilling));
}

// Each instance's adverts in turn, each with its own number, made in advance.
void WorkerValid(benchmark::State& state) {
  const BenchLan lan = LanOf(state);
  BenchRouters from(lan, kPeer, kPeerPriority);
  from.BecomeMasters();
  BenchWorker worker(ThePort(), lan);
  std::vector<Bytes> stock;
  size_t next = 0, all = 0;
  const auto turn = [&] {
    if (next == stock.size()) {
      stock = NextAdverts(from, 64 * kFilling);
      next = 0;
    }
    worker.Fill(stock, next);
    next += kFilling;
    all += kFilling;
    const double seconds = worker.Work();
    worker.DropEvents();
    return seconds;
  };
  while (all < lan.routers) turn();
  const size_t lead_in = all;
  for (auto _ : state) state.SetIterationTime(turn());
  if (worker.shard().counters().adverts_accepted.value() != all) state.SkipWithError("not all were accepted");
  state.SetItemsProcessed(static_cast<int64_t>(all - lead_in));
}

// Masters whose adverts become due at once: timers, signing, buffers, transmit ring. The interval is short, so that the
// time between them is short too.
void WorkerTransmit(benchmark::State& state) {
  BenchLan lan = LanOf(state);
  lan.interval = 10ms;
  BenchWorker worker(ThePort(), lan);
  worker.routers().BecomeMasters();
  const auto sent = [&] { return worker.shard().counters().adverts_sent.value(); };
  while (sent() < lan.routers) {
    worker.loop().Turn(worker.now);
    worker.Drain();
  }
  const uint64_t before = sent();
  for (auto _ : state) {
    worker.now += lan.interval + kTimerTick;
    double seconds = 0;
    for (const uint64_t wanted = sent() + lan.routers; sent() < wanted;) {
      seconds += Seconds([&] {
        for (size_t turn = 0; turn < kFilling / kMaxBurst && sent() < wanted; ++turn) worker.loop().Turn(worker.now);
      });
      worker.Drain();
    }
    state.SetIterationTime(seconds);
  }
  if (worker.counters().tx_dropped.value() > 0) state.SkipWithError("the ring was full");
  state.SetItemsProcessed(static_cast<int64_t>(sent() - before));
}

// The turn in which the lcore answers a question about so many instances: adverts wait for it. Items are instances.
void WorkerAnswer(benchmark::State& state) {
  BenchWorker worker(ThePort(), {.routers = kRouters});
  std::vector<VirtualRouter*> wanted;
  for (int64_t i = 0; i < state.range(0); ++i) wanted.push_back(worker.routers().routers[static_cast<size_t>(i)]);
  for (auto _ : state) {
    InstanceQuery query(wanted);
    ShardCommand command = command::Query{&query};
    rte_ring_enqueue_elem(worker.port().commands, &command, sizeof(command));
    state.SetIterationTime(worker.Work());
    worker.DropEvents();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

// An empty poll.
void WorkerIdleTurn(benchmark::State& state) {
  BenchWorker worker(ThePort(), {.routers = kRouters});
  for (auto _ : state) {
    worker.loop().Turn(worker.now);
    benchmark::DoNotOptimize(WorkerNow());
  }
}

void Lan(benchmark::internal::Benchmark* b) { b->UseManualTime()->ArgName("instances"); }
void OneSomeMany(benchmark::internal::Benchmark* b) { b->Apply(Lan)->Arg(1)->Arg(250)->Arg(kRouters); }
BENCHMARK(WorkerNotVrrp)->Apply(OneSomeMany);
BENCHMARK(WorkerUnknownVrid)->Apply(OneSomeMany);
BENCHMARK(WorkerReplayed)->Apply(OneSomeMany);
BENCHMARK(WorkerForged)->Apply(OneSomeMany);
BENCHMARK(WorkerForgedSha256)->Apply(OneSomeMany);
BENCHMARK(WorkerForgedOpenssl)->Apply(OneSomeMany);
BENCHMARK(WorkerBareOpenssl)->Apply(OneSomeMany);
BENCHMARK(WorkerValid)->Apply(OneSomeMany);
BENCHMARK(WorkerTransmit)->Apply(OneSomeMany);
BENCHMARK(WorkerAnswer)->Apply(Lan)->Arg(kMaxQueryRouters)->Arg(kRouters);
BENCHMARK(WorkerIdleTurn);

}  // namespace
}  // namespace dpvrrp

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  dpvrrp::StartEal("0");
  benchmark::RunSpecifiedBenchmarks();
}
