// SPDX-License-Identifier: BSD-3-Clause
//
// The MAC algorithms of AH as a table.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "base/enum_list.h"

// The algorithm table: enumerator, name in configuration and CLI, ICV bytes on the wire, key bytes that the RFC
// requires, source. A new algorithm is one row here, its hash in openssl_digest.cc or its cipher in cipher_key.cc (the
// compiler reports a missing one), and a published vector in published_vectors.cc. For a row without a vector SelfTest
// fails, and so does the start of the daemon.
//
// The ICV field of AES-GMAC is the IV of 8 bytes, then the tag of 16. Its key is AES's, then a salt of 4 bytes (RFC
// 4543 3.2, 4).
#define DPVRRP_MAC_ALGORITHMS(X)                            \
  X(kHmacMd5_96, "hmac-md5-96", 12, 16, "RFC 2403")         \
  X(kHmacSha1_96, "hmac-sha1-96", 12, 20, "RFC 2404")       \
  X(kHmacSha256_128, "hmac-sha256-128", 16, 32, "RFC 4868") \
  X(kHmacSha384_192, "hmac-sha384-192", 24, 48, "RFC 4868") \
  X(kHmacSha512_256, "hmac-sha512-256", 32, 64, "RFC 4868") \
  X(kAes128Cmac_96, "aes-128-cmac-96", 12, 16, "RFC 4494")  \
  X(kAes128Gmac, "aes-128-gmac", 24, 20, "RFC 4543")        \
  X(kAes256Gmac, "aes-256-gmac", 24, 36, "RFC 4543")

namespace dpvrrp {

enum class MacAlgorithm : uint8_t { DPVRRP_MAC_ALGORITHMS(DPVRRP_ENUMERATOR) };
inline constexpr size_t kMacAlgorithmCount = DPVRRP_COUNT_OF(DPVRRP_MAC_ALGORITHMS);
inline constexpr size_t kMaxIcvBytes = 32;
inline constexpr size_t kGmacIvBytes = 8;

// Whether it is AES-GMAC: the same key and the same IV must never sign two messages.
constexpr bool IsGmac(MacAlgorithm algorithm) {
  return algorithm == MacAlgorithm::kAes128Gmac || algorithm == MacAlgorithm::kAes256Gmac;
}
// Whether some engine computes many messages at once. The portable engine computes the other algorithms in every
// engine.
constexpr bool IsComputedInBulk(MacAlgorithm algorithm) { return algorithm <= MacAlgorithm::kHmacSha256_128; }
constexpr bool IsHmac(MacAlgorithm algorithm) { return algorithm <= MacAlgorithm::kHmacSha512_256; }

struct MacAlgorithmInfo {
  MacAlgorithm algorithm;
  absl::string_view name;
  size_t icv_bytes;  // truncated length in the AH header; a multiple of 4
  size_t key_bytes;  // the only length the RFC allows; keepalived's hmac-md5-96 takes 1..8 (conformance A-08)
  absl::string_view source;
};

// Thread: any.
const std::array<MacAlgorithmInfo, kMacAlgorithmCount>& AllMacAlgorithms();
const MacAlgorithmInfo& InfoOf(MacAlgorithm algorithm);
std::optional<MacAlgorithm> FindMacAlgorithm(absl::string_view name);

}  // namespace dpvrrp
