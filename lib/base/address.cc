// SPDX-License-Identifier: BSD-3-Clause
#include "base/address.h"

#include <arpa/inet.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"

namespace dpvrrp {

std::string ToString(const MacAddress& mac) {
  const auto& b = mac.bytes;
  return absl::StrFormat("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
}

absl::StatusOr<MacAddress> ParseMacAddress(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ':');
  MacAddress mac;
  bool good = parts.size() == mac.bytes.size();
  for (size_t i = 0; good && i < parts.size(); ++i) {
    uint32_t byte = 0;
    good = parts[i].size() == 2 && absl::SimpleHexAtoi(parts[i], &byte);
    mac.bytes[i] = static_cast<uint8_t>(byte);
  }
  if (!good) {
    return absl::InvalidArgumentError(
        absl::StrCat("a MAC address is six pairs of hex digits such as 02:00:00:00:00:01, got '", text, "'"));
  }
  return mac;
}

std::string ToString(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(address.is_v4() ? AF_INET : AF_INET6, address.bytes().data(), text, sizeof text);
  return text;
}

absl::StatusOr<IpAddress> ParseIpAddress(absl::string_view text) {
  const std::string terminated(text);
  std::array<uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) {
    return IpAddress::V4(static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
                         static_cast<uint32_t>(bytes[2]) << 8 | bytes[3]);
  }
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return IpAddress::V6(bytes);
  return absl::InvalidArgumentError(absl::StrCat("not an IP address: '", text, "'"));
}

std::string ToString(const IpPrefix& prefix) {
  return absl::StrCat(ToString(prefix.address), "/", static_cast<int>(prefix.length));
}

absl::StatusOr<IpPrefix> ParseIpPrefix(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits('/', 1));
  DPVRRP_ASSIGN_OR_RETURN(IpAddress address, ParseIpAddress(parts.first));
  const int longest = address.is_v4() ? 32 : 128;
  int length = longest;
  const bool has_length = parts.first.size() != text.size();
  if (has_length && (!absl::SimpleAtoi(parts.second, &length) || length < 0 || length > longest)) {
    return absl::InvalidArgumentError(absl::StrCat("prefix length must be 0..", longest, ", got '", text, "'"));
  }
  return IpPrefix{address, static_cast<uint8_t>(length)};
}

}  // namespace dpvrrp
