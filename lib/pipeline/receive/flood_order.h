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

// How many ICVs of one burst may be computed in a flood.
struct FloodShare {
  bool engaged = false;      // a flood is under way; false: every ICV is computed
  size_t unlikely_left = 0;  // how many unlikely adverts may still be verified
  uint32_t burst = 0;        // number of the burst, different from that of all recent bursts
};

// The queue that a burst was received from.
struct BurstSource {
  size_t queue = 0;   // a port's number, or kHandoffQueue
  bool full = false;  // it has as many frames as were asked for: more may wait behind them
};
inline constexpr size_t kHandoffQueue = 32;  // frames handed over by other workers; above every port's number

// Chooses the adverts whose ICV is computed while a port delivers more than the lcore can verify. Without a choice, the
// port's ring overflows and drops the neighbours' adverts together with the flood.
//
// A flood is engaged when a queue has filled kPatience bursts in a row. It lasts kHold beyond the last full burst:
// while adverts are skipped the ring drains, and this must not end the flood at once. In a flood these ICVs are
// computed:
//
//   likely    adverts of an authenticated sender with a number just above its last one, and adverts to a backup that
//             did not hear its master yet (for Master_Down_Interval after a start). At most kLikelyOfAnInstance for
//             each instance and burst: an attacker who listens can forge likely adverts of one instance, and the other
//             instances must not pay for it
//   unlikely  at most kUnlikelyABurst of the others, which are new neighbours and the flood. The rest ends as
//             `unverified`, at a third of the cost
//
// Thread: owning lcore.
class FloodOrder {
 public:
  // Full bursts in a row: two full receive rings (1,024 frames each), so the lcore did not catch up in between.
  static constexpr uint32_t kPatience = 2048 / kMaxBurst;
  static constexpr Nanoseconds kHold = std::chrono::seconds(1);
  static constexpr size_t kUnlikelyABurst = 8;
  static constexpr uint8_t kLikelyOfAnInstance = 16;

  FloodOrder() = default;
  // Computes every ICV, also in a flood: to measure what a flood costs.
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
