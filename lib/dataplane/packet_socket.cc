// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/packet_socket.h"

#include <linux/if_packet.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace dpvrrp {

std::vector<int> FindPacketSockets(uint32_t ifindex) {
  std::vector<int> bound;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
    const int fd = std::atoi(entry.path().filename().c_str());
    sockaddr_ll address{};
    socklen_t bytes = sizeof(address);
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &bytes) != 0) continue;
    if (address.sll_family == AF_PACKET && static_cast<uint32_t>(address.sll_ifindex) == ifindex) bound.push_back(fd);
  }
  std::sort(bound.begin(), bound.end());
  return bound;
}

std::optional<int> FindPacketSocket(uint32_t ifindex, uint16_t queue) {
  const std::vector<int> bound = FindPacketSockets(ifindex);
  if (queue >= bound.size()) return std::nullopt;
  return bound[queue];
}

absl::Status SetPacketFilter(int socket, std::span<const sock_filter> program) {
  if (program.empty()) {
    const int unused = 0;
    if (setsockopt(socket, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused) == 0 || errno == ENOENT) {
      return absl::OkStatus();
    }
    return absl::ErrnoToStatus(errno, "cannot remove the filter of a packet socket");
  }
  // The kernel copies the program and does not change it.
  const sock_fprog value{static_cast<unsigned short>(program.size()), const_cast<sock_filter*>(program.data())};
  if (setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &value, sizeof value) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, "cannot set the filter of a packet socket");
}

void IgnoreOutgoing(int socket, bool ignore) {
  const int value = ignore ? 1 : 0;
  [[maybe_unused]] const int ignored = setsockopt(socket, SOL_PACKET, PACKET_IGNORE_OUTGOING, &value, sizeof value);
}

uint32_t TakePacketDrops(int socket) {
  tpacket_stats counts{};  // since the last call: reading clears them
  socklen_t bytes = sizeof counts;
  return getsockopt(socket, SOL_PACKET, PACKET_STATISTICS, &counts, &bytes) == 0 ? counts.tp_drops : 0;
}

}  // namespace dpvrrp
