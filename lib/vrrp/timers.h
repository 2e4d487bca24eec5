// SPDX-License-Identifier: BSD-3-Clause
//
// The arithmetic of RFC 3768 6.1 and RFC 9568 6.1, in nanoseconds. At 10 ms intervals, centiseconds would round every
// skew to zero and backups would tie (conformance A3, V2-09).
//
// Thread: any.
#pragma once

#include "base/time.h"
#include "base/types.h"

namespace dpvrrp {

// Skew_Time. VRRPv2: (256 - priority) / 256 seconds, whatever the interval. VRRPv3: the same fraction of the master's
// advertisement interval.
constexpr Nanoseconds SkewTime(VrrpVersion version, Priority priority, Nanoseconds master_interval) {
  const Nanoseconds unit = version == VrrpVersion::kV2 ? Nanoseconds(std::chrono::seconds(1)) : master_interval;
  return unit * (256 - priority.value()) / 256;
}

// Master_Down_Interval: `intervals` intervals, three by the RFCs, plus the skew.
constexpr Nanoseconds MasterDownInterval(VrrpVersion version, Priority priority, Nanoseconds master_interval,
                                         int intervals = 3) {
  return intervals * master_interval + SkewTime(version, priority, master_interval);
}

}  // namespace dpvrrp
