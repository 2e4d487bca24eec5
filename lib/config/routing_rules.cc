// SPDX-License-Identifier: BSD-3-Clause
#include "config/routing_rules.h"

#include <algorithm>

namespace dpvrrp::config_internal {
namespace {

constexpr uint32_t kLocalTable = 255;  // RT_TABLE_LOCAL

absl::string_view NumberFault(int64_t number) {
  static_assert(UINT32_MAX == 4294967295);
  return number >= 1 && number <= UINT32_MAX ? "" : "must be 1..4294967295";
}

IpAddress FromBytes(Family family, const IpAddress::Bytes& bytes) {
  if (family == Family::kIpv6) return IpAddress::V6(bytes);
  return IpAddress::V4(static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
                       static_cast<uint32_t>(bytes[2]) << 8 | bytes[3]);
}

}  // namespace

IpPrefix Masked(const IpPrefix& prefix) {
  IpAddress::Bytes bytes = prefix.address.bytes();
  for (size_t i = 0; i < prefix.address.size(); ++i) {
    const int kept = std::clamp(prefix.length - static_cast<int>(8 * i), 0, 8);
    bytes[i] = static_cast<uint8_t>(bytes[i] & (0xff00 >> kept));
  }
  return {FromBytes(prefix.address.family(), bytes), prefix.length};
}

IpAddress PrefixDistance(Family family, uint8_t length) {
  IpAddress::Bytes bytes{};
  const int last_bit = length - 1;
  bytes[static_cast<size_t>(last_bit / 8)] = static_cast<uint8_t>(0x80 >> last_bit % 8);
  return FromBytes(family, bytes);
}

absl::string_view GatewayFault(const IpAddress& via, bool has_device) {
  return via.IsLinkLocalV6() && !has_device ? "is link-local, so it needs a device" : "";
}

absl::string_view TableFault(int64_t table) {
  return table == kLocalTable ? "is the kernel's own table of local addresses" : NumberFault(table);
}

absl::string_view RulePriorityFault(int64_t priority) { return NumberFault(priority); }

}  // namespace dpvrrp::config_internal
