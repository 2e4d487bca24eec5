// SPDX-License-Identifier: BSD-3-Clause
//
// MAC and IP addresses as values. Bytes are kept in network order, so that comparing them is the comparison the
// election wants (RFC 3768 6.4.3: "the primary IP address of the sender is greater").
//
// Thread: any (values).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/types.h"

namespace dpvrrp {

struct MacAddress {
  std::array<uint8_t, 6> bytes{};

  friend constexpr auto operator<=>(const MacAddress&, const MacAddress&) = default;
};

inline constexpr MacAddress kBroadcastMac{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

// 00:00:5e:00:01:VRID (RFC 3768 7.3, conformance V3-13).
constexpr MacAddress VirtualMacV4(Vrid vrid) { return MacAddress{{0x00, 0x00, 0x5e, 0x00, 0x01, vrid.value()}}; }

std::string ToString(const MacAddress& mac);  // "02:00:0a:63:00:01"
absl::StatusOr<MacAddress> ParseMacAddress(absl::string_view text);

enum class Family : uint8_t { kIpv4 = 4, kIpv6 = 6 };

// An IPv4 or IPv6 address. Default-constructed: 0.0.0.0.
class IpAddress {
 public:
  constexpr IpAddress() = default;
  static constexpr IpAddress V4(uint32_t host_order) {
    IpAddress a;
    a.bytes_[0] = static_cast<uint8_t>(host_order >> 24);
    a.bytes_[1] = static_cast<uint8_t>(host_order >> 16);
    a.bytes_[2] = static_cast<uint8_t>(host_order >> 8);
    a.bytes_[3] = static_cast<uint8_t>(host_order);
    return a;
  }
  static constexpr IpAddress V6(const std::array<uint8_t, 16>& bytes) {
    IpAddress a;
    a.family_ = Family::kIpv6;
    a.bytes_ = bytes;
    return a;
  }

  constexpr Family family() const { return family_; }
  constexpr bool is_v4() const { return family_ == Family::kIpv4; }
  // The IPv4 address in host order. Requires is_v4().
  constexpr uint32_t v4() const {
    return static_cast<uint32_t>(bytes_[0]) << 24 | static_cast<uint32_t>(bytes_[1]) << 16 |
           static_cast<uint32_t>(bytes_[2]) << 8 | bytes_[3];
  }
  // 4 or 16 bytes, network order.
  std::span<const uint8_t> bytes() const { return {bytes_.data(), is_v4() ? 4u : 16u}; }

  // Unspecified (all zero), and the two families' multicast ranges.
  constexpr bool IsUnspecified() const { return bytes_ == std::array<uint8_t, 16>{}; }
  constexpr bool IsMulticast() const { return is_v4() ? (bytes_[0] >> 4) == 0xe : bytes_[0] == 0xff; }

  // Family first, then unsigned network order over all bytes (conformance V3-90).
  friend constexpr auto operator<=>(const IpAddress&, const IpAddress&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const IpAddress& a) {
    return H::combine(std::move(h), a.family_, a.bytes_);
  }

 private:
  Family family_ = Family::kIpv4;
  std::array<uint8_t, 16> bytes_{};  // an IPv4 address fills the first four
};

std::string ToString(const IpAddress& address);
absl::StatusOr<IpAddress> ParseIpAddress(absl::string_view text);

// An address with its prefix length, as `ip address` writes it: "10.99.0.100/24".
struct IpPrefix {
  IpAddress address;
  uint8_t length = 32;  // 0..32 or 0..128

  friend constexpr auto operator<=>(const IpPrefix&, const IpPrefix&) = default;
};

std::string ToString(const IpPrefix& prefix);
// "10.99.0.100" means /32 and an IPv6 address /128, as with `ip address add`.
absl::StatusOr<IpPrefix> ParseIpPrefix(absl::string_view text);

}  // namespace dpvrrp
