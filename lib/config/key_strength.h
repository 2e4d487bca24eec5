// SPDX-License-Identifier: BSD-3-Clause
//
// Estimates whether a key is strong enough. An attacker who has received one advert can try keys offline without limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace dpvrrp {

inline constexpr size_t kMinKeyBytes = 8;       // the longest key of keepalived
inline constexpr size_t kMinShortKeyBits = 32;  // of a key of 8 bytes; eight digits are 26
inline constexpr size_t kMinKeyBits = 64;       // of a longer one

// About how many bits an attacker must guess to find a key of `bytes`. Parts that a person may have thought up count
// little: repetitions, runs of characters (aaaa, 1234, fedc), and words that attackers try first, also with digits in
// place of letters. Each remaining byte counts as drawn from the kinds of characters in the key (digits, small letters,
// capitals, other printable characters; if there is any other byte, all 256).
//
// This is an upper bound that finds plainly weak keys. It has no dictionary. Thread: any (pure).
size_t GuessedBits(std::span<const uint8_t> bytes);

// Why the key is weak, for example "has 6 bytes, but at least 8 are required"; empty if it is not. Shows no byte of the
// key. Only the first `used` of `bytes` are the key, but a word that is cut counts as the whole word.
std::string WeaknessOf(std::span<const uint8_t> bytes, size_t used = SIZE_MAX);

}  // namespace dpvrrp
