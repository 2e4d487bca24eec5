// SPDX-License-Identifier: BSD-3-Clause
//
// The ICV engine alone, with jobs as the receive path makes them (64 bytes each), for the ratio. Items are ICVs.
#include <benchmark/benchmark.h>

#include "bench/bench_frames.h"

namespace dpvrrp {
namespace {

void Engine(benchmark::State& state, std::unique_ptr<IcvEngine> engine, MacAlgorithm algorithm) {
  const Bytes key_bytes(InfoOf(algorithm).key_bytes, 0x5a);
  const std::unique_ptr<const MacKey> key = *MacKey::Create(algorithm, key_bytes);
  const Bytes input(64, 0x42);
  std::array<IcvJob, kMaxBurst> jobs;
  for (IcvJob& job : jobs) {
    job.key = key.get();
    job.data = input.data();
    job.length = static_cast<uint32_t>(input.size());
  }
  engine->Sign(jobs);
  for (auto _ : state) engine->Verify(jobs);
  for (const IcvJob& job : jobs) {
    if (!job.match) state.SkipWithError("an ICV did not match");
  }
  state.SetLabel(std::string(engine->name()));
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kMaxBurst));
}

void IcvOpenssl(benchmark::State& state) {
  Engine(state, MakeOpensslEngine(), static_cast<MacAlgorithm>(state.range(0)));
}
BENCHMARK(IcvOpenssl)->DenseRange(0, kMacAlgorithmCount - 1);

void IcvBest(benchmark::State& state) {
  absl::StatusOr<std::unique_ptr<IcvEngine>> engine = MakeIcvEngine();
  if (!engine.ok()) return state.SkipWithError("no engine");
  Engine(state, *std::move(engine), static_cast<MacAlgorithm>(state.range(0)));
}
BENCHMARK(IcvBest)->DenseRange(0, kMacAlgorithmCount - 1);

}  // namespace
}  // namespace dpvrrp

BENCHMARK_MAIN();
