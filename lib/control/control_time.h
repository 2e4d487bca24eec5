// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "base/time.h"

namespace dpvrrp {

// Both clocks, read once per turn of the control thread's loop: one for decisions, one for people.
struct ControlTime {
  Instant now{};
  int64_t unix_ms = 0;  // milliseconds since 1970-01-01 UTC; may jump

  // The wall clock at another instant of this run.
  int64_t UnixMsAt(Instant at) const {
    return unix_ms - std::chrono::duration_cast<std::chrono::milliseconds>(now - at).count();
  }
};

}  // namespace dpvrrp
