// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"

namespace dpvrrp {

inline constexpr size_t kMaxSamples = 1 << 20;  // of one distribution; more are only counted

// Measured times. Keeps each, so that percentiles are exact.
//
// Thread: one.
class Samples {
 public:
  void Add(Nanoseconds value);

  size_t size() const { return values_.size(); }
  uint64_t lost() const { return lost_; }  // found kMaxSamples
  bool empty() const { return values_.empty(); }
  // The smallest value that a share of `permille` of all do not exceed: 500 is the median, 1000 the maximum, 0 the
  // minimum. Requires !empty().
  Nanoseconds At(int permille) const;
  const std::vector<Nanoseconds>& values() const { return values_; }

 private:
  mutable std::vector<Nanoseconds> values_;  // sorted by At()
  mutable bool sorted_ = true;
  uint64_t lost_ = 0;
};

}  // namespace dpvrrp
