// SPDX-License-Identifier: BSD-3-Clause
//
// The limit of changes that one track may cause: kMost in every second. A flapping track would otherwise cause a storm
// of transitions.
//
// Pure: time is an argument and never decreases. Thread: any (values).
#pragma once

#include <array>
#include <chrono>
#include <cstddef>

#include "base/time.h"

namespace dpvrrp {

class ChangeLimit {
 public:
  static constexpr size_t kMost = 4;
  static constexpr Nanoseconds kWindow = std::chrono::seconds(1);

  ChangeLimit() { taken_.fill(Instant::min()); }

  // False: there were kMost changes in the last second; try again at NextFree().
  bool Take(Instant now);
  Instant NextFree() const;

 private:
  std::array<Instant, kMost> taken_;  // the times of the last changes, the oldest at next_
  size_t next_ = 0;
};

}  // namespace dpvrrp
