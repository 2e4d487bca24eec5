// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/limits.h"
#include "base/types.h"

namespace dpvrrp {

// Whose ICV is computed when a port delivers more than the lcore can verify. Left alone, the port's ring overflows and
// drops the neighbours' adverts with the flood. So once a port has filled kPatience bursts in a row, an ICV is computed
//
//   first   for each likely advert: of a sender that has been authenticated, with a number just above its last one; and
//           for each to a backup that has not heard its master yet, which lasts Master_Down_Interval after a start
//   then    for at most kUnlikelyABurst of the rest, which are new neighbours and the flood; what is beyond ends as
//           `unverified`, counted, at a third of the cost
//
// Thread: owning lcore.
class FloodOrder {
 public:
  // How many bursts: a full receive ring (1,024 frames) twice over, so the lcore has not caught up in between.
  static constexpr uint32_t kPatience = 2048 / kMaxBurst;
  static constexpr size_t kUnlikelyABurst = 8;

  FloodOrder() = default;
  // Computes every ICV whatever comes: to measure what that costs.
  static FloodOrder Never() {
    FloodOrder order;
    order.patience_ = UINT32_MAX;
    return order;
  }

  // How many unlikely adverts of this burst may be verified. A burst that is not full ends the flood.
  size_t UnlikelyAllowed(PortId port, size_t frames) {
    uint32_t& full = full_bursts_[port.value() % full_bursts_.size()];
    full = frames < kMaxBurst ? 0 : std::min(full + 1, patience_);
    return full < patience_ ? kMaxBurst : kUnlikelyABurst;
  }

 private:
  uint32_t patience_ = kPatience;
  std::array<uint32_t, 32> full_bursts_{};  // by port; those beyond share
};

}  // namespace dpvrrp
