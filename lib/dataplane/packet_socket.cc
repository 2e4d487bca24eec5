// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/packet_socket.h"

#include <linux/if_packet.h>
#include <sys/socket.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <system_error>

namespace dpvrrp {

std::optional<int> FindPacketSocket(uint32_t ifindex, uint16_t queue) {
  std::set<int> bound;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
    const int fd = std::atoi(entry.path().filename().c_str());
    sockaddr_ll address{};
    socklen_t bytes = sizeof(address);
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &bytes) != 0) continue;
    if (address.sll_family == AF_PACKET && static_cast<uint32_t>(address.sll_ifindex) == ifindex) bound.insert(fd);
  }
  if (queue >= bound.size()) return std::nullopt;
  return *std::next(bound.begin(), queue);
}

}  // namespace dpvrrp
