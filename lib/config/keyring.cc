// SPDX-License-Identifier: BSD-3-Clause
#include "config/keyring.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "config/key_strength.h"

namespace dpvrrp {

std::string KeyFault(const KeyringConfig& ring, const SecretBytes& secret, size_t used) {
  if (secret.bytes.empty()) return "must not be empty";
  for (const KeyConfig& key : ring.keys) {
    if (key.secret == secret) return absl::StrCat("is the same as key ", key.id);
  }
  const std::string weakness = ring.allow_weak_keys ? "" : WeaknessOf(secret.bytes, used);
  return weakness.empty() ? "" : absl::StrCat("is weak: it ", weakness, "; allow_weak_keys = true permits it");
}

std::string KeyLengthFault(MacAlgorithm algorithm, IcvRule rule, size_t bytes) {
  if (bytes == 0) return "must not be empty";
  if (rule == IcvRule::kKeepalived) {
    if (bytes <= kMaxKeepalivedKeyBytes) return "";
    return absl::StrCat("must be 1..", kMaxKeepalivedKeyBytes, " bytes for icv_rule 'keepalived', got ", bytes);
  }
  const MacAlgorithmInfo& info = InfoOf(algorithm);
  if (bytes == info.key_bytes) return "";
  return absl::StrCat(info.name, " takes a key of exactly ", info.key_bytes, " bytes, got ", bytes, " (", info.source,
                      ")");
}

std::string KeyLengthFault(const AuthConfig& user, size_t bytes) {
  if (user.kind != AuthKind::kAuthHmac) return KeyLengthFault(user.algorithm, user.icv_rule, bytes);
  if (bytes >= kTrailerKeyMinBytes && bytes <= kTrailerKeyMaxBytes) return "";
  return absl::StrCat("must be ", kTrailerKeyMinBytes, "..", kTrailerKeyMaxBytes, " bytes for type 'auth-hmac', got ",
                      bytes);
}

const KeyConfig* FindKey(const KeyringConfig& ring, uint8_t id) {
  const auto found = std::ranges::find(ring.keys, id, &KeyConfig::id);
  return found == ring.keys.end() ? nullptr : &*found;
}

KeyValidity ValidityAt(const KeyConfig& key, int64_t unix_seconds) {
  if (key.not_before && unix_seconds < *key.not_before) return KeyValidity::kNotYet;
  if (key.not_after && unix_seconds >= *key.not_after) return KeyValidity::kExpired;
  return KeyValidity::kValid;
}

}  // namespace dpvrrp
