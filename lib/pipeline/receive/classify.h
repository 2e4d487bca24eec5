// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>

#include "base/drop_reason.h"
#include "pipeline/frame.h"
#include "pipeline/segment.h"
#include "wire/ah.h"
#include "wire/auth_trailer.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/vrrp.h"

namespace dpvrrp {

// A frame on its way through the stages. Pointers look into the frame. Fields that are not set yet hold the
// values of an earlier frame.
struct Candidate {
  const Frame* frame;
  VirtualRouter* const* place;  // in its segment, of the VRID
  VirtualRouter* router;        // *place, once that has been looked at
  union {
    Ipv4Header* ip;  // if is_v4
    Ipv6Header* ip6;
  };
  AhHeader* ah;                      // null: plain VRRP
  std::span<const uint8_t> message;  // the VRRP message by the IP length, less the trailer
  uint32_t sequence;                 // AH
  Vrid vrid;
  bool is_v4;
  bool to_vrrp_group_v4;  // destination 224.0.0.18, TTL 255
  bool has_trailer;       // behind the message, to an instance that knows such

  IpAddress source() const { return is_v4 ? IpAddress::V4(ip->source.host()) : IpAddress::V6(ip6->source); }
  IpAddress destination() const {
    return is_v4 ? IpAddress::V4(ip->destination.host()) : IpAddress::V6(ip6->destination);
  }
  const AuthTrailer& trailer() const { return *reinterpret_cast<const AuthTrailer*>(message.data() + message.size()); }
  // Bytes behind the message that its checksum covers.
  size_t checked_behind() const { return has_trailer && !is_v4 ? sizeof(AuthTrailer) : 0; }
  uint8_t version() const { return message[0] >> 4; }  // VRRP's
  uint8_t ttl() const { return is_v4 ? ip->ttl : ip6->hop_limit; }
  const MacAddress& source_mac() const { return reinterpret_cast<const EthernetHeader*>(frame->data)->source; }
};
static_assert(sizeof(Candidate) <= 64);  // one cache line

// Stage 1: Ethernet, VLAN, IP, and AH or VRRP up to the VRID, in the order of RFC 9568 7.1, RFC 3768 7.1 and RFC 2338
// 7.1 (conformance V3-100, V2-11, A-07): the first failure is the answer. On kNone `out` is complete but for `router`.
// Each step that waits for memory of its own is a function of its own, so that a burst can take it together.
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

// Source, destination and TTL against the instance's, whatever they are. Requires FindRouter(...) == kNone.
DropReason CheckAddressing(const Candidate& c);

// Whether it listens, and to this. Requires FindRouter(...) == kNone.
inline DropReason IsForUs(const Candidate& c) {
  const Inbound& inbound = c.router->inbound;
  if (!inbound.listening) return DropReason::kInstanceInactive;
  if (!c.to_vrrp_group_v4 || inbound.addressing != Addressing::kUsual) return CheckAddressing(c);
  if (c.ip->source == inbound.source) return DropReason::kOwnEcho;  // V3-94
  return DropReason::kNone;
}

}  // namespace dpvrrp
