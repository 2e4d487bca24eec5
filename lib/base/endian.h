// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace dpvrrp {

// A big-endian number as it lies in a packet, with alignment 1. There is no implicit conversion in either direction,
// because `be = n` could mean either byte order and the wrong one would compile.
//
// Thread: any (a value).
template <typename T>
class BigEndian {
 public:
  constexpr BigEndian() = default;
  constexpr explicit BigEndian(T host) : bytes_(std::bit_cast<Bytes>(Swap(host))) {}

  constexpr T host() const { return Swap(std::bit_cast<T>(bytes_)); }

  // Not the default operator: the compiler makes its loop over bytes a call of memcmp.
  friend constexpr bool operator==(const BigEndian& a, const BigEndian& b) {
    return std::bit_cast<T>(a.bytes_) == std::bit_cast<T>(b.bytes_);
  }

 private:
  using Bytes = std::array<uint8_t, sizeof(T)>;

  static constexpr T Swap(T v) {
    static_assert(std::endian::native == std::endian::little, "this port has not been done");
    if constexpr (sizeof(T) == 2) return __builtin_bswap16(v);
    if constexpr (sizeof(T) == 4) return __builtin_bswap32(v);
    if constexpr (sizeof(T) == 8) return __builtin_bswap64(v);
  }

  Bytes bytes_{};
};

using Be16 = BigEndian<uint16_t>;
using Be32 = BigEndian<uint32_t>;
using Be64 = BigEndian<uint64_t>;
static_assert(sizeof(Be32) == 4 && alignof(Be32) == 1);

}  // namespace dpvrrp
