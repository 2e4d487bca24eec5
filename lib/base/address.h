// SPDX-License-Identifier: BSD-3-Clause
//
// MAC and IP addresses as values. Bytes are in network order, so that comparing them is the comparison of the election
// (RFC 3768 6.4.3: "the primary IP address of the sender is greater").
//
// Thread: any (values).
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/endian.h"
#include "base/types.h"

namespace dpvrrp {

struct MacAddress {
  std::array<uint8_t, 6> bytes{};

  friend constexpr auto operator<=>(const MacAddress&, const MacAddress&) = default;
};

inline constexpr MacAddress kBroadcastMac{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

std::string ToString(const MacAddress& mac);  // "02:00:0a:63:00:01"
absl::StatusOr<MacAddress> ParseMacAddress(absl::string_view text);

enum class Family : uint8_t { kIpv4 = 4, kIpv6 = 6 };

// The virtual router's MAC: 00:00:5e:00:01:VRID for IPv4, 00:00:5e:00:02:VRID for IPv6 (RFC 9568 7.3; V3-13, V3-14).
constexpr MacAddress VirtualMac(Family family, Vrid vrid) {
  const uint8_t kind = family == Family::kIpv4 ? 1 : 2;
  return MacAddress{{0x00, 0x00, 0x5e, 0x00, kind, vrid.value()}};
}

// An IPv4 or IPv6 address. Default-constructed: 0.0.0.0.
//
// An IPv4 address is stored as its IPv4-mapped IPv6 address, ::ffff:a.b.c.d (RFC 4291 2.5.5.2). So every address is
// sixteen bytes, two registers, and compares as two numbers. Mapped addresses do not appear on a wire as such.
class IpAddress {
 public:
  using Bytes = std::array<uint8_t, 16>;

  constexpr IpAddress() = default;
  static constexpr IpAddress V4(uint32_t host_order) {
    IpAddress a;
    a.low_ = kMappedPrefix | host_order;
    return a;
  }
  static constexpr IpAddress V6(const Bytes& bytes) {
    const auto halves = std::bit_cast<std::array<Be64, 2>>(bytes);
    IpAddress a;
    a.high_ = halves[0].host();
    a.low_ = halves[1].host();
    return a;
  }

  constexpr Family family() const { return is_v4() ? Family::kIpv4 : Family::kIpv6; }
  constexpr bool is_v4() const { return (high_ | (low_ >> 32 ^ kMappedPrefix >> 32)) == 0; }
  // The IPv4 address in host order. Requires is_v4().
  constexpr uint32_t v4() const { return static_cast<uint32_t>(low_); }
  // Network order: an IPv6 address, or an IPv4 address in the first four bytes, then zeros.
  constexpr Bytes bytes() const {
    if (is_v4()) return std::bit_cast<Bytes>(std::array<Be32, 4>{Be32(v4())});
    return std::bit_cast<Bytes>(std::array<Be64, 2>{Be64(high_), Be64(low_)});
  }
  constexpr size_t size() const { return is_v4() ? 4 : 16; }  // length of the address in bytes

  // Unspecified (all zero), and the two families' multicast ranges.
  constexpr bool IsUnspecified() const { return high_ == 0 && (low_ == 0 || low_ == kMappedPrefix); }
  constexpr bool IsMulticast() const { return is_v4() ? (v4() >> 28) == 0xe : high_ >> 56 == 0xff; }
  constexpr bool IsLinkLocalV6() const { return high_ >> 54 == 0xfe80 >> 6; }  // fe80::/10 (RFC 4291 2.5.6)

  friend constexpr bool operator==(const IpAddress&, const IpAddress&) = default;
  // Family first, then unsigned network order over all bytes (conformance V3-90).
  friend constexpr std::strong_ordering operator<=>(const IpAddress& a, const IpAddress& b) {
    if (a.is_v4() != b.is_v4()) return b.is_v4() <=> a.is_v4();
    if (a.high_ != b.high_) return a.high_ <=> b.high_;
    return a.low_ <=> b.low_;
  }

  template <typename H>
  friend H AbslHashValue(H h, const IpAddress& a) {
    return H::combine(std::move(h), a.high_, a.low_);
  }

 private:
  static constexpr uint64_t kMappedPrefix = uint64_t{0xffff} << 32;

  uint64_t high_ = 0;  // host order, so that numbers compare like the bytes on the wire
  uint64_t low_ = kMappedPrefix;
};
static_assert(sizeof(IpAddress) == 16);

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
