// SPDX-License-Identifier: BSD-3-Clause
//
// The rules for a key, from the file or from a command.
//
// Thread: any (pure).
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "config/model.h"

namespace dpvrrp {

// Parses a key file's content: text without its last newline, or pairs of hex digits after "hex:". InvalidArgument
// never shows a byte of the content.
absl::StatusOr<SecretBytes> ParseKeyFile(const SecretBytes& content);

// Whether a key may be added to the ring. It must not be empty, and not be in the ring already. It must not be weak
// unless the ring allows that. Empty, or the fault: "is the same as key 1". `used`: how many of its bytes are the key.
std::string KeyFault(const KeyringConfig& ring, const SecretBytes& secret, size_t used = SIZE_MAX);

inline constexpr size_t kMaxKeepalivedKeyBytes = 8;  // of its auth_pass

// Whether AH accepts keys of this length (conformance A-08, A-10). Empty, or: "hmac-sha1-96 takes a key of exactly 20
// bytes, got 32 (RFC 2404)".
std::string KeyLengthFault(MacAlgorithm algorithm, IcvRule rule, size_t bytes);

// The same for any user of keys: the auth_hmac trailer takes 32..64 bytes, as in keepalived.
std::string KeyLengthFault(const AuthConfig& user, size_t bytes);

// Null: the ring has no such key.
const KeyConfig* FindKey(const KeyringConfig& ring, uint8_t id);

// Whether a key is accepted at a time. The signing key is always accepted, and continues to sign: a wrong clock or a
// late operator must not silence a gateway.
enum class KeyValidity : uint8_t { kValid, kNotYet, kExpired };
KeyValidity ValidityAt(const KeyConfig& key, int64_t unix_seconds);

}  // namespace dpvrrp
