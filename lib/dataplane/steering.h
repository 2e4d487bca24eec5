// SPDX-License-Identifier: BSD-3-Clause
//
// The port's own filters (rte_flow), which put a segment's adverts into the queue of the worker that owns the segment.
// They only save work: the worker that finds another frame hands it over.
//
// Thread of all functions: control, while the port runs.
#pragma once

#include <cstdint>

#include "base/types.h"
#include "dataplane/dataplane.h"

namespace dpvrrp {

// Whether the port accepts a filter "VLAN -> queue 1". The port must have been started with at least two queues.
bool CanSteer(DpdkPort port);

// Sends frames to 224.0.0.18's group address with exactly these tags to `queue`, until the port is closed; if the port
// cannot match the address, all frames with these tags. False: the port refuses, probably for lack of room.
bool SteerSegment(DpdkPort port, const VlanStack& vlan, uint16_t queue);

}  // namespace dpvrrp
