// SPDX-License-Identifier: BSD-3-Clause
//
// Ethernet headers with up to two VLAN tags (IEEE 802.3, 802.1Q).
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "base/address.h"
#include "base/endian.h"
#include "base/types.h"

namespace dpvrrp {

inline constexpr uint16_t kEtherTypeIpv4 = 0x0800;
inline constexpr uint16_t kEtherTypeArp = 0x0806;
inline constexpr uint16_t kEtherTypeVlan = 0x8100;  // 802.1Q
inline constexpr uint16_t kEtherTypeQinQ = 0x88a8;  // 802.1ad

struct EthernetHeader {  // as on the wire, alignment 1
  MacAddress destination;
  MacAddress source;
  Be16 ether_type;
};
static_assert(sizeof(EthernetHeader) == 14 && alignof(EthernetHeader) == 1);

struct VlanTag {  // follows the EtherType that announced it
  Be16 tci;       // priority 3 bits, drop eligible 1, VID 12
  Be16 ether_type;
};
static_assert(sizeof(VlanTag) == 4 && alignof(VlanTag) == 1);

inline constexpr size_t kMaxEthernetBytes = sizeof(EthernetHeader) + 2 * sizeof(VlanTag);

// The type of a frame's payload, and where it starts.
struct EthernetFrame {
  MacAddress destination;
  MacAddress source;
  VlanStack vlan;           // a priority tag (VID 0) counts as no tag
  uint16_t ether_type = 0;  // host order
  uint16_t payload_at = 0;  // bytes from the start of the frame
  bool complete = false;    // false: truncated within its headers
};

// Reads the Ethernet header and up to two VLAN tags. A third tag is left as the EtherType of the result.
//
// Thread: any.
inline EthernetFrame ParseEthernet(std::span<const uint8_t> frame) {
  EthernetFrame out;
  if (frame.size() < sizeof(EthernetHeader)) return out;
  const auto& header = *reinterpret_cast<const EthernetHeader*>(frame.data());
  out.destination = header.destination;
  out.source = header.source;
  out.ether_type = header.ether_type.host();
  out.payload_at = sizeof(EthernetHeader);
  for (int tags = 0; tags < 2 && (out.ether_type == kEtherTypeVlan || out.ether_type == kEtherTypeQinQ); ++tags) {
    if (frame.size() < out.payload_at + sizeof(VlanTag)) return out;
    const auto& tag = *reinterpret_cast<const VlanTag*>(frame.data() + out.payload_at);
    const uint16_t vid = tag.tci.host() & 0x0fff;
    if (vid != 0) (out.vlan.outer == 0 ? out.vlan.outer : out.vlan.inner) = vid;
    out.ether_type = tag.ether_type.host();
    out.payload_at += sizeof(VlanTag);
  }
  out.complete = true;
  return out;
}

// Joins the tags of a frame with the tags that its port stripped, which were outside of them. False: more than two in
// all.
constexpr bool JoinVlans(const VlanStack& stripped, VlanStack& vlan) {
  if (stripped == VlanStack{}) return true;
  if (vlan == VlanStack{}) return vlan = stripped, true;
  if (stripped.inner != 0 || vlan.inner != 0) return false;
  vlan = {stripped.outer, vlan.outer};
  return true;
}

// Writes the Ethernet header and the segment's tags to `out` (kMaxEthernetBytes) and returns their length in bytes. One
// tag is a C-VLAN's; of two tags the outer is an S-VLAN's (IEEE 802.1Q 9.5). Their priority is 6, internetwork control
// (IEEE 802.1Q table I-2), which corresponds to the DSCP of our packets.
//
// Thread: any.
inline size_t WriteEthernet(const MacAddress& destination, const MacAddress& source, const VlanStack& vlan,
                            uint16_t ether_type, uint8_t* out) {
  constexpr uint16_t kPriority = 6 << 13;
  const Be16 payload(ether_type);
  const bool tagged = vlan.outer != 0;
  const bool twice = vlan.inner != 0;
  const EthernetHeader header{destination, source,
                              twice    ? Be16(kEtherTypeQinQ)
                              : tagged ? Be16(kEtherTypeVlan)
                                       : payload};
  const VlanTag outer{Be16(kPriority | vlan.outer), twice ? Be16(kEtherTypeVlan) : payload};
  const VlanTag inner{Be16(kPriority | vlan.inner), payload};
  std::memcpy(out, &header, sizeof header);
  if (tagged) std::memcpy(out + sizeof header, &outer, sizeof outer);
  if (twice) std::memcpy(out + sizeof header + sizeof outer, &inner, sizeof inner);
  return sizeof header + (tagged ? sizeof outer : 0) + (twice ? sizeof inner : 0);
}

}  // namespace dpvrrp
