// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/address.h"

namespace dpvrrp::config_internal {

// Whether the prefix is a single address: /32, or /128 in IPv6.
inline bool IsHostRoute(const IpPrefix& prefix) { return prefix.length == (prefix.address.is_v4() ? 32 : 128); }

// Whether `address` has the family of `prefix` and is in its subnet. Thread: any (pure).
bool InSubnet(const IpAddress& address, const IpPrefix& prefix);

}  // namespace dpvrrp::config_internal
