// SPDX-License-Identifier: BSD-3-Clause
//
// Frames of hosts and queriers on a segment, for tests, fuzzers and generators: ARP (RFC 826), neighbour discovery (RFC
// 4861), echo requests (RFC 792, RFC 4443), membership queries (RFC 2236, RFC 3376, RFC 2710, RFC 3810). All are valid;
// repair.h has functions to break one and to repair its checksums afterwards.
//
// Thread: any.
#pragma once

#include <span>

#include "base/address.h"
#include "base/types.h"
#include "traffic/frame_bytes.h"
#include "wire/igmp.h"

namespace dpvrrp {

// A host of the segment.
struct TrafficHost {
  MacAddress mac;
  IpAddress address;
  VlanStack vlan{};
};

// ARP. An announcement (RFC 5227 3) says that `host` has its address; a probe (RFC 5227 2.1.1) has sender 0.0.0.0.
FrameBytes ArpRequest(const TrafficHost& host, const IpAddress& target);
FrameBytes ArpReply(const TrafficHost& host, const TrafficHost& to);
FrameBytes ArpAnnouncement(const TrafficHost& host);
FrameBytes ArpProbe(const TrafficHost& host);

// Neighbour discovery. The solicitation is sent to the target's solicited-node group. The announcement is an
// unsolicited advertisement to all nodes.
FrameBytes NeighbourSolicitation(const TrafficHost& host, const IpAddress& target);
FrameBytes NeighbourAnnouncement(const TrafficHost& host);

// An ICMP or ICMPv6 echo request by the addresses' family, with the bytes of `data` behind the identifier and sequence
// number, which are 0x1234 and 1.
FrameBytes EchoRequest(const TrafficHost& host, const TrafficHost& to, std::span<const uint8_t> data);

// An IGMP or MLD query by the host's family, to all systems or nodes. Largest max_response: 12.7 s with IGMP, 32.7 s
// with MLD, which are the codes without an exponent.
FrameBytes MembershipQuery(const TrafficHost& host, const GroupQuery& query);

}  // namespace dpvrrp
