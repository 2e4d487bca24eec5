// SPDX-License-Identifier: BSD-3-Clause
#include "io/clock.h"

#include <time.h>

#include "base/check.h"

namespace dpvrrp {

Instant MonotonicNow() {
  timespec now{};
  DPVRRP_CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
  return Instant(std::chrono::seconds(now.tv_sec) + Nanoseconds(now.tv_nsec));
}

int64_t UnixMilliseconds() {
  timespec now{};
  DPVRRP_CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace dpvrrp
