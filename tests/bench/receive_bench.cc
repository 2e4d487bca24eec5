// SPDX-License-Identifier: BSD-3-Clause
//
// Shard::Receive by the fate of the frame; items are frames, bursts are full.
#include <benchmark/benchmark.h>

#include "bench/bench_frames.h"

namespace dpvrrp {
namespace {

AdvertFrame Ah(uint32_t sequence) { return AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = sequence}; }

// The same burst over and over, which must not change anything.
void Repeat(benchmark::State& state, const Bytes& frame, DropReason reason) {
  SequenceRecord record;
  TestShard t(kTestStart, *MakeIcvEngine());  // the one a daemon on this machine would use
  t.Add(AhConfig(record));
  t.Receive(Ah(1000).Build());
  const std::vector<Bytes> frames{frame};
  BurstBuffers buffers;
  for (auto _ : state) t.shard->Receive(buffers.Fill(frames), t.now);
  if (t.drops(reason) != static_cast<uint64_t>(state.iterations()) * kMaxBurst) state.SkipWithError("another fate");
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kMaxBurst));
}

void ReceiveForged(benchmark::State& state) {
  AdvertFrame frame = Ah(2000);
  frame.forged = true;
  Repeat(state, frame.Build(), DropReason::kBadIcv);
}
BENCHMARK(ReceiveForged);

void ReceiveReplayed(benchmark::State& state) { Repeat(state, Ah(1000).Build(), DropReason::kReplayed); }
BENCHMARK(ReceiveReplayed);

void ReceiveUnknownVrid(benchmark::State& state) {
  AdvertFrame frame = Ah(2000);
  frame.vrid = 99;
  Repeat(state, frame.Build(), DropReason::kUnknownVrid);
}
BENCHMARK(ReceiveUnknownVrid);

void ReceiveNotVrrp(benchmark::State& state) {
  Repeat(state, AdvertFrame{.protocol = 17}.Build(), DropReason::kNotVrrp);
}
BENCHMARK(ReceiveNotVrrp);

// Each frame once: 16384 of them, then a new shard, unmeasured.
void ReceiveValid(benchmark::State& state) {
  std::vector<Bytes> frames;
  for (uint32_t i = 1; i <= 16384; ++i) frames.push_back(Ah(i).Build());
  BurstBuffers buffers;
  size_t next = frames.size();
  auto record = std::make_unique<SequenceRecord>();
  std::unique_ptr<TestShard> t;
  for (auto _ : state) {
    if (next == frames.size()) {
      state.PauseTiming();
      t.reset();
      record = std::make_unique<SequenceRecord>();
      t = std::make_unique<TestShard>(kTestStart, *MakeIcvEngine());
      t->Add(AhConfig(*record));
      next = 0;
      state.ResumeTiming();
    }
    t->shard->Receive(buffers.Fill(frames, next), t->now);
    next += kMaxBurst;
  }
  if (t->shard->counters().adverts_accepted.value() != next) state.SkipWithError("not all were accepted");
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kMaxBurst));
}
BENCHMARK(ReceiveValid);

// The copy alone, to take off the others.
void CopyOnly(benchmark::State& state) {
  const std::vector<Bytes> frames{Ah(1).Build()};
  BurstBuffers buffers;
  for (auto _ : state) benchmark::DoNotOptimize(buffers.Fill(frames).data());
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kMaxBurst));
}
BENCHMARK(CopyOnly);

}  // namespace
}  // namespace dpvrrp
