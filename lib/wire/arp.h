// SPDX-License-Identifier: BSD-3-Clause
//
// ARP for Ethernet and IPv4 (RFC 826): reads packets, writes requests, replies and gratuitous ARP.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "base/address.h"
#include "base/endian.h"
#include "wire/ethernet.h"

namespace dpvrrp {

struct ArpPacket {  // RFC 826, Ethernet and IPv4; as on the wire, alignment 1
  Be16 hardware_type;
  Be16 protocol_type;
  uint8_t hardware_bytes;
  uint8_t protocol_bytes;
  Be16 operation;
  MacAddress sender_hardware;
  Be32 sender_protocol;
  MacAddress target_hardware;
  Be32 target_protocol;

  IpAddress sender() const { return IpAddress::V4(sender_protocol.host()); }
  IpAddress target() const { return IpAddress::V4(target_protocol.host()); }
};
static_assert(sizeof(ArpPacket) == 28 && alignof(ArpPacket) == 1);

inline constexpr uint16_t kArpRequest = 1;
inline constexpr uint16_t kArpReply = 2;
inline constexpr size_t kMaxArpFrameBytes = kMaxEthernetBytes + sizeof(ArpPacket);

// The packet in the payload of an ARP frame; padding is allowed. Null: truncated, or not for Ethernet and IPv4.
//
// Thread: any.
inline const ArpPacket* ParseArp(std::span<const uint8_t> payload) {
  if (payload.size() < sizeof(ArpPacket)) return nullptr;
  const auto& arp = *reinterpret_cast<const ArpPacket*>(payload.data());
  const bool known = arp.hardware_type.host() == 1 && arp.protocol_type.host() == kEtherTypeIpv4 &&
                     arp.hardware_bytes == 6 && arp.protocol_bytes == 4;
  return known ? &arp : nullptr;
}

struct ArpFrame {
  MacAddress destination;  // of the Ethernet frame, and its source
  MacAddress source;
  VlanStack vlan;
  uint16_t operation;
  MacAddress sender_hardware;
  IpAddress sender;
  MacAddress target_hardware;
  IpAddress target;
};

// Writes the ARP packet to `frame` (kMaxArpFrameBytes) and returns its length in bytes.
//
// Thread: any.
inline size_t WriteArp(const ArpFrame& a, uint8_t* frame) {
  const ArpPacket arp{
      Be16(1),           Be16(kEtherTypeIpv4), 6, 4, Be16(a.operation), a.sender_hardware, Be32(a.sender.v4()),
      a.target_hardware, Be32(a.target.v4())};
  const size_t at = WriteEthernet(a.destination, a.source, a.vlan, kEtherTypeArp, frame);
  std::memcpy(frame + at, &arp, sizeof arp);
  return at + sizeof arp;
}

// Writes a gratuitous ARP request for `address` to `frame` (kMaxArpFrameBytes) and returns its length: broadcast,
// sender and target protocol address = the address, sender and target hardware address = `mac` (RFC 9568 6.4.1 with
// errata 7947 and 7949, conformance V3-51). keepalived fills the target hardware address with ones; hosts read only the
// sender.
//
// Thread: any.
inline size_t WriteGratuitousArp(const MacAddress& mac, const VlanStack& vlan, const IpAddress& address,
                                 uint8_t* frame) {
  return WriteArp({kBroadcastMac, mac, vlan, kArpRequest, mac, address, mac, address}, frame);
}

}  // namespace dpvrrp
