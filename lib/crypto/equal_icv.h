// SPDX-License-Identifier: BSD-3-Clause
//
// EqualInConstantTime for ICVs, inlined into the loop over a burst. Internal to lib/crypto; not for the vector kernels.
//
// Thread: any (no state).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace dpvrrp::internal {

// The longest ICV of the algorithms that are computed in bulk.
inline constexpr size_t kMaxShortIcvBytes = 16;

// Compares 8 to 16 bytes as two words, which may overlap. Always compares all, so the time does not show where they
// differ (conformance AH-30).
inline bool EqualIcv(const uint8_t* a, const uint8_t* b, size_t bytes) {
  uint64_t x[2];
  uint64_t y[2];
  std::memcpy(&x[0], a, 8);
  std::memcpy(&y[0], b, 8);
  std::memcpy(&x[1], a + bytes - 8, 8);
  std::memcpy(&y[1], b + bytes - 8, 8);
  uint64_t difference = (x[0] ^ y[0]) | (x[1] ^ y[1]);
  asm("" : "+r"(difference));  // the compiler must not test a part of it first
  return difference == 0;
}

}  // namespace dpvrrp::internal
