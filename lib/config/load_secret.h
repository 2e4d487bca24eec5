// SPDX-License-Identifier: BSD-3-Clause
//
// Reads secrets from the configuration file, or from files that it names.
//
// Thread: control.
#pragma once

#include <optional>
#include <span>

#include "config/draft.h"

namespace dpvrrp::config_internal {

// A secret, and its place in the file. No message may show `bytes`.
struct Secret {
  absl::string_view key;  // "key_hex"
  Position at;
  SecretBytes bytes;
  bool is_hex = false;
};

// The keys that hold secrets of this kind: "key", "key_hex", "key_file".
std::vector<absl::string_view> SecretKeysOf(AuthKind kind);

// Reads the secret of this kind. Exactly one must be given; `or_else` names another key that could have been given
// instead. Nothing: faulty, and that is reported.
std::optional<Secret> ReadSecret(const TableReader& reader, AuthKind kind, const ReadContext& context,
                                 absl::string_view or_else = "");

}  // namespace dpvrrp::config_internal
