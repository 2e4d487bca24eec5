// SPDX-License-Identifier: BSD-3-Clause
//
// GoogleTest matchers in terms of the protocol. They take Bytes or Sent (test_shard.h).
#pragma once

#include <gmock/gmock.h>

#include "base/types.h"
#include "support/seen_frame.h"

namespace dpvrrp {

inline const Bytes& FrameOf(const Bytes& frame) { return frame; }

// A well-formed advert to 224.0.0.18 or ff02::12 with TTL 255.
MATCHER_P2(IsAdvert, vrid, priority, "") {
  const Bytes& frame = FrameOf(arg);
  *result_listener << Describe(frame);
  const std::optional<SeenAdvert> seen = SeeAdvert(frame);
  return seen.has_value() && Vrid(seen->vrid) == vrid && Priority(seen->priority) == priority && seen->ttl == 255 &&
         seen->destination == Ip(seen->source.is_v4() ? "224.0.0.18" : "ff02::12");
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

// RFC 9568 6.4.1 and RFC 4861 4.4 (conformance V3-52): to all nodes, Router and Override, not Solicited.
MATCHER_P2(IsUnsolicitedNa, address, mac, "") {
  const Bytes& frame = FrameOf(arg);
  *result_listener << Describe(frame);
  const std::optional<SeenNa> seen = SeeNa(frame);
  return seen.has_value() && seen->destination_mac == Mac("33:33:00:00:00:01") && seen->source_mac == mac &&
         seen->destination == Ip("ff02::1") && seen->hop_limit == 255 && seen->router && !seen->solicited &&
         seen->override_flag && seen->target == address && seen->target_mac == mac;
}

}  // namespace dpvrrp
