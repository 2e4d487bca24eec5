// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "dataplane/dataplane.h"

namespace dpvrrp {

// net_af_packet makes each of its sockets a member of a fanout group, by which the kernel spreads frames over several
// queues. It does so for a port of one queue pair too. The kernel then computes a hash of every frame of the interface
// before it runs the socket's filter, which takes more time than socket and filter together, and it ignores
// PACKET_IGNORE_OUTGOING. No device argument of the driver prevents it (DPDK 22.11, 24.11).
//
// So this library has its own setsockopt(), which the dynamic linker prefers to the one of libc for the whole process.
// It passes every call on to the kernel, except a PACKET_FANOUT after SkipFanout(true): that one succeeds and does
// nothing. If a linker does not prefer it, the sockets are in their groups, and everything works, but slower.
//
// Thread: any.
void SkipFanout(bool skip);

// Whether no net_af_packet port needs fanout: each of them has one queue pair and shares its interface with the kernel.
bool NeedsNoFanout(const DataplaneConfig& config);

}  // namespace dpvrrp
