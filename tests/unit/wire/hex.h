// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "base/hex.h"

namespace dpvrrp {

// "45c0 0040" -> {0x45, 0xc0, 0x00, 0x40}. Fails the test if `text` is no pairs of digits.
inline std::vector<uint8_t> FromHex(absl::string_view text) {
  std::vector<uint8_t> bytes;
  EXPECT_TRUE(DecodeHex(absl::StrReplaceAll(text, {{" ", ""}}), bytes)) << text;
  return bytes;
}
inline std::string ToHex(std::span<const uint8_t> bytes) {
  return absl::BytesToHexString({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace dpvrrp
