// SPDX-License-Identifier: BSD-3-Clause
//
// The ICV engines alone, with jobs as the receive path makes them: each frame in its own buffer, of an advert with one
// address unless stated otherwise, each with its own key. Items are ICVs, so 1 / items_per_second is the time of one.
// Compare engines only within one run.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>
#include <string>

#include "bench/bench_frames.h"

namespace dpvrrp {
namespace {

constexpr int64_t kMixed = 0;         // lengths of 1, 2, 3 ... addresses, shuffled
constexpr uint32_t kOneAddress = 64;  // IPv4 20, AH 24, VRRP 20

struct Work {
  explicit Work(MacAlgorithm algorithm, size_t burst, int64_t length) : jobs(burst) {
    std::mt19937 random(1);
    for (IcvJob& job : jobs) {
      Bytes secret(InfoOf(algorithm).key_bytes);
      for (uint8_t& byte : secret) byte = static_cast<uint8_t>(random());
      keys.push_back(*MacKey::Create(algorithm, secret));
      const uint32_t addresses = random() % 20;
      frames.emplace_back(2048, static_cast<uint8_t>(random()));
      job.key = keys.back().get();
      job.data = frames.back().data() + 14;  // behind the Ethernet header
      job.length = length == kMixed ? kOneAddress + 4 * addresses : static_cast<uint32_t>(length);
    }
  }
  std::vector<std::unique_ptr<const MacKey>> keys;
  std::vector<Bytes> frames;
  std::vector<IcvJob> jobs;
};

void Verify(benchmark::State& state, const char* name, MacAlgorithm algorithm) {
  absl::StatusOr<std::unique_ptr<IcvEngine>> engine = MakeIcvEngineNamed(name);
  if (!engine.ok()) return state.SkipWithError(std::string(engine.status().message()).c_str());
  Work work(algorithm, static_cast<size_t>(state.range(0)), state.range(1));
  (*engine)->Sign(work.jobs);
  for (auto _ : state) (*engine)->Verify(work.jobs);
  for (const IcvJob& job : work.jobs) {
    if (!job.match) state.SkipWithError("an ICV did not match");
  }
  state.SetLabel(std::string(InfoOf(algorithm).name));
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(work.jobs.size()));
}

void Md5(benchmark::State& state, const char* name) { Verify(state, name, MacAlgorithm::kHmacMd5_96); }
void Sha1(benchmark::State& state, const char* name) { Verify(state, name, MacAlgorithm::kHmacSha1_96); }
void Sha256(benchmark::State& state, const char* name) { Verify(state, name, MacAlgorithm::kHmacSha256_128); }

void Sha384(benchmark::State& state, const char* name) { Verify(state, name, MacAlgorithm::kHmacSha384_192); }
void Sha512(benchmark::State& state, const char* name) { Verify(state, name, MacAlgorithm::kHmacSha512_256); }
void Cmac(benchmark::State& state, const char* name) { Verify(state, name, MacAlgorithm::kAes128Cmac_96); }
void Gmac128(benchmark::State& state, const char* name) { Verify(state, name, MacAlgorithm::kAes128Gmac); }
void Gmac256(benchmark::State& state, const char* name) { Verify(state, name, MacAlgorithm::kAes256Gmac); }

// An advert with one address: IPv4 20, AH 12 and the ICV, VRRP 20.
int64_t OneAddress(MacAlgorithm algorithm) { return static_cast<int64_t>(52 + InfoOf(algorithm).icv_bytes); }

// Bursts of 1 to 64 adverts; then lengths that do not fill blocks, the longest frame, and all kinds mixed.
template <MacAlgorithm algorithm>
void Bursts(benchmark::internal::Benchmark* b) {
  b->ArgNames({"burst", "bytes"});
  for (int burst : {1, 2, 4, 8, 16, 24, 32, 48, 64}) b->Args({burst, OneAddress(algorithm)});
  for (int64_t length : {int64_t{140}, int64_t{2048}, kMixed}) b->Args({64, length});
}
#define ALL_ENGINES(Function, algorithm)                                                     \
  BENCHMARK_CAPTURE(Function, openssl, "openssl")->Apply(Bursts<MacAlgorithm::algorithm>);   \
  BENCHMARK_CAPTURE(Function, ipsec_mb, "ipsec-mb")->Apply(Bursts<MacAlgorithm::algorithm>); \
  BENCHMARK_CAPTURE(Function, avx2, "vector-avx2")->Apply(Bursts<MacAlgorithm::algorithm>);  \
  BENCHMARK_CAPTURE(Function, avx512, "vector-avx512")->Apply(Bursts<MacAlgorithm::algorithm>)
ALL_ENGINES(Md5, kHmacMd5_96);
ALL_ENGINES(Sha1, kHmacSha1_96);
ALL_ENGINES(Sha256, kHmacSha256_128);

// One message after the other in every engine.
#define PORTABLE(Function, algorithm) \
  BENCHMARK_CAPTURE(Function, openssl, "openssl")->ArgNames({"burst", "bytes"})->Args({64, OneAddress(algorithm)})
PORTABLE(Sha384, MacAlgorithm::kHmacSha384_192);
PORTABLE(Sha512, MacAlgorithm::kHmacSha512_256);
PORTABLE(Cmac, MacAlgorithm::kAes128Cmac_96);
PORTABLE(Gmac128, MacAlgorithm::kAes128Gmac);
PORTABLE(Gmac256, MacAlgorithm::kAes256Gmac);

}  // namespace
}  // namespace dpvrrp

BENCHMARK_MAIN();
