// SPDX-License-Identifier: BSD-3-Clause
//
// The auth_hmac trailer (draft-cassen-vrrp-auth-hmac-00, as implemented by keepalived 2.4.2 and later; keepalived.md
// 2): 28 bytes after a whole VRRP message of either version, over IPv4 or IPv6:
//
//  0                   1                   2                   3
//  |     type      |    key id     |           reserved            |
//  |                      UTC seconds, low 32 bits                 |
//  |       1/65536 seconds         |           counter             |
//  |                        HMAC, 16 bytes                         |
//
// No field of the message announces the trailer. The trailer is present if the IP payload is longer than the message by
// exactly its length. The IP length covers it. The VRRP checksum covers it over IPv6, but not over IPv4. Time and
// counter are one number of 64 bits, which increases from advert to advert in RFC 1982's order, because the seconds
// wrap in 2106.
//
// All rules of the draft about bytes and numbers are in this file, and in no other.
//
// Thread: any (pure functions).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/address.h"
#include "base/endian.h"
#include "base/time.h"
#include "base/types.h"

namespace dpvrrp {

inline constexpr size_t kTrailerHmacBytes = 16;  // HMAC-SHA-256, cut
inline constexpr uint8_t kTrailerTypeHmac = 1;

struct AuthTrailer {  // as on the wire, alignment 1
  uint8_t type;
  uint8_t key_id;  // 1..255
  Be16 reserved;
  Be32 seconds;
  Be16 fraction;
  Be16 counter;
  uint8_t hmac[kTrailerHmacBytes];

  bool well_formed() const { return type == kTrailerTypeHmac && reserved == Be16(0); }
  uint64_t number() const {
    return uint64_t{seconds.host()} << 32 | uint64_t{fraction.host()} << 16 | uint64_t{counter.host()};
  }
  void set_number(uint64_t number) {
    seconds = Be32(static_cast<uint32_t>(number >> 32));
    fraction = Be16(static_cast<uint16_t>(number >> 16));
    counter = Be16(static_cast<uint16_t>(number));
  }
};
static_assert(sizeof(AuthTrailer) == 28 && alignof(AuthTrailer) == 1);

// The length in bytes of the message at the start of an IP payload, by its first four bytes. 0: the payload is too
// short, or its version is unknown.
size_t VrrpMessageBytes(Family family, std::span<const uint8_t> payload);

// Whether the payload is a message followed by a trailer.
inline bool HasAuthTrailer(Family family, std::span<const uint8_t> payload) {
  const size_t message = VrrpMessageBytes(family, payload);
  return message != 0 && payload.size() == message + sizeof(AuthTrailer);
}

inline constexpr size_t kTrailerPseudoBytes = 20;

// Writes the input of the HMAC of a message with its trailer: a pseudo-header of family, version, VRID and source; then
// the message with a zero checksum, and the trailer with a zero HMAC. Writes message.size() + kTrailerPseudoBytes bytes
// to `out`. Neither the destination nor other fields of the IP header are covered.
void WriteTrailerInput(const IpAddress& source, std::span<const uint8_t> message, uint8_t* out);

// The trailer's number for a time, `utc` since 1970, with counter 0. Never 0.
uint64_t TrailerNumberAt(Nanoseconds utc);

// RFC 1982: whether `a` comes after `b`.
constexpr bool IsLater(uint64_t a, uint64_t b) { return a != b && a - b < uint64_t{1} << 63; }

// The distance of two numbers in seconds.
constexpr uint32_t SecondsApart(uint64_t a, uint64_t b) {
  const auto forward = static_cast<uint32_t>((a >> 32) - (b >> 32));
  return forward < uint32_t{1} << 31 ? forward : 0 - forward;
}

// The next number to send after `last` (0: none yet) at the time `clock` (0: not known). It is the clock's number if
// that is after `last`, otherwise `last` plus one. If `last` is more than `window` seconds ahead of the clock (0:
// monotonic, no limit), `last` is ignored: the clock has been set back, and peers would refuse the number as stale.
uint64_t NextTrailerNumber(uint64_t last, uint64_t clock, uint32_t window);

}  // namespace dpvrrp
