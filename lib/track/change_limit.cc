// SPDX-License-Identifier: BSD-3-Clause
#include "track/change_limit.h"

namespace dpvrrp {

Instant ChangeLimit::NextFree() const {
  const Instant oldest = taken_[next_];
  return oldest == Instant::min() ? oldest : oldest + kWindow;
}

bool ChangeLimit::Take(Instant now) {
  if (now < NextFree()) return false;
  taken_[next_] = now;
  next_ = (next_ + 1) % kMost;
  return true;
}

}  // namespace dpvrrp
