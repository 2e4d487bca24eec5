// SPDX-License-Identifier: BSD-3-Clause
//
// The IPv4 header (RFC 791), and VRRP's constants over IPv4.
//
// Thread: any (values).
#pragma once

#include <cstdint>

#include "base/address.h"
#include "base/endian.h"

namespace dpvrrp {

inline constexpr uint8_t kProtocolAh = 51;
inline constexpr uint8_t kProtocolVrrp = 112;
inline constexpr IpAddress kVrrpGroupV4 = IpAddress::V4(0xe0000012);  // 224.0.0.18 (RFC 3768 5.2.2)
inline constexpr IpAddress kBroadcastV4 = IpAddress::V4(0xffffffff);
inline constexpr MacAddress kVrrpGroupMacV4{{0x01, 0x00, 0x5e, 0x00, 0x00, 0x12}};
inline constexpr uint8_t kVrrpTtl = 255;           // RFC 3768 5.2.3
inline constexpr uint8_t kDscpCs6 = 0xc0;          // internetwork control (RFC 2474), as keepalived and FRR send
inline constexpr uint16_t kFragmentBits = 0x3fff;  // more-fragments and the offset

struct Ipv4Header {  // RFC 791 3.1, without options; as on the wire, alignment 1
  uint8_t version_ihl;
  uint8_t tos;
  Be16 total_length;  // bytes, header included
  Be16 id;
  Be16 flags_fragment;
  uint8_t ttl;
  uint8_t protocol;
  Be16 checksum;
  Be32 source;
  Be32 destination;

  uint8_t version() const { return version_ihl >> 4; }
  uint8_t header_bytes() const { return static_cast<uint8_t>((version_ihl & 0x0f) * 4); }
};
static_assert(sizeof(Ipv4Header) == 20 && alignof(Ipv4Header) == 1);

}  // namespace dpvrrp
