// SPDX-License-Identifier: BSD-3-Clause
#include "config/instance_rules.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace dpvrrp::config_internal {
namespace {

constexpr size_t kMaxNameBytes = 63;
constexpr size_t kMaxInterfaceNameBytes = 15;  // Linux: IFNAMSIZ less the final zero

bool IsNameCharacter(char c) { return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-'; }

bool IsUnicast(const IpAddress& address) {
  if (address.IsUnspecified() || address.IsMulticast()) return false;
  return !address.is_v4() || (address.v4() != 0xffffffff && address.v4() >> 24 != 127);
}

}  // namespace

absl::string_view NameFault(absl::string_view name) {
  static_assert(kMaxNameBytes == 63);
  const bool good =
      !name.empty() && name.size() <= kMaxNameBytes && std::all_of(name.begin(), name.end(), IsNameCharacter);
  return good ? "" : "must be 1..63 of the characters A-Z a-z 0-9 . _ -";
}

absl::string_view InterfaceNameFault(absl::string_view name) {
  const auto is_bad = [](char c) { return c == '/' || c == ':' || absl::ascii_isspace(c) || absl::ascii_iscntrl(c); };
  const bool good = !name.empty() && name.size() <= kMaxInterfaceNameBytes && name != "." && name != ".." &&
                    std::none_of(name.begin(), name.end(), is_bad);
  return good ? "" : "must be an interface name: 1..15 bytes without '/', ':' or white space";
}

absl::string_view HostAddressFault(const IpAddress& address) {
  if (!address.is_v4()) return "must be IPv4, VRRPv2 knows nothing else (RFC 3768 1.2)";
  return IsUnicast(address) ? "" : "must be a unicast address";
}

absl::string_view SourceFault(const InstanceConfig& config) {
  const auto& addresses = config.virtual_addresses;
  if (config.priority == kPriorityOwner ||
      std::none_of(addresses.begin(), addresses.end(),
                   [&](const VirtualAddress& a) { return a.prefix.address == config.source_address; })) {
    return "";
  }
  return "is a virtual address, which only the owner, priority 255, may send from (RFC 3768 5.2.1)";
}

}  // namespace dpvrrp::config_internal
