// SPDX-License-Identifier: BSD-3-Clause
//
// Removes the addresses, routes, rules and devices that a daemon left in the kernel.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/time.h"

namespace dpvrrp {

struct ClearedMarks {
  std::vector<std::string> addresses;  // removed: "10.99.0.100/24 on eth0"
  std::vector<std::string> devices;    // removed virtual-MAC devices: "vrrp4.51"
  std::vector<std::string> routing;    // removed: "route 10.50.0.0/16 via 10.99.0.254", "rule iif eth0 table 100 ..."
  absl::Status status;                 // OK: nothing of ours is left; otherwise the first error, and all were tried
};

// Removes every address, route and rule with our mark and every virtual-MAC device (netlink_host.h) from the network
// namespace of the calling thread, which needs CAP_NET_ADMIN. Opens its own sockets, so it works while another thread's
// netlink is blocked. Returns after `longest`, unless the kernel itself blocks a call.
//
// Thread: any.
ClearedMarks ClearMarks(Nanoseconds longest);

}  // namespace dpvrrp
