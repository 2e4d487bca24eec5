// SPDX-License-Identifier: BSD-3-Clause
//
// Shard::Transmit with a full burst due: timers, sequence numbers, templates, signing. Items are adverts.
#include <benchmark/benchmark.h>

#include "bench/bench_frames.h"

namespace dpvrrp {
namespace {

void TransmitAh(benchmark::State& state) {
  std::array<SequenceRecord, kMaxBurst> records;
  TestShard t(kTestStart, *MakeIcvEngine());  // the one a daemon on this machine would use
  for (size_t i = 0; i < kMaxBurst; ++i) {
    VirtualRouterConfig config = AhConfig(records[i]);
    config.vrid = Vrid(static_cast<uint8_t>(i + 1));
    t.Apply(command::Takeover{&t.Add(std::move(config))});
  }
  std::vector<Bytes> buffers(kMaxBurst, Bytes(kMaxFrameBytes));
  std::vector<TxFrame> frames(kMaxBurst);
  for (size_t i = 0; i < kMaxBurst; ++i) frames[i].data = buffers[i].data();
  size_t sent = 0;
  for (auto _ : state) {
    TxBurst burst(frames);
    t.shard->Transmit(burst, t.now);
    sent += burst.used().size();
    t.now += 1s + kTimerTick;
  }
  if (sent != static_cast<size_t>(state.iterations()) * kMaxBurst) state.SkipWithError("a burst was not full");
  state.SetItemsProcessed(static_cast<int64_t>(sent));
}
BENCHMARK(TransmitAh);

// The cost of a poll without work, with 4,080 timers armed.
void TransmitNothing(benchmark::State& state) {
  TestShard t(kTestStart, *MakeIcvEngine());  // the one a daemon on this machine would use
  for (int i = 0; i < 255 * 16; ++i) {
    VirtualRouterConfig config = BackupConfig();
    config.port = PortId(static_cast<uint16_t>(i / 255));
    config.vrid = Vrid(static_cast<uint8_t>(i % 255 + 1));
    t.Add(std::move(config));
  }
  Bytes buffer(kMaxFrameBytes);
  std::array<TxFrame, 1> frames;
  frames[0].data = buffer.data();
  const Instant end = t.now + 3s;
  for (auto _ : state) {
    TxBurst burst(frames);
    t.shard->Transmit(burst, t.now);
    if (t.now < end) t.now += 1us;
  }
}
BENCHMARK(TransmitNothing);

}  // namespace
}  // namespace dpvrrp
