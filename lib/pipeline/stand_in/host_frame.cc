// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/stand_in/host_frame.h"

#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/mld.h"

namespace dpvrrp {
namespace {

using Kind = HostFrame::Kind;

Kind ReadArp(std::span<const uint8_t> packet, HostFrame& out) {
  out.arp = ParseArp(packet);
  if (out.arp == nullptr) return Kind::kMalformed;
  const uint16_t operation = out.arp->operation.host();
  return operation == kArpRequest || operation == kArpReply ? Kind::kArp : Kind::kOther;
}

Kind ReadIpv4(std::span<const uint8_t> packet, HostFrame& out) {
  if (packet.size() < sizeof(Ipv4Header)) return Kind::kMalformed;
  const auto& ip = *reinterpret_cast<const Ipv4Header*>(packet.data());
  if (ip.protocol != kProtocolIcmp && ip.protocol != kProtocolIgmp) return Kind::kOther;
  const size_t header = ip.header_bytes();
  const size_t total = ip.total_length.host();
  if (ip.version() != 4 || header < sizeof ip || total < header || total > packet.size()) return Kind::kMalformed;
  if (!ChecksumHolds(packet.data(), header)) return Kind::kMalformed;
  if ((ip.flags_fragment.host() & kFragmentBits) != 0) return Kind::kOther;
  out.ip4 = &ip;
  out.message = packet.first(total).subspan(header);
  if (ip.protocol == kProtocolIgmp) return ParseIgmpQuery(out.message, out.query) ? Kind::kQuery : Kind::kOther;
  const bool asks = !out.message.empty() && out.message[0] == kEchoRequestV4 && header == sizeof ip;
  return asks ? Kind::kEchoV4 : Kind::kOther;
}

Kind ReadIpv6(std::span<const uint8_t> packet, HostFrame& out) {
  if (packet.size() < sizeof(Ipv6Header)) return Kind::kMalformed;
  const auto& ip = *reinterpret_cast<const Ipv6Header*>(packet.data());
  uint8_t next_header = ip.next_header;
  out.message = packet.subspan(sizeof ip);
  if (ip.version() != 6 || ip.payload_length.host() > out.message.size()) return Kind::kMalformed;
  // IPv4-mapped: those are not on a wire, and to IpAddress they are IPv4 addresses, which others may have.
  if (IpAddress::V6(ip.source).is_v4() || IpAddress::V6(ip.destination).is_v4()) return Kind::kMalformed;
  out.message = out.message.first(ip.payload_length.host());
  if (!SkipHopByHop(next_header, out.message)) return Kind::kMalformed;
  if (next_header != kProtocolIcmpV6) return Kind::kOther;
  if (out.message.empty()) return Kind::kMalformed;
  out.ip6 = &ip;
  const bool plain = ip.next_header == kProtocolIcmpV6;
  switch (out.message[0]) {
    case kNeighbourSolicitation:
    case kNeighbourAdvertisement:
      return plain && ParseNd(ip, out.message, out.nd) ? Kind::kNd : Kind::kMalformed;
    case kEchoRequestV6:
      return plain ? Kind::kEchoV6 : Kind::kOther;
    default:
      return ParseMldQuery(ip, out.message, out.query) ? Kind::kQuery : Kind::kOther;
  }
}

}  // namespace

HostFrame ParseHostFrame(const Frame& frame) {
  HostFrame out;
  const EthernetFrame ethernet = ParseEthernet({frame.data, frame.length});
  out.port = frame.port;
  out.vlan = ethernet.vlan;
  if (!ethernet.complete || frame.length > kMaxFrameBytes || !JoinVlans(frame.stripped, out.vlan)) return out;
  out.destination = ethernet.destination;
  out.source = ethernet.source;
  if ((out.source.bytes[0] & 1) != 0) return out;  // no host sends from a group
  const std::span<const uint8_t> packet(frame.data + ethernet.payload_at, frame.length - size_t{ethernet.payload_at});
  if (ethernet.ether_type == kEtherTypeArp) out.kind = ReadArp(packet, out);
  if (ethernet.ether_type == kEtherTypeIpv4) out.kind = ReadIpv4(packet, out);
  if (ethernet.ether_type == kEtherTypeIpv6) out.kind = ReadIpv6(packet, out);
  return out;
}

}  // namespace dpvrrp
