// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/fanout.h"

#include <linux/if_packet.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "absl/strings/match.h"
#include "base/port_interface.h"

namespace dpvrrp {
namespace {

std::atomic<bool> skip_fanout{false};

}  // namespace

void SkipFanout(bool skip) { skip_fanout.store(skip, std::memory_order_relaxed); }

bool NeedsNoFanout(const DataplaneConfig& config) {
  return std::all_of(config.ports.begin(), config.ports.end(), [](const DataplanePort& port) {
    if (!PortInterfacesOf(port.device).takes_filter) return true;
    return port.kernel == KernelShare::kShared && !absl::StrContains(port.device, "qpairs=");
  });
}

}  // namespace dpvrrp

extern "C" int setsockopt(int fd, int level, int option, const void* value, socklen_t bytes) noexcept {
  if (level == SOL_PACKET && option == PACKET_FANOUT && dpvrrp::skip_fanout.load(std::memory_order_relaxed)) return 0;
  return static_cast<int>(syscall(SYS_setsockopt, fd, level, option, value, bytes));
}
