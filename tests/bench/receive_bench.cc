// SPDX-License-Identifier: BSD-3-Clause
//
// Shard::Receive by the end of the frame. Items are frames, bursts are full. Only Receive is measured: the ring is
// filled in between. Arguments: virtual routers; the frames are spread over all of them.
#include <benchmark/benchmark.h>

#include <string>

#include "bench/bench_lan.h"
#include "wire/checksum.h"

namespace dpvrrp {
namespace {

constexpr IpAddress kPeer = IpAddress::V4(0x0a630003);
constexpr Priority kPeerPriority{150};

// A new shard has recorded no sender and inspects every frame. The bench measures the state after that.
constexpr size_t kBeforeTheUsual = (kWatchRate / kRingFrames + 1) * kRingFrames;

// Receives the frames in the ring. The shard's time advances by the time that this takes.
double ReceiveRound(BenchRouters& to, const FrameRing& ring) {
  const double seconds = Seconds([&] {
    for (size_t at = 0; at < kRingFrames; at += kMaxBurst) to.shard.shard->Receive(ring.Burst(at), to.shard.now);
  });
  to.shard.now += std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(seconds));
  return seconds;
}

// Times rounds over the ring; `fill` writes it each time.
template <typename Fill>
void Rounds(benchmark::State& state, BenchRouters& to, const Fill& fill) {
  FrameRing ring;
  for (auto _ : state) {
    fill(ring);
    state.SetIterationTime(ReceiveRound(to, ring));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRingFrames));
  state.SetLabel(std::string(to.shard.engine->name()));
}

// The same frames over and over, made of authentic adverts by `spoil`; they must change nothing and end as `reason`.
template <typename Spoil>
void Repeat(benchmark::State& state, DropReason reason, const Spoil& spoil, bool heard_before = false,
            MacAlgorithm algorithm = MacAlgorithm::kHmacMd5_96, const FloodOrder& flood_order = FloodOrder::Never()) {
  const auto count = static_cast<size_t>(state.range(0));
  const BenchLan lan{.routers = count, .algorithm = algorithm, .flood_order = flood_order};
  BenchRouters from(lan, kPeer, kPeerPriority);
  BenchRouters to(lan, Ip("10.99.0.2"));
  from.BecomeMasters();
  FrameRing ring;
  std::vector<Bytes> frames;
  const auto hear = [&] {
    for (size_t i = 0; i < kRingFrames; ++i) ring.Write(i, frames[i]);
    ReceiveRound(to, ring);
  };
  for (size_t heard = 0; heard < count; heard += kRingFrames) {  // so that every instance has heard its peer
    frames = NextAdverts(from, kRingFrames);
    hear();
  }
  frames = NextAdverts(from, kRingFrames);
  if (heard_before) hear();
  for (Bytes& frame : frames) spoil(frame);
  for (size_t heard = 0; heard < kBeforeTheUsual; heard += kRingFrames) hear();
  const auto ended_so = [&] {  // of one instance's 1,024 replays most are left of its window
    return to.shard.drops(reason) + (heard_before ? to.shard.drops(DropReason::kStale) : 0);
  };
  const uint64_t before = ended_so();
  Rounds(state, to, [&](FrameRing& refilled) {
    for (size_t i = 0; i < kRingFrames; ++i) refilled.Write(i, frames[i]);
  });
  if (reason != DropReason::kUnverified &&
      ended_so() - before != static_cast<uint64_t>(state.iterations()) * kRingFrames) {
    state.SkipWithError("another fate");
  }
}

constexpr size_t kIcvAt = 18 + 20 + 12;  // one tag
void ForgeIcv(Bytes& frame) { frame[kIcvAt] ^= 1; }

