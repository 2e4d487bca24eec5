// SPDX-License-Identifier: BSD-3-Clause
//
// Bytes in the form in which tests write and print them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/address.h"

namespace dpvrrp {

using Bytes = std::vector<uint8_t>;

// "45c0 0040" -> {0x45, 0xc0, 0x00, 0x40}. Spaces are skipped; any other character that is no hex digit aborts.
Bytes FromHex(absl::string_view text);
std::string ToHex(std::span<const uint8_t> bytes);

// Addresses a test writes down; a typing error aborts.
IpAddress Ip(absl::string_view text);
MacAddress Mac(absl::string_view text);

// keepalived's HMAC key: `auth_pass` cut or zero-filled to 8 bytes (keepalived.md 1.4).
Bytes KeepalivedKey(absl::string_view auth_pass);

}  // namespace dpvrrp
