// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "config/draft.h"
#include "config/schema.h"
#include "config/table_reader.h"

namespace dpvrrp::config_internal {
namespace {

constexpr size_t kMaxPasswordBytes = 8;       // RFC 2338 5.3.6.2
constexpr size_t kMaxKeepalivedKeyBytes = 8;  // keepalived's auth_pass

constexpr Choice<AuthKind> kKinds[] = {{"none", AuthKind::kNone}, {"simple", AuthKind::kSimple}, {"ah", AuthKind::kAh}};
constexpr Choice<IcvRule> kIcvRules[] = {{"keepalived", IcvRule::kKeepalived}, {"rfc4302", IcvRule::kRfc4302}};

enum class SecretForm : uint8_t { kText, kHex, kTextFile, kTextOrHexFile };
struct SecretKey {
  absl::string_view name;
  AuthKind kind;  // where it means something
  SecretForm form;
};
constexpr SecretKey kSecretKeys[] = {
    {"key", AuthKind::kAh, SecretForm::kText},
    {"key_hex", AuthKind::kAh, SecretForm::kHex},
    {"key_file", AuthKind::kAh, SecretForm::kTextOrHexFile},
    {"password", AuthKind::kSimple, SecretForm::kText},
    {"password_file", AuthKind::kSimple, SecretForm::kTextFile},
};

// Where a secret stands in the file and what it turned out to be. No message may show `bytes`.
struct Secret {
  absl::string_view key;  // "key_hex"
  Position at;
  SecretBytes bytes;
  bool is_hex = false;
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

// What the node says, read from its file if it names one.
absl::StatusOr<Secret> Fetch(const SecretKey& key, const Node& node, const ReadContext& context) {
  Secret secret{key.name, node.at, {}, key.form == SecretForm::kHex};
  const bool in_file = key.form == SecretForm::kTextFile || key.form == SecretForm::kTextOrHexFile;
  SecretBytes content;
  absl::string_view text = node.text();
  if (in_file) {
    if (text.empty()) return absl::InvalidArgumentError("must name a file");
    const std::string path = absl::StartsWith(text, "/") ? std::string(text) : absl::StrCat(context.folder, text);
    absl::StatusOr<SecretBytes> read = context.read_secret(path);
    if (!read.ok()) return read.status();
    content = *std::move(read);
    text = AsText(content);
    if (absl::ConsumeSuffix(&text, "\n")) absl::ConsumeSuffix(&text, "\r");
    secret.is_hex = key.form == SecretForm::kTextOrHexFile && absl::ConsumePrefix(&text, "hex:");
  }
  if (!secret.is_hex) {
    secret.bytes = Copy(text);
    return secret;
  }
  absl::StatusOr<SecretBytes> bytes = FromHex(text);
  if (!bytes.ok()) return bytes.status();
  secret.bytes = *std::move(bytes);
  return secret;
}

// The one secret that `kind` must have.
std::optional<Secret> ReadSecret(const TableReader& reader, AuthKind kind, const ReadContext& context) {
  const SecretKey* found = nullptr;
  std::vector<absl::string_view> names;
  bool given = false;
  for (const SecretKey& key : kSecretKeys) {
    if (key.kind != kind) continue;
    names.push_back(key.name);
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

// keepalived takes 1 to 8 characters and cuts a longer auth_pass without asking; so a text may be longer here too.
SecretBytes FitKeepalived(Secret secret, Faults& faults) {
  const size_t length = secret.bytes.bytes.size();
  if (length <= kMaxKeepalivedKeyBytes) return std::move(secret.bytes);
  if (secret.is_hex) {
    faults.Error(secret.at, absl::StrCat(secret.key, ": must be 1..", kMaxKeepalivedKeyBytes,
                                         " bytes for icv_rule 'keepalived', got ", length));
    return {};
  }
  faults.Warning(secret.at, absl::StrCat(secret.key, ": only the first ", kMaxKeepalivedKeyBytes, " of ", length,
                                         " bytes are used, as in keepalived"));
  return Copy(AsText(secret.bytes).substr(0, kMaxKeepalivedKeyBytes));
}

// Conformance.
SecretBytes FitAlgorithm(Secret secret, const MacAlgorithmInfo& info, Faults& faults) {
  const size_t length = secret.bytes.bytes.size();
  if (length == info.key_bytes) return std::move(secret.bytes);
  faults.Error(secret.at, absl::StrCat(secret.key, ": ", info.name, " takes a key of exactly ", info.key_bytes,
                                       " bytes, got ", length, " (", info.source, ")"));
  return {};
}

std::optional<MacAlgorithm> ReadAlgorithm(const TableReader& reader, MacAlgorithm default_algorithm) {
  const Node* node = reader.Find("algorithm");
  if (node == nullptr) return reader.Has("algorithm") ? std::nullopt : std::optional(default_algorithm);
  const std::optional<MacAlgorithm> algorithm = FindMacAlgorithm(node->text());
  if (algorithm) return algorithm;
  const auto name = [](std::string* out, const MacAlgorithmInfo& info) { absl::StrAppend(out, info.name); };
  reader.Refuse("algorithm", *node, absl::StrCat("must be one of ", absl::StrJoin(AllMacAlgorithms(), ", ", name)));
  return std::nullopt;
}

void ReadAh(const TableReader& reader, const ReadContext& context, AuthConfig* auth) {
  const std::optional<MacAlgorithm> algorithm = ReadAlgorithm(reader, auth->algorithm);
  std::optional<IcvRule> rule = reader.Choose("icv_rule", kIcvRules);
  if (!reader.Has("icv_rule")) rule = auth->icv_rule;
  std::optional<Secret> secret = ReadSecret(reader, AuthKind::kAh, context);
  const bool is_md5 = algorithm == MacAlgorithm::kHmacMd5_96;
  if (is_md5) {  // conformance A-09
    const Node* named = reader.Find("algorithm");
    context.faults.Warning(named == nullptr ? reader.at() : named->at,
                           "algorithm 'hmac-md5-96': legacy, for keepalived peers only (RFC 8221 6)");
  }
  if (secret && secret->bytes.bytes.empty()) {
    context.faults.Error(secret->at, absl::StrCat(secret->key, ": must not be empty"));
    return;
  }
  if (!algorithm || !rule) return;
  auth->algorithm = *algorithm;
  auth->icv_rule = *rule;
  if (*rule == IcvRule::kKeepalived && !is_md5) {
    reader.Refuse("algorithm", *reader.Find("algorithm"),
                  "icv_rule 'keepalived' knows only hmac-md5-96; the others need icv_rule 'rfc4302'");
  } else if (secret) {
    auth->keyring =
        OwnKey(*rule == IcvRule::kKeepalived ? FitKeepalived(*std::move(secret), context.faults)
                                             : FitAlgorithm(*std::move(secret), InfoOf(*algorithm), context.faults));
  }
}

// Conformance A-02.
void ReadSimple(const TableReader& reader, const ReadContext& context, Position type_at, AuthConfig* auth) {
  context.faults.Warning(type_at, "type 'simple': the password is sent in clear (RFC 2338 10.2)");
  std::optional<Secret> secret = ReadSecret(reader, AuthKind::kSimple, context);
  if (!secret) return;
  const size_t length = secret->bytes.bytes.size();
  if (length == 0 || length > kMaxPasswordBytes) {
    context.faults.Error(secret->at, absl::StrCat(secret->key, ": must be 1..", kMaxPasswordBytes, " bytes, got ",
                                                  length, " (RFC 2338 5.3.6.2)"));
    return;
  }
  auth->password = std::move(secret->bytes);
}

// Keys that belong to another type are a misunderstanding about what is protected, so they are not passed over.
void RefuseMeaningless(const TableReader& reader, AuthKind kind, const Node& type) {
  const auto refuse = [&](absl::string_view key) {
    const Node* node = reader.Find(key);
    if (node == nullptr) return;
    reader.faults().Error(node->at, absl::StrCat(key, ": means nothing with type ", Quoted(type.text())));
  };
  if (kind != AuthKind::kAh) {
    refuse("algorithm");
    refuse("icv_rule");
  }
  for (const SecretKey& key : kSecretKeys) {
    if (key.kind != kind) refuse(key.name);
  }
}

}  // namespace

AuthConfig ReadAuthentication(const Node& table, const TableRule& rule, const ReadContext& context) {
  const TableReader reader(table, rule, context.faults);
  AuthConfig auth;
  const std::optional<AuthKind> kind = reader.Choose("type", kKinds);
  if (!kind) return auth;
  auth.kind = *kind;
  const Node& type = *reader.Find("type");
  RefuseMeaningless(reader, *kind, type);
  if (*kind == AuthKind::kAh) ReadAh(reader, context, &auth);
  if (*kind == AuthKind::kSimple) ReadSimple(reader, context, type.at, &auth);
  return auth;
}

}  // namespace dpvrrp::config_internal
