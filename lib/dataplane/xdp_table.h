// SPDX-License-Identifier: BSD-3-Clause
//
// The selection of a port that it shares with the kernel, in the form in which its XDP program reads it (xdp_layout.h).
// Pure.
#pragma once

#include <string>
#include <vector>

#include "dataplane/traffic_filter.h"
#include "dataplane/xdp_layout.h"

namespace dpvrrp {

// The longest list that the program compares address by address.
inline constexpr size_t kMaxXdpListed = 4096;

// Fills the table that is not in force, and puts it in force. Each frame is judged by one of the two. Returns the kinds
// of which every frame is selected, because their list is longer than kMaxXdpListed or the table has no room near the
// place of an address: "ARP", "IPv6 AH".
//
// Thread: control, the only writer. The program reads meanwhile.
std::vector<std::string> PutInForce(const TrafficSelection& selection, dpvrrp_xdp_selection& shared);

}  // namespace dpvrrp
