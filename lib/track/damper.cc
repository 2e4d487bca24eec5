// SPDX-License-Identifier: BSD-3-Clause
#include "track/damper.h"

#include <algorithm>

namespace dpvrrp {

bool Damper::Observe(bool good, Instant now) {
  if (!up_.has_value()) {
    up_ = good;
    return true;
  }
  if (good == *up_) {
    contrary_ = 0;
    changes_at_ = kNever;
    return false;
  }
  ++contrary_;
  if (contrary_ < (good ? rules_.rise : rules_.fall)) return false;
  changes_at_ = std::min(changes_at_, now + (good ? rules_.up_delay : rules_.down_delay));
  return OnTime(now);
}

bool Damper::OnTime(Instant now) {
  if (now < changes_at_) return false;
  changes_at_ = kNever;
  contrary_ = 0;
  up_ = !*up_;
  return true;
}

}  // namespace dpvrrp
