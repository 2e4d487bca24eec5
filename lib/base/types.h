// SPDX-License-Identifier: BSD-3-Clause
//
// The terms of VRRP as types. Thread: any (values).
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/strong.h"

namespace dpvrrp {

using Vrid = Strong<struct VridTag, uint8_t>;               // 1..255 (RFC 3768 5.3.3)
using Priority = Strong<struct PriorityTag, uint8_t>;       // 0 resigns, 255 owns the addresses (RFC 3768 5.3.4)
using Spi = Strong<struct SpiTag, uint32_t>;                // host order; 0 is never sent (RFC 4302 2.4)
using InstanceId = Strong<struct InstanceIdTag, uint32_t>;  // control's handle; never used twice in one run
using PortId = Strong<struct PortIdTag, uint16_t>;          // DPDK's port number

inline constexpr Priority kPriorityRelease{0};
inline constexpr Priority kPriorityDefault{100};
inline constexpr Priority kPriorityOwner{255};

enum class VrrpVersion : uint8_t { kV2 = 2, kV3 = 3 };

enum class AuthKind : uint8_t { kNone = 0, kSimple = 1, kAh = 2, kAuthHmac = 3 };
// The type field on the wire (RFC 2338 5.3.6), which has no value for the auth_hmac trailer.
constexpr uint8_t WireAuthType(AuthKind kind) {
  return kind == AuthKind::kAuthHmac ? uint8_t{0} : static_cast<uint8_t>(kind);
}

// AH: how a sender is treated whose numbers restart at a lower value.
enum class RestartPolicy : uint8_t {
  kRefuse,
  kReadmit,  // accepts it again after it has been silent for longer than Master_Down_Interval
};

// Whether the adverts carry an ICV or HMAC, and a number.
constexpr bool HasKeys(AuthKind kind) { return kind == AuthKind::kAh || kind == AuthKind::kAuthHmac; }

// The auth_hmac trailer (wire/auth_trailer.h): whether adverts must carry one, and whether ours do. A faulty trailer is
// refused in every mode.
enum class TrailerMode : uint8_t {
  kEnforce,      // received adverts must carry one, ours do
  kPermissive,   // received adverts may carry one, ours do
  kReceiveOnly,  // received adverts may carry one, ours do not
};
inline constexpr size_t kTrailerKeyMinBytes = 32;  // keepalived's rule; the maximum is SHA-256's block
inline constexpr size_t kTrailerKeyMaxBytes = 64;
enum class AntiReplay : uint8_t {
  kTime,       // numbers are UTC, and must be near ours
  kMonotonic,  // numbers must only increase
};
struct TrailerRules {
  TrailerMode mode = TrailerMode::kEnforce;
  AntiReplay anti_replay = AntiReplay::kTime;
  uint16_t time_window = 5;  // seconds, 1..300

  friend bool operator==(const TrailerRules&, const TrailerRules&) = default;
};
// The part of the IPv4 header that the ICV covers: keepalived keeps the TTL on multicast, RFC 4302 zeroes it (AH-19,
// AH-20).
enum class IcvRule : uint8_t { kKeepalived, kRfc4302 };
enum class SourceMac : uint8_t { kPort, kVirtual };  // Ethernet source of adverts and announcements
// The input of the checksum of a VRRPv3 advert over IPv4: with RFC 5798 a pseudo-header precedes, with RFC 9568 none.
enum class ChecksumRule : uint8_t { kRfc5798, kRfc9568 };

// How a worker waits while it has no work. It never rests past its next timer.
enum class IdleMode : uint8_t {
  kPoll,       // keeps polling: no delay, a whole CPU
  kPause,      // polls with pauses of the CPU (TPAUSE) in between: about 10 us late, a whole CPU at less power
  kSleep,      // polls with sleeps in between: late by up to one sleep, a small part of a CPU
  kInterrupt,  // a frame wakes it: late by a wake-up, no CPU time while no frame arrives. Needs ports with interrupts
};

inline constexpr uint16_t kMaxVid = 4094;  // IEEE 802.1Q 9.6: 0 is no VLAN, 4095 is reserved

// The VLAN tags of a LAN segment, outermost first; 0 means "no tag here". A segment is (port, tags).
struct VlanStack {
  uint16_t outer = 0;  // VID 1..4094, or 0
  uint16_t inner = 0;  // VID 1..4094, or 0; non-zero only under an outer tag

  friend constexpr auto operator<=>(const VlanStack&, const VlanStack&) = default;
};

}  // namespace dpvrrp
