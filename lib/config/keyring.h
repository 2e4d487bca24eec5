// SPDX-License-Identifier: BSD-3-Clause
//
// What a key must be, wherever it comes from: the file, or a command.
//
// Thread: any (pure).
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "config/model.h"

namespace dpvrrp {

// A key file's content: text without its last newline, or pairs of hex digits after "hex:". InvalidArgument never shows
// a byte of it.
absl::StatusOr<SecretBytes> ParseKeyFile(const SecretBytes& content);

// Whether a key may be in the ring beside the others: not empty, not one that is there already, not weak unless that is
// allowed. Nothing, or what is wrong: "is the same as key 1". `used`: how many of its bytes are the key.
std::string KeyFault(const KeyringConfig& ring, const SecretBytes& secret, size_t used = SIZE_MAX);

inline constexpr size_t kMaxKeepalivedKeyBytes = 8;  // of its auth_pass

// Whether AH takes keys of so many bytes (conformance A-08, A-10). Nothing, or: "hmac-sha1-96 takes a key of exactly 20
// bytes, got 32 (RFC 2404)".
std::string KeyLengthFault(MacAlgorithm algorithm, IcvRule rule, size_t bytes);

// The same for whoever uses keys in this way: the auth_hmac trailer takes 32..64 bytes, as keepalived does.
std::string KeyLengthFault(const AuthConfig& user, size_t bytes);

// Null: the ring has no such key.
const KeyConfig* FindKey(const KeyringConfig& ring, uint8_t id);

// When a key is accepted. The one that signs always is, and goes on signing: a clock that is wrong, or an operator who
// is late, must not silence a gateway.
enum class KeyValidity : uint8_t { kValid, kNotYet, kExpired };
KeyValidity ValidityAt(const KeyConfig& key, int64_t unix_seconds);

}  // namespace dpvrrp
