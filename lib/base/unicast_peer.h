// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "base/address.h"

namespace dpvrrp {

// A router that gets an instance's adverts by unicast, and from which they are taken.
//
// Thread: any (a value).
struct UnicastPeer {
  IpAddress address;
  IpAddress next_hop;     // whose Ethernet address frames to it bear: its own, or a gateway's on the segment
  uint8_t min_ttl = 255;  // the TTLs (hop limits) its adverts may arrive with
  uint8_t max_ttl = 255;

  friend bool operator==(const UnicastPeer&, const UnicastPeer&) = default;
};

}  // namespace dpvrrp
