// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/limits.h"
#include "base/time.h"
#include "base/types.h"

namespace dpvrrp {

// A burst's share of verification in a flood.
struct FloodShare {
  bool engaged = false;      // false: everybody is verified
  size_t unlikely_left = 0;  // so many unlikely adverts may still be verified
  uint32_t burst = 0;        // no other recent burst's number
};

// Where a burst came from.
struct BurstSource {
  size_t queue = 0;   // a port's number, or kHandoffQueue
  bool full = false;  // as many frames as were asked for: there may be more behind them
};
inline constexpr size_t kHandoffQueue = 32;  // of other workers; beyond all ports

// Whose ICV is computed when a port delivers more than the lcore can verify. Left alone, the port's ring overflows and
// drops the neighbours' adverts with the flood. So once a queue has filled kPatience bursts in a row, and for kHold
// from then on (skipping drains the ring, and must not end itself), an ICV is computed
//
//   first   for each likely advert: of a sender that has been authenticated, with a number just above the last; and for
//           each to a backup that has not heard its master yet, which lasts Master_Down_Interval after a start. But for
//           no more than kLikelyOfAnInstance a burst: who listens can forge likely ones of an instance, and that must
//           not cost the others
//   then    for at most kUnlikelyABurst of the rest, which are new neighbours and the flood; what is beyond ends as
//           `unverified`, counted, at a third of the cost
//
// Thread: owning lcore.
class FloodOrder {
 public:
  // How many bursts: a full receive ring (1,024 frames) twice over, so the lcore has not caught up in between.
  static constexpr uint32_t kPatience = 2048 / kMaxBurst;
  static constexpr Nanoseconds kHold = std::chrono::seconds(1);
  static constexpr size_t kUnlikelyABurst = 8;
  static constexpr uint8_t kLikelyOfAnInstance = 16;

  FloodOrder() = default;
  // Computes every ICV whatever comes: to measure what that costs.
  static FloodOrder Never() {
    FloodOrder order;
    order.patience_ = UINT32_MAX;
    return order;
  }

  FloodShare ShareOf(const BurstSource& source, Instant now) {
    Queue& queue = queues_[source.queue % queues_.size()];
    queue.full = source.full ? std::min(queue.full + 1, patience_) : 0;
    if (queue.full == patience_) queue.until = now + kHold;
    return {.engaged = now < queue.until, .unlikely_left = kUnlikelyABurst, .burst = ++burst_};
  }

 private:
  struct Queue {
    uint32_t full = 0;  // bursts in a row
    Instant until{};
  };
  uint32_t patience_ = kPatience;
  uint32_t burst_ = 0;
  std::array<Queue, kHandoffQueue + 1> queues_{};
};

}  // namespace dpvrrp
