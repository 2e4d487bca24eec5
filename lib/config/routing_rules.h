// SPDX-License-Identifier: BSD-3-Clause
//
// The rules for values of virtual_routes and virtual_rules, which are written in the file or made by a [[template]].
// A function whose name ends with Fault returns the rule that is broken, or an empty text.
//
// Thread: any (pure).
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"
#include "base/address.h"

namespace dpvrrp::config_internal {

// The prefix without the bits that are outside of its length. The kernel refuses such bits in a route.
IpPrefix Masked(const IpPrefix& prefix);
// The distance from one prefix of this length to the next: 0.0.1.0 for /24. Requires a length above 0.
IpAddress PrefixDistance(Family family, uint8_t length);

absl::string_view GatewayFault(const IpAddress& via, bool has_device);  // of a route
absl::string_view TableFault(int64_t table);
absl::string_view RulePriorityFault(int64_t priority);

}  // namespace dpvrrp::config_internal