void ReceiveForged(benchmark::State& state) { Repeat(state, DropReason::kBadIcv, ForgeIcv); }
void ReceiveForgedSha256(benchmark::State& state) {
  Repeat(state, DropReason::kBadIcv, ForgeIcv, false, MacAlgorithm::kHmacSha256_128);
}
// As a daemon treats them: from a stranger, and more than it can verify.
void ReceiveFlood(benchmark::State& state) {
  Repeat(
      state, DropReason::kUnverified,
      [](Bytes& frame) {
        frame[18 + 15] = frame[18 + 20 + 7] = 77;  // source and SPI
        frame[18 + 10] = frame[18 + 11] = 0;
        const Be16 checksum = ChecksumOf(frame.data() + 18, 20);
        std::memcpy(&frame[18 + 10], &checksum, 2);
      },
      false, MacAlgorithm::kHmacMd5_96, FloodOrder{});
}
void ReceiveReplayed(benchmark::State& state) {
  Repeat(
      state, DropReason::kReplayed, [](Bytes&) {}, true);
}
void ReceiveUnknownVrid(benchmark::State& state) {
  Repeat(state, DropReason::kUnknownVrid, [](Bytes& frame) { frame[kIcvAt + 12 + 1] = 255; });
}
void ReceiveNotVrrp(benchmark::State& state) {
  Repeat(state, DropReason::kNotVrrp, [](Bytes& frame) { frame[18 + 9] = 17; });
}

// Authentic and new, each time round, from a peer that was heard before: adverts made ahead, and when they are used up,
// new receivers. From 16,384 instances on one stock is all: each instance is met once, long after the first
// time, so nothing of it is in a cache smaller than all of them.
constexpr int64_t kStockRounds = 64;
void ReceiveValid(benchmark::State& state) {
  const auto count = static_cast<size_t>(state.range(0));
  const size_t lead_in = std::max((count + kRingFrames - 1) / kRingFrames * kRingFrames, kBeforeTheUsual);
  const BenchLan lan{.routers = count};
  std::vector<Bytes> stock;
  {
    BenchRouters from(lan, kPeer, kPeerPriority);
    from.BecomeMasters();
    stock = NextAdverts(from, lead_in + kStockRounds * kRingFrames);
  }
  std::unique_ptr<BenchRouters> to;
  FrameRing ring;
  size_t next = stock.size();
  const auto round = [&] {
    for (size_t at = 0; at < kRingFrames; ++at) ring.Write(at, stock[next++]);
    return ReceiveRound(*to, ring);
  };
  for (auto _ : state) {
    if (next == stock.size()) {
      to.reset();
      to = std::make_unique<BenchRouters>(lan, Ip("10.99.0.2"));
      next = 0;
      while (next < lead_in) round();
    }
    state.SetIterationTime(round());
  }
  if (to->shard.shard->counters().adverts_accepted.value() != next) state.SkipWithError("not all were accepted");
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRingFrames));
  state.SetLabel(std::string(to->shard.engine->name()));
}

void OneAndMany(benchmark::internal::Benchmark* b) { b->UseManualTime()->ArgName("instances")->Arg(1)->Arg(4096); }
BENCHMARK(ReceiveForged)->Apply(OneAndMany);
BENCHMARK(ReceiveForgedSha256)->Apply(OneAndMany);
BENCHMARK(ReceiveFlood)->Apply(OneAndMany);
BENCHMARK(ReceiveReplayed)->Apply(OneAndMany);
BENCHMARK(ReceiveUnknownVrid)->Apply(OneAndMany);
BENCHMARK(ReceiveNotVrrp)->Apply(OneAndMany);
BENCHMARK(ReceiveValid)->UseManualTime()->ArgName("instances")->RangeMultiplier(8)->Range(1, 4096);
BENCHMARK(ReceiveValid)
    ->UseManualTime()
    ->ArgName("instances")
    ->Arg(16384)
    ->Arg(32768)
    ->Arg(65536)
    ->Arg(131072)
    ->Arg(262144)
    ->Arg(400000)
    ->Iterations(kStockRounds);

}  // namespace
}  // namespace dpvrrp
