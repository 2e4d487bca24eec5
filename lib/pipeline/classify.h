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

// A frame on its way through the stages. Pointers look into the frame. Fields that nobody has set yet hold what the
// frame before left in them.
struct Candidate {
  const Frame* frame;
  VirtualRouter* const* place;  // in its segment, of the VRID
  VirtualRouter* router;        // *place, once that has been looked at
  Ipv4Header* ip;
  AhHeader* ah;                      // null: plain VRRP
  std::span<const uint8_t> message;  // the VRRP message by the IP length
  uint32_t sequence;                 // AH
  Vrid vrid;

  IpAddress source() const { return IpAddress::V4(ip->source.host()); }
  const MacAddress& source_mac() const { return reinterpret_cast<const EthernetHeader*>(frame->data)->source; }
};

// Stage 1: Ethernet, VLAN, IPv4, and AH or VRRP up to the VRID, in the order of RFC 3768 7.1 and RFC 2338 7.1
// (conformance V2-11, A-07): the first failure is the answer. On kNone `out` is complete but for `router`. Each step
// that waits for memory of its own is a function of its own, so that a burst can take it together.
//
// Any frame; Classify (common_advert.h) has a shorter way for the common one.
//
// Thread: owning lcore. Allocates nothing, changes nothing.
DropReason ClassifyAny(const Frame& frame, const SegmentTable& segments, Candidate& out);

// The virtual router; kUnknownVrid: none. Requires Classify(...) == kNone.
inline DropReason FindRouter(Candidate& c) {
  c.router = *c.place;
  return c.router != nullptr ? DropReason::kNone : DropReason::kUnknownVrid;
}

// Whether it listens, and to this. Requires FindRouter(...) == kNone.
inline DropReason IsForUs(const Candidate& c) {
  const Inbound& inbound = c.router->inbound;
  if (!inbound.listening) return DropReason::kInstanceInactive;
  if (c.ip->source == inbound.source) return DropReason::kOwnEcho;  // V3-94
  return DropReason::kNone;
}

}  // namespace dpvrrp
