// SPDX-License-Identifier: BSD-3-Clause
#include "config/load_secret.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "config/keyring.h"

namespace dpvrrp {
namespace config_internal {
namespace {

enum class SecretForm : uint8_t { kText, kHex, kTextFile, kTextOrHexFile };
struct SecretKey {
  absl::string_view name;
  AuthKind kind;  // the kind that uses it
  SecretForm form;
};
constexpr SecretKey kSecretKeys[] = {
    {"key", AuthKind::kAh, SecretForm::kText},
    {"key_hex", AuthKind::kAh, SecretForm::kHex},
    {"key_file", AuthKind::kAh, SecretForm::kTextOrHexFile},
    {"password", AuthKind::kSimple, SecretForm::kText},
    {"password_file", AuthKind::kSimple, SecretForm::kTextFile},
};

SecretBytes Copy(absl::string_view text) { return SecretBytes(std::vector<uint8_t>(text.begin(), text.end())); }

absl::string_view AsText(const SecretBytes& secret) {
  return {reinterpret_cast<const char*>(secret.bytes.data()), secret.bytes.size()};
}

uint8_t HexValue(char digit) {
  if (absl::ascii_isdigit(digit)) return static_cast<uint8_t>(digit - '0');
  return static_cast<uint8_t>(absl::ascii_tolower(digit) - 'a' + 10);
}

absl::StatusOr<SecretBytes> FromHex(absl::string_view hex) {
  if (hex.size() % 2 != 0 || !std::all_of(hex.begin(), hex.end(), absl::ascii_isxdigit)) {
    return absl::InvalidArgumentError("must be pairs of hex digits");
  }
  SecretBytes secret;
  secret.bytes.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    secret.bytes.push_back(static_cast<uint8_t>(HexValue(hex[i]) << 4 | HexValue(hex[i + 1])));
  }
  return secret;
}

constexpr absl::string_view kHexMark = "hex:";

absl::string_view WithoutNewline(absl::string_view text) {
  if (absl::ConsumeSuffix(&text, "\n")) absl::ConsumeSuffix(&text, "\r");
  return text;
}

// The secret in the node, read from its file if the node names one.
absl::StatusOr<Secret> Fetch(const SecretKey& key, const Node& node, const ReadContext& context) {
  Secret secret{key.name, node.at, {}, key.form == SecretForm::kHex};
  const bool in_file = key.form == SecretForm::kTextFile || key.form == SecretForm::kTextOrHexFile;
  SecretBytes content;
  absl::string_view text = node.text();
  if (in_file) {
    if (text.empty()) return absl::InvalidArgumentError("must name a file");
    const std::string path = absl::StartsWith(text, "/") ? std::string(text) : absl::StrCat(context.folder, text);
    DPVRRP_ASSIGN_OR_RETURN(content, context.read_secret(path));
    text = WithoutNewline(AsText(content));
    secret.is_hex = key.form == SecretForm::kTextOrHexFile && absl::ConsumePrefix(&text, kHexMark);
  }
  if (!secret.is_hex) {
    secret.bytes = Copy(text);
    return secret;
  }
  DPVRRP_ASSIGN_OR_RETURN(secret.bytes, FromHex(text));
  return secret;
}

}  // namespace

std::vector<absl::string_view> SecretKeysOf(AuthKind kind) {
  std::vector<absl::string_view> names;
  for (const SecretKey& key : kSecretKeys) {
    if (key.kind == kind) names.push_back(key.name);
  }
  return names;
}

std::optional<Secret> ReadSecret(const TableReader& reader, AuthKind kind, const ReadContext& context,
                                 absl::string_view or_else) {
  const SecretKey* found = nullptr;
  bool given = false;
  for (const SecretKey& key : kSecretKeys) {
    if (key.kind != kind) continue;
    given = given || reader.Has(key.name);
    const Node* node = reader.Find(key.name);
    if (node == nullptr) continue;
    if (found == nullptr) {
      found = &key;
    } else {
      context.faults.Error(node->at, absl::StrCat(key.name, ": ", found->name, " is given too, choose one"));
    }
  }
  if (!given) {
    std::vector<absl::string_view> names = SecretKeysOf(kind);
    if (!or_else.empty()) names.push_back(or_else);
    context.faults.Error(reader.at(),
                         absl::StrCat(names.front(), ": one of ", absl::StrJoin(names, ", "), " is required"));
  }
  if (found == nullptr) return std::nullopt;
  absl::StatusOr<Secret> secret = Fetch(*found, *reader.Find(found->name), context);
  if (!secret.ok()) {
    context.faults.Error(reader.Find(found->name)->at, absl::StrCat(found->name, ": ", secret.status().message()));
    return std::nullopt;
  }
  return *std::move(secret);
}

}  // namespace config_internal

absl::StatusOr<SecretBytes> ParseKeyFile(const SecretBytes& content) {
  using namespace config_internal;
  absl::string_view text = WithoutNewline(AsText(content));
  return absl::ConsumePrefix(&text, kHexMark) ? FromHex(text) : Copy(text);
}

}  // namespace dpvrrp
