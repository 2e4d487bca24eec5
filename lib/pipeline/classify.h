// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>

#include "base/drop_reason.h"
#include "pipeline/frame.h"
#include "pipeline/segment.h"
#include "wire/ah.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/vrrp.h"

namespace dpvrrp {

// A frame on its way through the stages. Pointers look into the frame. Until `router` is set nothing behind it is;
// fields that nobody has set yet hold what the frame before left in them.
struct Candidate {
  const Frame* frame;
  VirtualRouter* router;
  Ipv4Header* ip;
  AhHeader* ah;                      // null: plain VRRP
  std::span<const uint8_t> message;  // the VRRP message by the IP length
  uint32_t sequence;                 // AH
  Vrid vrid;

  IpAddress source() const { return IpAddress::V4(ip->source.host()); }
  const MacAddress& source_mac() const { return reinterpret_cast<const EthernetHeader*>(frame->data)->source; }
};

// Stage 1: Ethernet, VLAN, IPv4, and AH or VRRP up to the instance, in the order of RFC 3768 7.1 and RFC 2338 7.1
// (conformance V2-11, A-07): the first failure is the answer. On kNone `out` is complete. `out.router` is set as soon
// as it is known, so that later reasons are counted against the instance too, and null until then.
//
// Whether the instance listens at all is not asked yet (IsForUs): that would wait for its memory.
//
// Thread: owning lcore. Allocates nothing, changes nothing.
DropReason Classify(const Frame& frame, const SegmentTable& segments, Candidate& out);
// The same without the short way for the common frame (common_advert.h); for that one's test.
DropReason ClassifyAny(const Frame& frame, const SegmentTable& segments, Candidate& out);

// Stage 1, second half. Requires Classify(...) == kNone.
inline DropReason IsForUs(const Candidate& c) {
  const Inbound& inbound = c.router->inbound;
  if (!inbound.listening) return DropReason::kInstanceInactive;
  if (c.ip->source == inbound.source) return DropReason::kOwnEcho;  // V3-94
  return DropReason::kNone;
}

}  // namespace dpvrrp
