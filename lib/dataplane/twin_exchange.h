// SPDX-License-Identifier: BSD-3-Clause
//
// A worker's frames to and from the twins of its ports.
//
//   up    strangers of a received burst (Shard::Receive) --> queue --> write() to the twin's descriptor
//   down  read() from the twin's descriptor --> buffers of the worker's pool, which the loop sends on the port
//
// One system call for each frame: a TAP device has no others.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/counter.h"
#include "base/limits.h"
#include "base/time.h"
#include "base/types.h"
#include "pipeline/segment.h"

struct rte_mbuf;
struct rte_mempool;

namespace dpvrrp {

inline constexpr size_t kTwinDepth = 256;  // frames that wait for the twins; others are dropped, counted
inline constexpr size_t kTwinBurst = 32;   // frames from a twin in a turn
// A turn passes frames no longer than this in each direction, so that adverts wait no longer.
inline constexpr Nanoseconds kLongestTwinShare = std::chrono::microseconds(200);
// After a twin had nothing to read, it is not asked again for this time, because asking is a system call.
inline constexpr Nanoseconds kTwinPause = std::chrono::microseconds(5);

// A worker's share of the twin of a port. Counts are frames.
//
// written by: the worker lcore; read by: control, at any time
struct alignas(64) TwinCounters {
  Counter up;            // the kernel took them
  Counter up_dropped;    // kTwinDepth frames waited
  Counter up_refused;    // the kernel did not take them: the twin is set down, or there is no memory
  Counter down;          // the port took them
  Counter down_dropped;  // the port was closed, or did not take them
  Counter down_too_long;
};

// Thread: the lcore; counters(): any. AddTwin(): control, before the loop runs.
class TwinExchange {
 public:
  explicit TwinExchange(rte_mempool& pool) : pool_(pool) { descriptors_.fill(-1); }
  TwinExchange(const TwinExchange&) = delete;
  TwinExchange& operator=(const TwinExchange&) = delete;

  void AddTwin(PortId port, int descriptor) {
    descriptors_[port.value()] = descriptor;
    ++twins_;
  }
  bool any() const { return twins_ > 0; }
  TwinCounters& counters(PortId port) { return counters_[port.value()]; }
  const TwinCounters& counters(PortId port) const { return counters_[port.value()]; }

  // Takes the frames of a burst whose bit is set and whose port (mbuf->port) has a twin. The others move to the front.
  // Returns them, with those that found no room.
  std::span<rte_mbuf*> Take(std::span<rte_mbuf*> mbufs, uint64_t strangers);
  // Writes waiting frames, as many as a turn may. Returns their number.
  size_t WriteUp(Instant now);
  // Fills `out` with frames from the port's twin. Returns their number.
  size_t ReadDown(PortId port, std::span<rte_mbuf*, kTwinBurst> out, Instant now);
  void FreeAll();  // at the end

 private:
  void Write(rte_mbuf* mbuf);
  bool Refill();

  rte_mempool& pool_;
  size_t twins_ = 0;
  std::array<int, kMaxPorts> descriptors_;  // -1: the port has no twin
  std::array<TwinCounters, kMaxPorts> counters_{};
  std::array<Instant, kMaxPorts> read_at_{};  // not before
  std::array<rte_mbuf*, kTwinDepth> waiting_{};
  size_t first_ = 0;
  size_t count_ = 0;
  std::array<rte_mbuf*, kTwinBurst> spare_{};  // buffers to read into
  size_t spare_count_ = 0;
};

}  // namespace dpvrrp
