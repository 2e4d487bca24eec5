// SPDX-License-Identifier: BSD-3-Clause
//
// The hashes under the HMACs, as OpenSSL computes them. Internal to lib/crypto.
//
// Thread: any (no state).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "crypto/mac_algorithm.h"
#include "crypto/mac_key.h"

namespace dpvrrp::internal {

inline constexpr size_t kHashBlockBytes = 64;  // MD5, SHA-1 and SHA-256 alike
inline constexpr size_t kMaxDigestBytes = 32;

// The plain hash of `data`. Writes the digest and returns its length, at most kMaxDigestBytes.
size_t Digest(MacAlgorithm algorithm, std::span<const uint8_t> data, uint8_t* digest);

// The chaining state after exactly one block, in words of host order. Returns how many: 4, 5 or 8.
size_t HashBlock(MacAlgorithm algorithm, std::span<const uint8_t, kHashBlockBytes> block, uint32_t* state);

// The whole HMAC, not truncated; `mac` has room for kMaxDigestBytes. Never allocates.
void Hmac(const MacKey& key, const uint8_t* data, size_t length, uint8_t* mac);

}  // namespace dpvrrp::internal
