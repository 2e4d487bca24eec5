// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>

namespace dpvrrp {

// The AF_PACKET socket behind a receive queue of a net_af_packet port, by the port's kernel interface. The driver has
// no receive interrupts, but its socket is readable as long as a frame waits in its ring (packet(7)); DPDK does not
// tell the descriptor, so it is found among the process's own: those bound to the interface, in the order in which the
// driver opens its queues. None: there are not so many.
//
// Thread: any.
std::optional<int> FindPacketSocket(uint32_t ifindex, uint16_t queue);

}  // namespace dpvrrp
