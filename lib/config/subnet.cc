// SPDX-License-Identifier: BSD-3-Clause
#include "config/subnet.h"

#include <cstdint>

namespace dpvrrp::config_internal {

bool InSubnet(const IpAddress& address, const IpPrefix& prefix) {
  if (address.family() != prefix.address.family()) return false;
  if (address.is_v4()) {
    const uint32_t differs = address.v4() ^ prefix.address.v4();
    return prefix.length == 0 || differs >> (32 - prefix.length) == 0;
  }
  const IpAddress::Bytes a = address.bytes(), b = prefix.address.bytes();
  for (int bit = 0; bit < prefix.length; ++bit) {
    const auto at = static_cast<size_t>(bit / 8);
    if (((a[at] ^ b[at]) >> (7 - bit % 8) & 1) != 0) return false;
  }
  return true;
}

}  // namespace dpvrrp::config_internal
