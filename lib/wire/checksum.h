// SPDX-License-Identifier: BSD-3-Clause
//
// The Internet checksum (RFC 1071).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/endian.h"

namespace dpvrrp {

// The Internet checksum's ones' complement sum (RFC 1071) in the machine's own byte order, not yet folded. Sums of
// parts may be added if each part but the last has an even length.
//
// Thread: any.
inline uint64_t OnesComplementSum(const uint8_t* data, size_t length, uint64_t sum = 0) {
  for (; length >= 4; data += 4, length -= 4) {
    uint32_t word;
    std::memcpy(&word, data, 4);
    sum += word;
  }
  if (length >= 2) {
    uint16_t half;
    std::memcpy(&half, data, 2);
    sum += half;
    data += 2;
    length -= 2;
  }
  if (length == 1) sum += *data;  // the low byte on a little-endian machine, padded with zero
  return sum;
}

inline uint16_t FoldSum(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);  // at most 2^33
  sum = (sum & 0xffff) + (sum >> 16);      // at most 2^18
  sum = (sum & 0xffff) + (sum >> 16);      // at most 2^16 + 3
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

// Whether data that includes its own checksum adds up. All ones and all zeros are the same number here, so both forms
// of a zero checksum are accepted (conformance V3-33).
inline bool ChecksumHolds(const uint8_t* data, size_t length) {
  return FoldSum(OnesComplementSum(data, length)) == 0xffff;
}

// The value for the checksum field, from the sum of the data without it, or of data in which it is zero.
inline Be16 ChecksumOf(uint64_t sum) {
  return std::bit_cast<Be16>(static_cast<uint16_t>(~FoldSum(sum)));  // already in wire order
}
inline Be16 ChecksumOf(const uint8_t* data, size_t length) { return ChecksumOf(OnesComplementSum(data, length)); }

}  // namespace dpvrrp
