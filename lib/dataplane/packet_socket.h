// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>

namespace dpvrrp {

// The AF_PACKET socket of a receive queue of a net_af_packet port, found by the port's kernel interface. The driver has
// no receive interrupts, but its socket is readable while a frame waits in its ring (packet(7)). DPDK does not report
// the descriptor. So it is found among the process's descriptors: the sockets bound to the interface, in the order in
// which the driver opens its queues. Returns none if there are fewer sockets.
//
// Thread: any.
std::optional<int> FindPacketSocket(uint32_t ifindex, uint16_t queue);

}  // namespace dpvrrp
