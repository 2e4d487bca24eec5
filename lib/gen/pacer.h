// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "base/time.h"

namespace dpvrrp {

// Spreads frames evenly: frame n, from 0, is due at start + n * period / per_period. A frame that is sent late does not
// move the later ones.
//
// Thread: any (a value).
class Pacer {
 public:
  // `per_period` 0: every frame is due from the start on. `period` times `per_period` must be below 2^63 ns.
  Pacer(Instant start, Nanoseconds period, uint64_t per_period)
      : start_(start), period_(period), per_period_(per_period) {}

  Instant TimeOf(uint64_t n) const;
  // The number of frames that are due at `now` or before.
  uint64_t DueBy(Instant now) const;

 private:
  Instant start_;
  Nanoseconds period_;
  uint64_t per_period_;
};

}  // namespace dpvrrp
