// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>

#include "pipeline/frame.h"
#include "wire/arp.h"
#include "wire/ethernet.h"
#include "wire/igmp.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/ndisc.h"

namespace dpvrrp {

// A received frame that is not VRRP, parsed as far as the responder needs it: ARP, neighbour discovery, echo requests,
// queries of IGMP and MLD. Pointers point into the frame. `kind` says which fields are set; the others are null or
// empty.
struct HostFrame {
  enum class Kind : uint8_t {
    kOther,      // any other traffic
    kMalformed,  // by its headers one of the kinds below, but its content breaks the RFC
    kArp,        // sets arp
    kNd,         // sets ip6 and nd: a neighbour solicitation or advertisement
    kEchoV4,     // sets ip4 and message: ICMP type 8; its checksum is not checked yet
    kEchoV6,     // sets ip6 and message: ICMPv6 type 128; its checksum is not checked yet
    kQuery,      // sets query: of IGMP or MLD
  };
  Kind kind = Kind::kOther;
  PortId port{};
  VlanStack vlan;  // of the segment
  MacAddress destination;
  MacAddress source;
  const ArpPacket* arp = nullptr;
  const Ipv4Header* ip4 = nullptr;
  const Ipv6Header* ip6 = nullptr;
  std::span<const uint8_t> message;  // its length is that of the IP header
  SeenNd nd;
  GroupQuery query;
};

// Whether the frame is ARP, a neighbour solicitation or a neighbour advertisement. No other frame can claim an address.
// It reads only the type fields, so it is cheap enough for every frame that is not VRRP.
//
// Thread: owning lcore.
inline bool MightClaimAddress(const Frame& frame) {
  constexpr size_t kTypeAt = 12, kTagBytes = 4;
  const auto type_at = [&](size_t at) { return static_cast<uint16_t>(frame.data[at] << 8 | frame.data[at + 1]); };
  size_t at = kTypeAt;
  if (frame.length < at + 2) return false;
  for (int tags = 0; tags < 2 && (type_at(at) == kEtherTypeVlan || type_at(at) == kEtherTypeQinQ); ++tags) {
    at += kTagBytes;
    if (frame.length < at + 2) return false;
  }
  const uint16_t type = type_at(at);
  if (type == kEtherTypeArp) return true;
  const size_t ip = at + 2, icmp = ip + sizeof(Ipv6Header);
  if (type != kEtherTypeIpv6 || frame.length <= icmp) return false;
  const uint8_t kind = frame.data[icmp];
  return reinterpret_cast<const Ipv6Header*>(frame.data + ip)->next_header == kProtocolIcmpV6 &&
         (kind == kNeighbourSolicitation || kind == kNeighbourAdvertisement);
}

// Checks the headers by RFC 791, 8200, 826, 4861, 3376 and 3810. Fragments, and echo requests with options or extension
// headers, are kOther: the responder does not answer them.
//
// Thread: owning lcore. Changes nothing.
HostFrame ParseHostFrame(const Frame& frame);

}  // namespace dpvrrp
