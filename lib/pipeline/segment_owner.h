// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "base/types.h"

namespace dpvrrp {

// The worker that owns a segment, as an index among the `workers` (at least one) that serve its port. It is the sum of
// the segment's VIDs modulo `workers`; worker 0 owns the untagged segment.
//
// This is the only place that decides it. Three callers must agree: control, which gives an instance to an lcore; the
// steering of frames to queues; and a worker that received a frame of another worker's segment and hands it over.
//
// Thread: any.
constexpr size_t SegmentOwner(const VlanStack& vlan, size_t workers) {
  return (size_t{vlan.outer} + vlan.inner) % workers;
}

}  // namespace dpvrrp
