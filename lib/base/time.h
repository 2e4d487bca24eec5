// SPDX-License-Identifier: BSD-3-Clause
//
// Time as a value. Nothing below app, io and dataplane reads a clock: `now` is always an argument.
#pragma once

#include <chrono>
#include <cstdint>

namespace dpvrrp {

using Nanoseconds = std::chrono::nanoseconds;
using Centiseconds = std::chrono::duration<int32_t, std::centi>;  // VRRPv3's unit (RFC 9568 5.2.7)

// CLOCK_MONOTONIC as read by dataplane and io. It has no now() on purpose.
struct MonotonicTime {
  using duration = Nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicTime>;
  static constexpr bool is_steady = true;
};
using Instant = MonotonicTime::time_point;

inline constexpr Instant kNever = Instant::max();

}  // namespace dpvrrp
