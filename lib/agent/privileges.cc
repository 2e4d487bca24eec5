// SPDX-License-Identifier: BSD-3-Clause
#include "agent/privileges.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace dpvrrp::internal {
namespace {

absl::Status SetEffective(uint64_t wanted) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (syscall(SYS_capget, &header, sets.data()) != 0) return absl::ErrnoToStatus(errno, "capget");
  for (size_t word = 0; word < sets.size(); ++word) {
    sets[word].effective = sets[word].permitted & static_cast<uint32_t>(wanted >> word * 32);
  }
  if (syscall(SYS_capset, &header, sets.data()) != 0) return absl::ErrnoToStatus(errno, "capset");
  return absl::OkStatus();
}

}  // namespace

absl::Status LimitCapabilities(std::span<const int> kept) {
  uint64_t wanted = 0;
  for (const int capability : kept) wanted |= uint64_t{1} << capability;
  return SetEffective(wanted);
}

absl::Status RestoreCapabilities() { return SetEffective(~uint64_t{0}); }

}  // namespace dpvrrp::internal
