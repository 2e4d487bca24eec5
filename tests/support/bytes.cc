// SPDX-License-Identifier: BSD-3-Clause
#include "support/bytes.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "base/check.h"

namespace dpvrrp {

Bytes FromHex(absl::string_view text) {
  Bytes out;
  int digits = 0;
  uint8_t value = 0;
  for (char c : text) {
    if (c == ' ') continue;
    DPVRRP_CHECK(absl::ascii_isxdigit(static_cast<unsigned char>(c)));
    const int digit = absl::ascii_isdigit(static_cast<unsigned char>(c))
                          ? c - '0'
                          : absl::ascii_tolower(static_cast<unsigned char>(c)) - 'a' + 10;
    value = static_cast<uint8_t>(value << 4 | digit);
    if (++digits % 2 == 0) out.push_back(value);
  }
  DPVRRP_CHECK(digits % 2 == 0);
  return out;
}

std::string ToHex(std::span<const uint8_t> bytes) {
  std::string out;
  for (uint8_t byte : bytes) absl::StrAppendFormat(&out, "%02x", byte);
  return out;
}

IpAddress Ip(absl::string_view text) {
  const absl::StatusOr<IpAddress> address = ParseIpAddress(text);
  DPVRRP_CHECK(address.ok());
  return *address;
}

MacAddress Mac(absl::string_view text) {
  const absl::StatusOr<MacAddress> mac = ParseMacAddress(text);
  DPVRRP_CHECK(mac.ok());
  return *mac;
}

Bytes KeepalivedKey(absl::string_view auth_pass) {
  Bytes key(auth_pass.begin(), auth_pass.end());
  key.resize(8);
  return key;
}

}  // namespace dpvrrp
