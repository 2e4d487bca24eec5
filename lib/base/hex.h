// SPDX-License-Identifier: BSD-3-Clause
//
// Hexadecimal text as bytes. Abseil has no function for it that its releases of 2022 and 2024 both accept.
//
// Thread: any (no state).
#pragma once

#include <charconv>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace dpvrrp {

// Appends the bytes of `hex`, pairs of digits of either case without spaces, to `bytes`. Returns false if `hex` is
// anything else; then `bytes` has the bytes before the fault.
template <typename Bytes>
bool DecodeHex(absl::string_view hex, Bytes& bytes) {
  const char* at = hex.data();
  for (; hex.size() >= 2; hex.remove_prefix(2), at += 2) {
    uint8_t byte = 0;
    const std::from_chars_result read = std::from_chars(at, at + 2, byte, 16);
    if (read.ptr != at + 2) return false;
    bytes.push_back(static_cast<typename Bytes::value_type>(byte));
  }
  return hex.empty();
}

}  // namespace dpvrrp
