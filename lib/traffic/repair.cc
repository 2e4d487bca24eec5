// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/repair.h"

#include <algorithm>
#include <cstddef>

#include "wire/auth_trailer.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/icmp.h"
#include "wire/igmp.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/mld.h"
#include "wire/vrrp.h"

namespace dpvrrp {
namespace {

using internal::HeaderAt;

uint16_t Read16(const FrameBytes& frame, size_t at) { return static_cast<uint16_t>(frame[at] << 8 | frame[at + 1]); }

void ReadIpv4(const FrameBytes& frame, PacketPlaces& out) {
  const auto& ip = *reinterpret_cast<const Ipv4Header*>(&frame[out.ip]);
  out.v4 = true;
  out.payload = out.ip + ip.header_bytes();
  out.end = std::min(frame.size(), out.ip + ip.total_length.host());
  out.protocol = ip.protocol;
  out.source = IpAddress::V4(ip.source.host());
  out.destination = IpAddress::V4(ip.destination.host());
}

void ReadIpv6(const FrameBytes& frame, PacketPlaces& out) {
  const auto& ip = *reinterpret_cast<const Ipv6Header*>(&frame[out.ip]);
  out.payload = out.ip + sizeof ip;
  out.end = std::min(frame.size(), out.payload + ip.payload_length.host());
  out.protocol = ip.next_header;
  out.source = IpAddress::V6(ip.source);
  out.destination = IpAddress::V6(ip.destination);
  std::span<const uint8_t> payload = out.MessageIn(frame);
  if (SkipHopByHop(out.protocol, payload)) out.payload = out.end - payload.size();
}

// The sum of the pseudo-header in front of a message of `bytes`. 0: it has none.
uint64_t PseudoSum(const PacketPlaces& p, uint8_t version, size_t bytes) {
  const bool has_one = p.protocol == kProtocolIcmpV6 || (p.protocol == kProtocolVrrp && (!p.v4 || version == 3));
  return has_one ? PseudoHeaderSum(p.source, p.destination, bytes, p.protocol) : 0;
}

}  // namespace

size_t EtherTypeAt(const FrameBytes& frame) {
  size_t at = offsetof(EthernetHeader, ether_type);
  while (at + sizeof(VlanTag) <= frame.size() &&
         (Read16(frame, at) == kEtherTypeVlan || Read16(frame, at) == kEtherTypeQinQ)) {
    at += sizeof(VlanTag);
  }
  return at;
}

std::optional<PacketPlaces> FindPacket(const FrameBytes& frame) {
  const size_t type_at = EtherTypeAt(frame);
  if (type_at + 2 > frame.size()) return std::nullopt;
  PacketPlaces out;
  out.ip = type_at + 2;
  if (Read16(frame, type_at) == kEtherTypeIpv4 && out.ip + sizeof(Ipv4Header) <= frame.size()) {
    ReadIpv4(frame, out);
  } else if (Read16(frame, type_at) == kEtherTypeIpv6 && out.ip + sizeof(Ipv6Header) <= frame.size()) {
    ReadIpv6(frame, out);
  } else {
    return std::nullopt;
  }
  if (out.payload > out.end || out.payload < out.ip + sizeof(Ipv4Header)) return std::nullopt;
  return out;
}

size_t ChecksumAt(uint8_t protocol) {
  if (protocol == kProtocolVrrp) return offsetof(VrrpV2Header, checksum);
  const bool is_icmp_like = protocol == kProtocolIcmp || protocol == kProtocolIgmp || protocol == kProtocolIcmpV6;
  return is_icmp_like ? offsetof(IcmpHeader, checksum) : 0;
}

void RepairIpChecksum(FrameBytes& frame) {
  const size_t ip_at = EtherTypeAt(frame) + sizeof(Be16);
  if (frame.size() < ip_at + sizeof(Ipv4Header) || Read16(frame, ip_at - sizeof(Be16)) != kEtherTypeIpv4) return;
  auto& ip = HeaderAt<Ipv4Header>(frame, ip_at);
  const size_t bytes = std::max<size_t>(ip.header_bytes(), sizeof ip);
  if (frame.size() < ip_at + bytes) return;
  ip.checksum = Be16(0);
  ip.checksum = ChecksumOf(&frame[ip_at], bytes);
}

void RepairChecksums(FrameBytes& frame) {
  RepairIpChecksum(frame);
  std::optional<PacketPlaces> p = FindPacket(frame);
  if (!p) return;
  if (p->protocol == kProtocolAh && p->payload + 2 <= p->end) {
    p->protocol = frame[p->payload];
    p->payload += 4 * (frame[p->payload + 1] + size_t{2});
  }
  const size_t at = p->payload + ChecksumAt(p->protocol);
  if (at == p->payload || at + 2 > p->end) return;
  std::span<const uint8_t> message = p->MessageIn(frame);
  // Over IPv4 the checksum does not cover the trailer.
  if (p->protocol == kProtocolVrrp && p->v4 && HasAuthTrailer(Family::kIpv4, message)) {
    message = message.first(message.size() - sizeof(AuthTrailer));
  }
  auto& checksum = HeaderAt<Be16>(frame, at);
  checksum = Be16(0);
  const uint64_t pseudo = PseudoSum(*p, message[0] >> 4, message.size());
  checksum = ChecksumOf(OnesComplementSum(message.data(), message.size(), pseudo));
}

}  // namespace dpvrrp
