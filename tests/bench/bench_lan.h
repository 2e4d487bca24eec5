// SPDX-License-Identifier: BSD-3-Clause
//
// A pair of shards with many virtual routers on many VLANs, for the benchmarks: one sends the adverts that the other
// receives. Keys differ, the order is shuffled, and frames lie as in a receive ring: each in its own buffer, written
// again each time.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "support/test_shard.h"

namespace dpvrrp {

inline constexpr size_t kRingFrames = 1024;   // as many as a port has receive descriptors
inline constexpr size_t kVridsPerVlan = 250;  // in the bench's segments

// The common settings of the routers of a bench.
struct BenchLan {
  size_t routers;
  MacAlgorithm algorithm = MacAlgorithm::kHmacMd5_96;
  bool tagged = true;    // false: one segment, kVridsPerVlan routers at most
  std::string engine{};  // by name; "": the one a daemon on this machine would use
  Nanoseconds interval = 1s;
  FloodOrder flood_order = FloodOrder::Never();
  PortId port{};
};

// The segment and VRID of the n-th virtual router.
inline VirtualRouterConfig NthConfig(size_t n, SequenceRecord& record, const BenchLan& lan) {
  VirtualRouterConfig config = BackupConfig();
  config.id = InstanceId(static_cast<uint32_t>(n));
  config.port = lan.port;
  const size_t segment = n / kVridsPerVlan;
  if (lan.tagged) config.vlan = {static_cast<uint16_t>(segment % 4094 + 1), static_cast<uint16_t>(segment / 4094)};
  config.vrid = Vrid(static_cast<uint8_t>(n % kVridsPerVlan + 1));
  config.machine.advertisement_interval = lan.interval;
  config.auth = AuthKind::kAh;
  Bytes secret(InfoOf(lan.algorithm).key_bytes, 0x5a);
  std::memcpy(secret.data(), &n, sizeof n);
  config.keys = OneKey(*MacKey::Create(lan.algorithm, secret));
  config.icv_rule = IcvRule::kRfc4302;
  config.record = &record;
  return config;
}

inline std::unique_ptr<IcvEngine> EngineOf(const BenchLan& lan) {
  return lan.engine.empty() ? *MakeIcvEngine() : *MakeIcvEngineNamed(lan.engine);
}

// One router of each pair.
class BenchRouters {
 public:
  BenchRouters(const BenchLan& lan, const IpAddress& source, Priority priority = kPriorityDefault,
               Instant start = kTestStart)
      : records(lan.routers), shard(start, EngineOf(lan), lan.flood_order) {
    std::vector<size_t> order(lan.routers);
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), std::mt19937(1));
    for (const size_t n : order) {
      VirtualRouterConfig config = NthConfig(n, records[n], lan);
      config.machine.source = source;
      config.machine.priority = priority;
      routers.push_back(&shard.Add(std::move(config)));
    }
  }
  ~BenchRouters() { shard.Kill(); }  // taking leave of each one alone takes minutes for hundreds of thousands
  void BecomeMasters() {
    for (VirtualRouter* router : routers) shard.Apply(command::Takeover{router});
  }

  std::deque<SequenceRecord> records;
  TestShard shard;
  std::vector<VirtualRouter*> routers;  // in the shuffled order
};

// The next `count` adverts of the masters in `from`, each router's in turn.
inline std::vector<Bytes> NextAdverts(BenchRouters& from, size_t count) {
  std::vector<Bytes> buffers(kMaxBurst, Bytes(kMaxFrameBytes));
  std::vector<TxFrame> frames(kMaxBurst);
  for (size_t i = 0; i < kMaxBurst; ++i) frames[i].data = buffers[i].data();
  std::vector<Bytes> adverts;
  while (adverts.size() < count) {
    TxBurst burst(std::span<TxFrame>(frames).first(std::min(kMaxBurst, count - adverts.size())));
    from.shard.shard->Transmit(burst, from.shard.now);
    if (burst.used().empty()) from.shard.now += from.routers[0]->config.machine.advertisement_interval + kTimerTick;
    for (const TxFrame& frame : burst.used()) adverts.emplace_back(frame.data, frame.data + frame.length);
  }
  return adverts;
}

// Frames in a ring of buffers.
class FrameRing {
 public:
  FrameRing() {
    for (size_t i = 0; i < kRingFrames; ++i) frames_[i] = {buffers_[i].data(), 0, PortId(0), {}};
  }
  FrameRing(const FrameRing&) = delete;
  FrameRing& operator=(const FrameRing&) = delete;

  void Write(size_t at, std::span<const uint8_t> bytes) {
    std::memcpy(buffers_[at].data(), bytes.data(), bytes.size());
    frames_[at].length = static_cast<uint16_t>(bytes.size());
  }
  std::span<const Frame> Burst(size_t at) const { return std::span<const Frame>(frames_).subspan(at, kMaxBurst); }

 private:
  struct alignas(64) Buffer : std::array<uint8_t, 2304> {};  // an mbuf's data room and header
  std::vector<Buffer> buffers_ = std::vector<Buffer>(kRingFrames);
  std::array<Frame, kRingFrames> frames_;
};

// Seconds of processor time of `work`, so that other programs on the machine do not count.
template <typename Work>
double Seconds(const Work& work) {
  const auto now = [] {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  };
  const double start = now();
  work();
  return now() - start;
}

}  // namespace dpvrrp
