// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "base/address.h"

namespace dpvrrp {

// A router to which an instance sends its adverts by unicast, and whose adverts it accepts.
//
// Thread: any (a value).
struct UnicastPeer {
  IpAddress address;
  IpAddress
      next_hop;  // its Ethernet address is the destination of the frames: the peer itself, or a gateway on the segment
  uint8_t min_ttl = 255;  // range of the TTL (hop limit) of its adverts on arrival
  uint8_t max_ttl = 255;

  friend bool operator==(const UnicastPeer&, const UnicastPeer&) = default;
};

}  // namespace dpvrrp
