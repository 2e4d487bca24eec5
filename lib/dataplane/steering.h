// SPDX-License-Identifier: BSD-3-Clause
//
// The port's own filters (rte_flow) that bring a segment's adverts to the queue of the worker that owns it. They only
// save work: a frame that they miss is handed over by the worker that finds it.
//
// Thread of all: control, while the port runs.
#pragma once

#include <cstdint>

#include "base/types.h"

namespace dpvrrp {

// Whether the port takes a filter "VLAN -> queue 1"; it must have been started with two queues at least.
bool CanSteer(PortId port);

// Sends frames to 224.0.0.18's group address (or where the port cannot match it, all frames) with exactly these tags to
// `queue`, until the port is closed. False: the port refuses, probably for want of room.
bool SteerSegment(PortId port, const VlanStack& vlan, uint16_t queue);

}  // namespace dpvrrp
