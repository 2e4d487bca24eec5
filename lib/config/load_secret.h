// SPDX-License-Identifier: BSD-3-Clause
//
// Secrets in the file, or in files that it names.
//
// Thread: control.
#pragma once

#include <optional>
#include <span>

#include "config/draft.h"

namespace dpvrrp::config_internal {

// Where a secret stands in the file and what it turned out to be. No message may show `bytes`.
struct Secret {
  absl::string_view key;  // "key_hex"
  Position at;
  SecretBytes bytes;
  bool is_hex = false;
};

// The keys that hold secrets of this kind: "key", "key_hex", "key_file".
std::vector<absl::string_view> SecretKeysOf(AuthKind kind);

// The one secret that there must be of this kind; `or_else`: another key that could have been given instead. Nothing:
// reported.
std::optional<Secret> ReadSecret(const TableReader& reader, AuthKind kind, const ReadContext& context,
                                 absl::string_view or_else = "");

}  // namespace dpvrrp::config_internal
