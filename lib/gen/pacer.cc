// SPDX-License-Identifier: BSD-3-Clause
#include "gen/pacer.h"

namespace dpvrrp {

Instant Pacer::TimeOf(uint64_t n) const {
  if (per_period_ == 0) return start_;
  const auto periods = static_cast<int64_t>(n / per_period_);
  const auto rest = static_cast<int64_t>(n % per_period_);
  return start_ + periods * period_ + rest * period_ / static_cast<int64_t>(per_period_);
}

uint64_t Pacer::DueBy(Instant now) const {
  if (now < start_) return 0;
  if (per_period_ == 0) return UINT64_MAX;
  const Nanoseconds elapsed = now - start_;
  const auto periods = static_cast<uint64_t>(elapsed / period_);
  const auto rest = static_cast<uint64_t>((elapsed % period_).count());
  uint64_t due = periods * per_period_ + rest * per_period_ / static_cast<uint64_t>(period_.count());
  // TimeOf() rounds down, so the next frame may be due already.
  while (TimeOf(due) <= now) ++due;
  return due;
}

}  // namespace dpvrrp
