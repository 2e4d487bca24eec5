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

// A frame that a host of the segment might have to answer. Pointers look into the frame; what its kind does not need is
// null or empty.
struct HostFrame {
  enum class Kind : uint8_t {
    kOther,      // ordinary traffic
    kMalformed,  // one of the others, by its headers, but wrong in itself
    kArp,        // arp
    kNd,         // ip6, nd: a neighbour solicitation or advertisement
    kEchoV4,     // ip4, message: an ICMP message of type 8 with its checksum not yet looked at
    kEchoV6,     // ip6, message: the same of ICMPv6, type 128
    kQuery,      // query, of IGMP or MLD
  };
  Kind kind = Kind::kOther;
  PortId port{};
  VlanStack vlan;  // of the segment
  MacAddress destination;
  MacAddress source;
  const ArpPacket* arp = nullptr;
  const Ipv4Header* ip4 = nullptr;
  const Ipv6Header* ip6 = nullptr;
  std::span<const uint8_t> message;  // by the IP length
  SeenNd nd;
  GroupQuery query;
};

// Judges headers as RFC 791, 8200, 826, 4861, 3376 and 3810 want it; fragments and echo requests with options or
// extension headers are nobody's business here.
//
// Thread: owning lcore. Changes nothing.
HostFrame ParseHostFrame(const Frame& frame);

}  // namespace dpvrrp
