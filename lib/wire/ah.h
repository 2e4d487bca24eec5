// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

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

// The payload_len of an AH over IPv4 with this ICV (a multiple of 4 bytes).
constexpr uint8_t AhPayloadLen(size_t icv_bytes) {
  return static_cast<uint8_t>((sizeof(AhHeader) + icv_bytes) / 4 - 2);
}
static_assert(AhPayloadLen(12) == 4);  // conformance AH-03

}  // namespace dpvrrp
