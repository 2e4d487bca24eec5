// SPDX-License-Identifier: BSD-3-Clause
//
// The IPv6 header (RFC 8200), VRRP's constants over IPv6, multicast MAC addresses and the pseudo-header.
#pragma once

#include <cstdint>

#include "base/address.h"
#include "base/endian.h"
#include "wire/checksum.h"
#include "wire/ipv4.h"

namespace dpvrrp {

inline constexpr uint16_t kEtherTypeIpv6 = 0x86dd;
inline constexpr IpAddress kVrrpGroupV6 =  // ff02::12 (RFC 9568 5.1.2.2)
    IpAddress::V6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12});

constexpr IpAddress VrrpGroup(Family family) { return family == Family::kIpv4 ? kVrrpGroupV4 : kVrrpGroupV6; }

struct Ipv6Header {  // RFC 8200 3; as on the wire, alignment 1
  uint8_t version_class;
  uint8_t class_flow;
  Be16 flow;
  Be16 payload_length;  // bytes after this header
  uint8_t next_header;
  uint8_t hop_limit;
  IpAddress::Bytes source;
  IpAddress::Bytes destination;

  uint8_t version() const { return version_class >> 4; }
};
static_assert(sizeof(Ipv6Header) == 40 && alignof(Ipv6Header) == 1);

// A header of version 6, with the traffic class that equals the DSCP of our adverts in IPv4, without a flow label.
constexpr Ipv6Header MakeIpv6Header(const IpAddress& source, const IpAddress& destination, size_t payload_bytes,
                                    uint8_t next_header, uint8_t hop_limit) {
  return {0x60 | kDscpCs6 >> 4,
          static_cast<uint8_t>(kDscpCs6 << 4),
          Be16(0),
          Be16(static_cast<uint16_t>(payload_bytes)),
          next_header,
          hop_limit,
          source.bytes(),
          destination.bytes()};
}

// The extension headers that may precede an upper layer, including the fragment header, but not AH (RFC 8200 4, RFC
// 6275, RFC 7401, RFC 5533).
constexpr bool IsIpv6Extension(uint8_t next_header) {
  return next_header == 0 || next_header == 43 || next_header == 44 || next_header == 60 || next_header == 135 ||
         next_header == 139 || next_header == 140;
}

// The group's Ethernet address (RFC 1112 6.4, RFC 2464 7).
constexpr MacAddress MulticastMac(const IpAddress& group) {
  const IpAddress::Bytes b = group.bytes();
  if (group.is_v4()) return {{0x01, 0x00, 0x5e, static_cast<uint8_t>(b[1] & 0x7f), b[2], b[3]}};
  return {{0x33, 0x33, b[12], b[13], b[14], b[15]}};
}

// The sum, not folded, of the pseudo-header that precedes the checked data: for upper layers of IPv6 (RFC 8200 8.1),
// and for RFC 5798's VRRPv3 over IPv4 as in UDP (RFC 768). Both addresses have one family.
//
// Thread: any.
inline uint64_t PseudoHeaderSum(const IpAddress& source, const IpAddress& destination, size_t length,
                                uint8_t next_header) {
  const IpAddress::Bytes from = source.bytes();
  const IpAddress::Bytes to = destination.bytes();
  const std::array<Be32, 2> rest{Be32(static_cast<uint32_t>(length)), Be32(next_header)};
  uint64_t sum = OnesComplementSum(from.data(), source.size());
  sum = OnesComplementSum(to.data(), destination.size(), sum);
  return OnesComplementSum(reinterpret_cast<const uint8_t*>(rest.data()), sizeof rest, sum);
}

}  // namespace dpvrrp
