// SPDX-License-Identifier: BSD-3-Clause
//
// Whether a key is worth its name: an attacker who has heard one advert tries keys at his leisure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace dpvrrp {

inline constexpr size_t kMinKeyBytes = 8;       // keepalived's keys have no more
inline constexpr size_t kMinShortKeyBits = 32;  // of a key of 8 bytes; eight digits are 26
inline constexpr size_t kMinKeyBits = 64;       // of a longer one

// About how many bits there are to guess in a key of `bytes`. What somebody may have thought up counts for little:
// repetitions, characters that go on in a row (aaaa, 1234, fedc) and words that everybody tries first, also with digits
// for letters. Each byte that is left counts as one drawn from the kinds of characters there are in the key (digits,
// small letters, capitals, other printable ones; anything else: all 256).
//
// An upper bound to catch what is plainly bad; it knows no dictionary. Thread: any (pure).
size_t GuessedBits(std::span<const uint8_t> bytes);

// Why the key is weak, "has 6 bytes, the least is 8"; empty: it is not. Never shows a byte of it. Only the first `used`
// of `bytes` are the key; but a word that is cut is no harder to guess than the word.
std::string WeaknessOf(std::span<const uint8_t> bytes, size_t used = SIZE_MAX);

}  // namespace dpvrrp
