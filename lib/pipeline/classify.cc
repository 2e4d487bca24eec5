// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/classify.h"

#include "wire/checksum.h"
#include "wire/ethernet.h"

namespace dpvrrp {
namespace {

// RFC 791 and RFC 3768 7.1's TTL. Ethernet padding, or its absence (the kernel does not pad on veth), is no matter: the
// length is the IP header's (V3-106).
DropReason CheckIpv4(const Ipv4Header& ip, size_t available) {
  if (ip.version() != 4 || ip.header_bytes() < sizeof(Ipv4Header)) return DropReason::kBadIpHeader;
  if (ip.header_bytes() > available || ip.total_length.host() > available) return DropReason::kTruncated;
  if (ip.total_length.host() < ip.header_bytes()) return DropReason::kBadIpHeader;
  if (!ChecksumHolds(reinterpret_cast<const uint8_t*>(&ip), ip.header_bytes())) return DropReason::kBadIpChecksum;
  if ((ip.flags_fragment.host() & kFragmentBits) != 0) return DropReason::kFragment;
  if (ip.destination.host() != kVrrpGroupV4.v4()) return DropReason::kBadDestination;
  if (ip.ttl != kVrrpTtl) return DropReason::kBadTtl;
  const IpAddress source = IpAddress::V4(ip.source.host());
  if (source.IsUnspecified() || source.IsMulticast() || source.v4() == 0xffffffff) return DropReason::kBadSource;
  return DropReason::kNone;
}

// RFC 4302 2: where the AH ends and the VRRP message begins. Whether the length suits the algorithm is asked once the
// instance is known.
DropReason ReadAh(std::span<uint8_t> payload, Candidate& out) {
  if (payload.size() < sizeof(AhHeader)) return DropReason::kTruncated;
  auto& ah = *reinterpret_cast<AhHeader*>(payload.data());
  if (ah.next_header != kProtocolVrrp) return DropReason::kAhNextHeader;
  const size_t ah_bytes = (size_t{ah.payload_len} + 2) * 4;
  if (ah_bytes < sizeof(AhHeader)) return DropReason::kAhLength;
  if (payload.size() < ah_bytes + sizeof(VrrpV2Header)) return DropReason::kTruncated;
  out.ah = &ah;
  out.sequence = ah.sequence_number.host();
  out.message = payload.subspan(ah_bytes);
  out.vrid = Vrid(out.message[1]);  // believed only as an index, until the ICV says more
  return DropReason::kNone;
}

DropReason ReadPlain(std::span<uint8_t> payload, Candidate& out) {
  VrrpV2Advert advert;
  const DropReason reason = ParseVrrpV2(payload, advert);
  if (reason != DropReason::kNone) return reason;
  out.ah = nullptr;
  out.message = payload;
  out.vrid = Vrid(advert.header->vrid);
  return DropReason::kNone;
}

}  // namespace

DropReason ClassifyAny(const Frame& frame, const SegmentTable& segments, Candidate& out) {
  const EthernetFrame ethernet = ParseEthernet({frame.data, frame.length});
  if (!ethernet.complete) return DropReason::kTruncated;
  if (ethernet.ether_type != kEtherTypeIpv4) return DropReason::kNotVrrp;

  std::span<uint8_t> packet(frame.data + ethernet.payload_at, frame.length - size_t{ethernet.payload_at});
  if (packet.size() < sizeof(Ipv4Header)) return DropReason::kTruncated;
  auto& ip = *reinterpret_cast<Ipv4Header*>(packet.data());
  if (ip.protocol != kProtocolVrrp && ip.protocol != kProtocolAh) return DropReason::kNotVrrp;
  if (frame.length > kMaxFrameBytes) return DropReason::kTruncated;
  VlanStack vlan = ethernet.vlan;
  const Segment* segment = JoinVlans(frame.stripped, vlan) ? segments.Find(frame.port, vlan) : nullptr;
  if (segment == nullptr) return DropReason::kUnknownSegment;
  DropReason reason = CheckIpv4(ip, packet.size());
  if (reason != DropReason::kNone) return reason;

  out.frame = &frame;
  out.ip = &ip;
  packet = packet.first(ip.total_length.host());
  const bool has_ah = ip.protocol == kProtocolAh;
  if (has_ah && ip.header_bytes() != sizeof(Ipv4Header)) return DropReason::kAhOptions;
  const std::span<uint8_t> payload = packet.subspan(ip.header_bytes());
  reason = has_ah ? ReadAh(payload, out) : ReadPlain(payload, out);
  if (reason == DropReason::kNone) out.place = &segment->ipv4[out.vrid.value()];
  return reason;
}

}  // namespace dpvrrp
