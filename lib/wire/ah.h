// SPDX-License-Identifier: BSD-3-Clause
//
// The IPsec Authentication Header (RFC 4302), over IPv4 and IPv6.
//
// Thread: any (values, pure functions).
#pragma once

#include <cstdint>

#include "base/address.h"
#include "base/endian.h"

namespace dpvrrp {

//  0                   1                   2                   3
//  |  next header  |  payload len  |           reserved            |
//  |                              SPI                              |
//  |                        sequence number                        |
//  |                        ICV (variable)                         |
struct AhHeader {  // RFC 4302 2; as on the wire, alignment 1
  uint8_t next_header;
  uint8_t payload_len;  // 32-bit words of the whole AH, minus 2
  Be16 reserved;
  Be32 spi;
  Be32 sequence_number;
};
static_assert(sizeof(AhHeader) == 12 && alignof(AhHeader) == 1);

// The length in bytes of a whole AH with this ICV (a multiple of 4 bytes). Over IPv6, padding after the ICV makes it a
// multiple of 8 (RFC 4302 2.2, 2.6; conformance AH-04).
constexpr size_t AhBytes(size_t icv_bytes, Family family) {
  const size_t bytes = sizeof(AhHeader) + icv_bytes;
  return family == Family::kIpv4 ? bytes : (bytes + 7) / 8 * 8;
}

// The payload_len of this AH.
constexpr uint8_t AhPayloadLen(size_t icv_bytes, Family family) {
  return static_cast<uint8_t>(AhBytes(icv_bytes, family) / 4 - 2);
}
static_assert(AhPayloadLen(12, Family::kIpv4) == 4);  // conformance AH-03
static_assert(AhPayloadLen(16, Family::kIpv6) == 6);  // 4 bytes of padding

}  // namespace dpvrrp
