// SPDX-License-Identifier: BSD-3-Clause
//
// The field's words as types. Thread: any (values).
#pragma once

#include <cstdint>

#include "base/strong.h"

namespace dpvrrp {

using Vrid = Strong<struct VridTag, uint8_t>;               // 1..255 (RFC 3768 5.3.3)
using Priority = Strong<struct PriorityTag, uint8_t>;       // 0 resigns, 255 owns the addresses (RFC 3768 5.3.4)
using Spi = Strong<struct SpiTag, uint32_t>;                // host order; 0 never on the wire (RFC 4302 2.4)
using InstanceId = Strong<struct InstanceIdTag, uint32_t>;  // control's handle; never given out twice in one run
using PortId = Strong<struct PortIdTag, uint16_t>;          // DPDK's port number

inline constexpr Priority kPriorityRelease{0};
inline constexpr Priority kPriorityDefault{100};
inline constexpr Priority kPriorityOwner{255};

enum class VrrpVersion : uint8_t { kV2 = 2, kV3 = 3 };

enum class AuthKind : uint8_t { kNone = 0, kSimple = 1, kAh = 2 };  // the wire's type field (RFC 2338 5.3.6)
// What the ICV covers of the IPv4 header: keepalived keeps the TTL on multicast, RFC 4302 zeroes it (AH-19, AH-20).
enum class IcvRule : uint8_t { kKeepalived, kRfc4302 };
enum class SourceMac : uint8_t { kPort, kVirtual };  // Ethernet source of adverts and announcements
// What the checksum of a VRRPv3 advert over IPv4 covers: RFC 5798's has a pseudo-header in front, RFC 9568's has none.
enum class ChecksumRule : uint8_t { kRfc5798, kRfc9568 };

// How a worker with nothing to do passes the time. It never rests past its next timer.
enum class IdleMode : uint8_t {
  kPoll,       // it polls on: no delay, all of a CPU
  kPause,      // it polls, with pauses of the CPU (TPAUSE) in between: some 10 us late, all of a CPU at less power
  kSleep,      // it polls, with sleeps in between: late by as much, a small part of a CPU
  kInterrupt,  // frames wake it: late by a wake-up, no CPU at all while nothing comes. Needs ports with interrupts
};

// The VLAN tags of a LAN segment, outermost first; 0 means "no tag here". A segment is (port, tags).
struct VlanStack {
  uint16_t outer = 0;  // VID 1..4094, or 0
  uint16_t inner = 0;  // VID 1..4094, or 0; non-zero only under an outer tag

  friend constexpr auto operator<=>(const VlanStack&, const VlanStack&) = default;
};

}  // namespace dpvrrp
