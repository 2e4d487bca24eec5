// SPDX-License-Identifier: BSD-3-Clause
//
// The AF_PACKET sockets of a net_af_packet port. DPDK does not report their descriptors. So they are found among the
// process's descriptors: the sockets bound to the port's kernel interface, in the order in which the driver opens its
// queues.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"

namespace dpvrrp {

// The sockets that are bound to an interface, by ascending descriptor.
//
// Thread of all: any.
std::vector<int> FindPacketSockets(uint32_t ifindex);

// The socket of a receive queue. The driver has no receive interrupts, but its socket is readable while a frame waits
// in its ring (packet(7)). Returns none if there are fewer sockets.
std::optional<int> FindPacketSocket(uint32_t ifindex, uint16_t queue);

// From now on the kernel delivers only the frames that the classic BPF program selects, to its return value in bytes.
// Replaces an earlier program; each frame is judged by one of the two. Frames in the socket's ring stay. An empty
// program: every frame is delivered again.
absl::Status SetPacketFilter(int socket, std::span<const sock_filter> program);

// From now on the kernel does not deliver the frames that this host sends on the interface, or delivers them again. A
// kernel before 4.20 always delivers them.
void IgnoreOutgoing(int socket, bool ignore);

// The number of frames that found no room in the socket's ring since the last call (PACKET_STATISTICS). Frames that the
// program did not select do not count.
uint32_t TakePacketDrops(int socket);

}  // namespace dpvrrp
