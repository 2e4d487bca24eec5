// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <cstring>

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
};
static_assert(sizeof(ArpPacket) == 28 && alignof(ArpPacket) == 1);

// Writes a gratuitous ARP request for `address` to `frame` (kMaxEthernetBytes + sizeof(ArpPacket)) and returns its
// length: broadcast, sender and target protocol address = the address, sender and target hardware address = `mac` (RFC
// 9568 6.4.1 with errata 7947 and 7949, conformance V3-51; keepalived fills the target with ones, and hosts read the
// sender only).
//
// Thread: any.
inline size_t WriteGratuitousArp(const MacAddress& mac, const VlanStack& vlan, const IpAddress& address,
                                 uint8_t* frame) {
  const Be32 ip(address.v4());
  const ArpPacket arp{Be16(1), Be16(kEtherTypeIpv4), 6, 4, Be16(1), mac, ip, mac, ip};
  const size_t at = WriteEthernet(kBroadcastMac, mac, vlan, kEtherTypeArp, frame);
  std::memcpy(frame + at, &arp, sizeof arp);
  return at + sizeof arp;
}

}  // namespace dpvrrp
