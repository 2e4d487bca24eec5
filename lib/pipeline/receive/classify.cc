// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/receive/classify.h"

#include <algorithm>

#include "pipeline/receive/deliver.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/vrrp_v3.h"

namespace dpvrrp {
namespace {

// RFC 791. Ethernet padding, or its absence (the kernel does not pad on veth), is no matter: the length is the IP
// header's (V3-106).
DropReason CheckIpv4(const Ipv4Header& ip, size_t available) {
  if (ip.version() != 4 || ip.header_bytes() < sizeof(Ipv4Header)) return DropReason::kBadIpHeader;
  if (ip.header_bytes() > available || ip.total_length.host() > available) return DropReason::kTruncated;
  if (ip.total_length.host() < ip.header_bytes()) return DropReason::kBadIpHeader;
  if (!ChecksumHolds(reinterpret_cast<const uint8_t*>(&ip), ip.header_bytes())) return DropReason::kBadIpChecksum;
  if ((ip.flags_fragment.host() & kFragmentBits) != 0) return DropReason::kFragment;
  return DropReason::kNone;
}

// What can be said of the addresses and TTL before the instance is known. Nearly all instances use VRRP's own group; if
// one of the segment does not, other destinations are judged once it is found (CheckAddressing).
DropReason CheckAddresses(const Candidate& c, const IpAddress& vrrp_group, const Segment& segment) {
  const IpAddress source = c.source();
  if (source.IsUnspecified() || source.IsMulticast() || source == kBroadcastV4) return DropReason::kBadSource;
  if (c.destination() != vrrp_group) {
    return segment.elsewhere > 0 ? DropReason::kNone : DropReason::kBadDestination;
  }
  if (c.ttl() != kVrrpTtl) return DropReason::kBadTtl;
  return source.is_v4() || source.IsLinkLocalV6() ? DropReason::kNone : DropReason::kBadSource;
}

// RFC 4302 2: where the AH ends and the VRRP message begins. Whether the length suits the algorithm is asked once the
// instance is known.
DropReason ReadAh(std::span<uint8_t> payload, VirtualRouter* const* places, Candidate& out) {
  if (payload.size() < sizeof(AhHeader)) return DropReason::kTruncated;
  auto& ah = *reinterpret_cast<AhHeader*>(payload.data());
  if (ah.next_header != kProtocolVrrp) return DropReason::kAhNextHeader;
  const size_t ah_bytes = (size_t{ah.payload_len} + 2) * 4;
  if (ah_bytes < sizeof(AhHeader)) return DropReason::kAhLength;
  if (payload.size() < ah_bytes + sizeof(VrrpV2Header)) return DropReason::kTruncated;
  out.ah = &ah;
  out.has_trailer = false;
  out.sequence = ah.sequence_number.host();
  out.message = payload.subspan(ah_bytes);
  out.vrid = Vrid(out.message[1]);  // believed only as an index, until the ICV says more
  out.place = &places[out.vrid.value()];
  return DropReason::kNone;
}

// The version is the instance's affair, and the first to be looked at; without an instance any will do until the VRID
// turns out to be unknown.
DropReason ReadPlain(std::span<uint8_t> payload, VirtualRouter* const* places, Candidate& out) {
  if (payload.size() < sizeof(VrrpV2Header)) return DropReason::kTruncated;
  const auto& header = *reinterpret_cast<const VrrpV2Header*>(payload.data());  // the versions begin alike
  out.ah = nullptr;
  out.has_trailer = false;
  out.message = payload;
  out.vrid = Vrid(header.vrid);
  out.place = &places[header.vrid];
  if (const VirtualRouter* router = *out.place; router != nullptr) {
    const DropReason reason = CheckVersion(router->config, header.version());
    if (reason != DropReason::kNone) return reason;
    out.has_trailer = router->config.auth == AuthKind::kAuthHmac && HasAuthTrailer(router->config.family(), payload);
    if (out.has_trailer) out.message = payload.first(payload.size() - sizeof(AuthTrailer));
  }
  VrrpV2Advert v2;
  VrrpV3Advert v3;
  return header.version() == 2 ? ParseVrrpV2(out.message, v2)
                               : ParseVrrpV3(out.message, out.source(), out.destination(), v3, out.checked_behind());
}

DropReason ReadIpv4(std::span<uint8_t> packet, const Segment& segment, Candidate& out) {
  auto& ip = *reinterpret_cast<Ipv4Header*>(packet.data());
  DropReason reason = CheckIpv4(ip, packet.size());
  if (reason != DropReason::kNone) return reason;
  out.is_v4 = true;
  out.ip = &ip;
  out.to_vrrp_group_v4 = ip.destination.host() == kVrrpGroupV4.v4();
  reason = CheckAddresses(out, kVrrpGroupV4, segment);
  if (reason != DropReason::kNone) return reason;
  const bool has_ah = ip.protocol == kProtocolAh;
  if (has_ah && ip.header_bytes() != sizeof(Ipv4Header)) return DropReason::kAhOptions;
  const std::span<uint8_t> payload = packet.first(ip.total_length.host()).subspan(ip.header_bytes());
  return has_ah ? ReadAh(payload, segment.ipv4.data(), out) : ReadPlain(payload, segment.ipv4.data(), out);
}

DropReason ReadIpv6(std::span<uint8_t> packet, const Segment& segment, Candidate& out) {
  auto& ip = *reinterpret_cast<Ipv6Header*>(packet.data());
  const size_t payload_bytes = ip.payload_length.host();
  if (ip.version() != 6) return DropReason::kBadIpHeader;
  if (payload_bytes > packet.size() - sizeof ip) return DropReason::kTruncated;
  if (IsIpv6Extension(ip.next_header)) return DropReason::kExtensionHeader;
  // IPv4-mapped: to IpAddress it is IPv4, and addresses would be read in the wrong length (V3-111).
  if (IpAddress::V6(ip.source).is_v4()) return DropReason::kBadSource;
  out.is_v4 = false;
  out.ip6 = &ip;
  out.to_vrrp_group_v4 = false;
  const DropReason reason = CheckAddresses(out, kVrrpGroupV6, segment);
  if (reason != DropReason::kNone) return reason;
  const std::span<uint8_t> payload = packet.subspan(sizeof ip, payload_bytes);
  VirtualRouter* const* places = segment.ipv6.data();
  return ip.next_header == kProtocolAh ? ReadAh(payload, places, out) : ReadPlain(payload, places, out);
}

// Whether a packet might carry VRRP, as far as its first header says.
bool MightCarryVrrp(uint16_t ether_type, const uint8_t* packet) {
  if (ether_type == kEtherTypeIpv4) {
    const uint8_t protocol = reinterpret_cast<const Ipv4Header*>(packet)->protocol;
    return protocol == kProtocolVrrp || protocol == kProtocolAh;
  }
  const auto& ip = *reinterpret_cast<const Ipv6Header*>(packet);
  if (ip.next_header == kProtocolVrrp || ip.next_header == kProtocolAh) return true;
  // Behind extension headers only towards VRRP's group: neighbours' other traffic may have some too.
  return IsIpv6Extension(ip.next_header) && IpAddress::V6(ip.destination) == kVrrpGroupV6;
}

}  // namespace

DropReason ClassifyAny(const Frame& frame, const SegmentTable& segments, Candidate& out) {
  const EthernetFrame ethernet = ParseEthernet({frame.data, frame.length});
  if (!ethernet.complete) return DropReason::kTruncated;
  const bool v4 = ethernet.ether_type == kEtherTypeIpv4;
  if (!v4 && ethernet.ether_type != kEtherTypeIpv6) return DropReason::kNotVrrp;

  const std::span<uint8_t> packet(frame.data + ethernet.payload_at, frame.length - size_t{ethernet.payload_at});
  if (packet.size() < (v4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header))) return DropReason::kTruncated;
  if (!MightCarryVrrp(ethernet.ether_type, packet.data())) return DropReason::kNotVrrp;
  if (frame.length > kMaxFrameBytes) return DropReason::kTruncated;
  VlanStack vlan = ethernet.vlan;
  const Segment* segment = JoinVlans(frame.stripped, vlan) ? segments.Find(frame.port, vlan) : nullptr;
  if (segment == nullptr) return DropReason::kUnknownSegment;
  out.frame = &frame;
  return v4 ? ReadIpv4(packet, *segment, out) : ReadIpv6(packet, *segment, out);
}

DropReason CheckAddressing(const Candidate& c) {
  const VirtualRouterConfig& config = c.router->config;
  const IpAddress source = c.source();
  const IpAddress destination = c.destination();
  if (source == config.machine.source) return DropReason::kOwnEcho;  // V3-94, V3-111
  if (!config.allowed_senders.empty() && !config.allowed_senders.Has(source)) return DropReason::kUnlistedSender;
  if (c.router->inbound.addressing == Addressing::kUnicast) {
    if (destination != config.machine.source) return DropReason::kBadDestination;
    const auto peer = std::find_if(config.unicast_peers.begin(), config.unicast_peers.end(),
                                   [&](const UnicastPeer& p) { return p.address == source; });
    if (peer == config.unicast_peers.end()) return DropReason::kUnknownPeer;
    return c.ttl() >= peer->min_ttl && c.ttl() <= peer->max_ttl ? DropReason::kNone : DropReason::kBadTtl;
  }
  if (destination != config.group) return DropReason::kBadDestination;
  if (c.ttl() != kVrrpTtl) return DropReason::kBadTtl;
  if (!source.is_v4() && !source.IsLinkLocalV6()) return DropReason::kBadSource;
  return DropReason::kNone;
}

}  // namespace dpvrrp
