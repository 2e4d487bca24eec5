// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "base/time.h"

namespace dpvrrp::sim {

// SplitMix64 (Steele, Lea, Flood 2014). Ours and not the library's, so that a seed means the same on every machine.
class Prng {
 public:
  explicit Prng(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // Both ends included. The bias of the remainder is below 2^-40 for the ranges used here.
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Next() % static_cast<uint64_t>(high - low + 1));
  }
  Nanoseconds Between(Nanoseconds low, Nanoseconds high) { return Nanoseconds(Between(low.count(), high.count())); }
  bool OneIn(int64_t n) { return Between(1, n) == 1; }
  bool Percent(int64_t percent) { return Between(1, 100) <= percent; }
  // A separate generator, so that more draws in one place change nothing in another.
  Prng Split() { return Prng(Next()); }

 private:
  uint64_t state_;
};

}  // namespace dpvrrp::sim
