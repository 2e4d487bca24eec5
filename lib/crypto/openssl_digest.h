// SPDX-License-Identifier: BSD-3-Clause
//
// The hashes of the HMACs, as OpenSSL computes them. Internal to lib/crypto.
//
// Thread: any (no state).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "crypto/mac_algorithm.h"
#include "crypto/mac_key.h"

namespace dpvrrp::internal {

inline constexpr size_t kMaxHashBlockBytes = 128;
inline constexpr size_t kMaxDigestBytes = 64;

// The block of an HMAC's hash: 64 bytes for MD5, SHA-1 and SHA-256, 128 for SHA-384 and SHA-512.
size_t HashBlockBytes(MacAlgorithm algorithm);

// Whether the hash computes in words of 64 bits: its states are in MacKey::wide().
bool HasWideStates(MacAlgorithm algorithm);

// The plain hash of `data`. Writes the digest and returns its length, at most kMaxDigestBytes.
size_t Digest(MacAlgorithm algorithm, std::span<const uint8_t> data, uint8_t* digest);

// The chaining state after exactly one block, in words of host order, uint32_t or uint64_t. Returns its length in
// bytes: 4, 5 or 8 words.
size_t HashBlock(MacAlgorithm algorithm, std::span<const uint8_t> block, void* state);

// The whole HMAC, not truncated; `mac` has room for kMaxDigestBytes. Never allocates.
void Hmac(const MacKey& key, const uint8_t* data, size_t length, uint8_t* mac);

}  // namespace dpvrrp::internal
