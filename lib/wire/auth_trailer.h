// SPDX-License-Identifier: BSD-3-Clause
//
// The auth_hmac trailer (draft-cassen-vrrp-auth-hmac-00, as keepalived 2.4.2 and later speaks it; keepalived.md 2): 28
// bytes behind a whole VRRP message of either version, over IPv4 or IPv6:
//
//  0                   1                   2                   3
//  |     type      |    key id     |           reserved            |
//  |                      UTC seconds, low 32 bits                 |
//  |       1/65536 seconds         |           counter             |
//  |                        HMAC, 16 bytes                         |
//
// Nothing in the message announces it: it is there if the IP payload is longer than the message by just so much. The IP
// length covers it, the VRRP checksum over IPv4 does not, over IPv6 it does. Time and counter are one number of 64 bits
// that grows from advert to advert, by RFC 1982's order, as the seconds wrap in 2106.
//
// All that the draft says of bytes and of numbers is here, and nowhere else.
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

// Bytes of the message at the front of an IP payload, as its first four bytes tell them; 0: too short to tell, or of a
// version that nobody knows.
size_t VrrpMessageBytes(Family family, std::span<const uint8_t> payload);

// Whether the payload is a message and a trailer.
inline bool HasAuthTrailer(Family family, std::span<const uint8_t> payload) {
  const size_t message = VrrpMessageBytes(family, payload);
  return message != 0 && payload.size() == message + sizeof(AuthTrailer);
}

inline constexpr size_t kTrailerPseudoBytes = 20;

// What the HMAC is computed of, for a message with its trailer: a pseudo-header of family, version, VRID and source;
// then the message, its checksum read as zero, and the trailer, its HMAC read as zero. `out` has room for
// message.size() + kTrailerPseudoBytes bytes, so many are written. Neither the destination nor the rest of the IP
// header is covered.
void WriteTrailerInput(const IpAddress& source, std::span<const uint8_t> message, uint8_t* out);

// The trailer's number for a moment, `utc` after 1970; counter 0. Never 0.
uint64_t TrailerNumberAt(Nanoseconds utc);

// RFC 1982: whether `a` comes after `b`.
constexpr bool IsLater(uint64_t a, uint64_t b) { return a != b && a - b < uint64_t{1} << 63; }

// How far two numbers are from each other, in seconds.
constexpr uint32_t SecondsApart(uint64_t a, uint64_t b) {
  const auto forward = static_cast<uint32_t>((a >> 32) - (b >> 32));
  return forward < uint32_t{1} << 31 ? forward : 0 - forward;
}

// The next number to send after `last` (0: none yet) when the clock stands at `clock` (0: not known): the clock's,
// unless the last is not before it; then the last and one. With `window` seconds (0: monotonic) a last number further
// ahead of the clock than that is forgotten: the clock has been put back, and peers would refuse it as stale.
uint64_t NextTrailerNumber(uint64_t last, uint64_t clock, uint32_t window);

}  // namespace dpvrrp
