// SPDX-License-Identifier: BSD-3-Clause
//
// GoogleTest matchers that speak the protocol. They take Bytes or Sent (test_shard.h).
#pragma once

#include <gmock/gmock.h>

#include "base/types.h"
#include "support/seen_frame.h"

namespace dpvrrp {

inline const Bytes& FrameOf(const Bytes& frame) { return frame; }

// A well-formed VRRPv2 advert to 224.0.0.18 with TTL 255.
MATCHER_P2(IsAdvert, vrid, priority, "") {
  const Bytes& frame = FrameOf(arg);
  *result_listener << Describe(frame);
  const std::optional<SeenAdvert> seen = SeeAdvert(frame);
  return seen.has_value() && Vrid(seen->vrid) == vrid && Priority(seen->priority) == priority && seen->ttl == 255 &&
         seen->destination == IpAddress::V4(0xe0000012);
}

// The same with AH and this sequence number.
MATCHER_P3(IsAhAdvert, vrid, priority, sequence, "") {
  const Bytes& frame = FrameOf(arg);
  *result_listener << Describe(frame);
  const std::optional<SeenAdvert> seen = SeeAdvert(frame);
  return seen.has_value() && Vrid(seen->vrid) == vrid && Priority(seen->priority) == priority && seen->ttl == 255 &&
         seen->sequence == std::optional<uint32_t>(sequence);
}

// RFC 9568 6.4.1 with errata 7947 and 7949 (conformance V3-51).
MATCHER_P2(IsGratuitousArp, address, mac, "") {
  const Bytes& frame = FrameOf(arg);
  *result_listener << Describe(frame);
  const std::optional<SeenArp> seen = SeeArp(frame);
  return seen.has_value() && seen->destination_mac == kBroadcastMac && seen->source_mac == mac &&
         seen->operation == 1 && seen->sender_mac == mac && seen->target_mac == mac && seen->sender == address &&
         seen->target == address;
}

}  // namespace dpvrrp
