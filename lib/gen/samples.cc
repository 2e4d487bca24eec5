// SPDX-License-Identifier: BSD-3-Clause
#include "gen/samples.h"

#include <algorithm>

#include "base/check.h"

namespace dpvrrp {

void Samples::Add(Nanoseconds value) {
  if (values_.size() == kMaxSamples) {
    ++lost_;
    return;
  }
  sorted_ = false;
  values_.push_back(value);
}

Nanoseconds Samples::At(int permille) const {
  DPVRRP_CHECK(!values_.empty());
  if (!sorted_) std::sort(values_.begin(), values_.end());
  sorted_ = true;
  const size_t place = values_.size() * static_cast<size_t>(permille) / 1000;
  return values_[std::min(place, values_.size() - 1)];
}

}  // namespace dpvrrp
