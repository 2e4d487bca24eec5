// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "base/types.h"

namespace dpvrrp {

// Which of the `workers` (at least one) that serve a port owns a segment of it: the remainder of the sum of its VIDs.
// Untagged segments are the first worker's. Everybody asks here: who tells an lcore of an instance, who steers frames,
// and who finds a frame of somebody else's in his queue.
//
// Thread: any.
constexpr size_t SegmentOwner(const VlanStack& vlan, size_t workers) {
  return (size_t{vlan.outer} + vlan.inner) % workers;
}

}  // namespace dpvrrp
