// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

// The algorithm table: enumerator, name in configuration and CLI, ICV bytes on the wire, key bytes the RFC asks for,
// source. A new algorithm is one row here, its hash in openssl_digest.cc (the compiler asks for it), and a published
// vector in published_vectors.cc: SelfTest, and so the start of the daemon, fails for a row without one.
#define DPVRRP_MAC_ALGORITHMS(X)                      \
  X(kHmacMd5_96, "hmac-md5-96", 12, 16, "RFC 2403")   \
  X(kHmacSha1_96, "hmac-sha1-96", 12, 20, "RFC 2404") \
  X(kHmacSha256_128, "hmac-sha256-128", 16, 32, "RFC 4868")

namespace dpvrrp {

enum class MacAlgorithm : uint8_t {
#define X(id, name, icv_bytes, key_bytes, source) id,
  DPVRRP_MAC_ALGORITHMS(X)
#undef X
};

#define X(id, name, icv_bytes, key_bytes, source) +1
inline constexpr size_t kMacAlgorithmCount = 0 DPVRRP_MAC_ALGORITHMS(X);
#undef X
inline constexpr size_t kMaxIcvBytes = 16;

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
