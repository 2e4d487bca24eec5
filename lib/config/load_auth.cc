// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/limits.h"
#include "config/draft.h"
#include "config/keepalived_key.h"
#include "config/keyring.h"
#include "config/load_secret.h"
#include "config/schema.h"
#include "config/table_reader.h"

namespace dpvrrp::config_internal {
namespace {

constexpr size_t kMaxPasswordBytes = 8;  // RFC 2338 5.3.6.2
constexpr int64_t kMaxTimeWindow = 300;  // seconds; keepalived's

constexpr Choice<AuthKind> kAuthKinds[] = {{"none", AuthKind::kNone},
                                           {"simple", AuthKind::kSimple},
                                           {"ah", AuthKind::kAh},
                                           {"auth-hmac", AuthKind::kAuthHmac}};
constexpr Choice<RestartPolicy> kRestartPolicies[] = {{"refuse", RestartPolicy::kRefuse},
                                                      {"readmit", RestartPolicy::kReadmit}};
constexpr Choice<TrailerMode> kModes[] = {{"enforce", TrailerMode::kEnforce},
                                          {"permissive", TrailerMode::kPermissive},
                                          {"receive-only", TrailerMode::kReceiveOnly}};
constexpr Choice<AntiReplay> kAntiReplays[] = {{"time", AntiReplay::kTime}, {"monotonic", AntiReplay::kMonotonic}};
constexpr Choice<IcvRule> kIcvRules[] = {{"keepalived", IcvRule::kKeepalived}, {"rfc4302", IcvRule::kRfc4302}};

// How many bytes are the key. keepalived uses 1 to 8 characters and cuts a longer auth_pass without a message, so a
// longer text is permitted here too.
size_t UsedBytes(const Secret& secret, const AuthConfig& user, Faults& faults) {
  const size_t all = secret.bytes.bytes.size();
  if (user.icv_rule != IcvRule::kKeepalived || secret.is_hex || all <= kMaxKeepalivedKeyBytes) return all;
  faults.Warning(secret.at, absl::StrCat(secret.key, ": only the first ", kMaxKeepalivedKeyBytes, " of ", all,
                                         " bytes are used, as in keepalived"));
  return kMaxKeepalivedKeyBytes;
}

// Whether a keepalived peer would have the key as text in its file. keepalived accepts hex digits only for the trailer.
bool IsTextInKeepalived(const AuthConfig& user, bool is_hex) {
  return user.icv_rule == IcvRule::kKeepalived || (user.kind == AuthKind::kAuthHmac && !is_hex);
}

void WarnOfKeepalivedKey(const Secret& secret, size_t used, Faults& faults) {
  const std::string warning = KeepalivedKeyWarning(secret.bytes.bytes, used);
  if (!warning.empty()) faults.Warning(secret.at, absl::StrCat(secret.key, ": ", warning));
}

// Makes a ring of the instance's own key. Null: the key is faulty, and that is reported.
std::shared_ptr<const KeyringConfig> MakeOwnRing(Secret secret, const AuthConfig& user, bool allow_weak_keys,
                                                 Faults& faults) {
  const size_t used = UsedBytes(secret, user, faults);
  KeyringConfig others;
  others.allow_weak_keys = allow_weak_keys;
  std::string fault = KeyLengthFault(user, used);
  if (fault.empty()) fault = KeyFault(others, secret.bytes, used);
  if (!fault.empty()) {
    faults.Error(secret.at, absl::StrCat(secret.key, ": ", fault));
    return nullptr;
  }
  if (IsTextInKeepalived(user, secret.is_hex)) WarnOfKeepalivedKey(secret, used, faults);
  const auto begin = secret.bytes.bytes.begin();
  return OwnKey(SecretBytes({begin, begin + static_cast<std::ptrdiff_t>(used)}));
}

// The [[keyring]] with this name. Null: it is absent or faulty, and that is reported.
KeyringDraft* FindKeyring(const TableReader& reader, const Node& name, const ReadContext& context) {
  for (KeyringDraft& ring : context.keyrings) {
    if (ring.name == nullptr || ring.name->text() != name.text()) continue;
    ring.used = true;
    return ring.good ? &ring : nullptr;
  }
  reader.Refuse("keyring", name, "no [[keyring]] has this name");
  return nullptr;
}

// A shared ring, whose keys must all fit this user. Null: faulty, and that is reported.
std::shared_ptr<const KeyringConfig> ReadRing(const TableReader& reader, const AuthConfig& user,
                                              const ReadContext& context) {
  const Node* name = reader.Find("keyring");
  if (name == nullptr) return nullptr;
  std::vector<absl::string_view> own = SecretKeysOf(AuthKind::kAh);
  own.push_back("allow_weak_keys");
  for (const absl::string_view key : own) {
    const Node* node = reader.Find(key);
    if (node != nullptr) context.faults.Error(node->at, absl::StrCat(key, ": is not allowed together with keyring"));
  }
  const KeyringDraft* ring = FindKeyring(reader, *name, context);
  if (ring == nullptr) return nullptr;
  for (const KeyConfig& key : ring->config->keys) {
    const std::string fault = KeyLengthFault(user, key.secret.bytes.size());
    if (!fault.empty()) reader.Refuse("keyring", *name, absl::StrCat("key ", key.id, ": ", fault));
    const std::string warning = IsTextInKeepalived(user, false) ? KeepalivedKeyWarning(key.secret.bytes) : "";
    if (!warning.empty()) {
      context.faults.Warning(name->at, absl::StrCat("keyring ", Quoted(name->text()), ": key ", key.id, " ", warning));
    }
  }
  return ring->config;
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

void ReadReplayRules(const TableReader& reader, AuthConfig* auth) {
  if (const auto window = reader.Integer("replay_window", {kMinReplayWindow, kMaxReplayWindow})) {
    auth->replay_window = static_cast<uint16_t>(*window);
    if (*window % 64 != 0) reader.Refuse("replay_window", *reader.Find("replay_window"), "must be a multiple of 64");
  }
  if (const auto policy = reader.Choose("restart_policy", kRestartPolicies)) auth->restart_policy = *policy;
}

void ReadAh(const TableReader& reader, const ReadContext& context, AuthConfig* auth) {
  ReadReplayRules(reader, auth);
  const std::optional<MacAlgorithm> algorithm = ReadAlgorithm(reader, auth->algorithm);
  std::optional<IcvRule> rule = reader.Choose("icv_rule", kIcvRules);
  if (!reader.Has("icv_rule")) rule = auth->icv_rule;
  std::optional<Secret> secret;
  if (!reader.Has("keyring")) secret = ReadSecret(reader, AuthKind::kAh, context, "keyring");
  const bool is_md5 = algorithm == MacAlgorithm::kHmacMd5_96;
  if (is_md5) {  // conformance A-09
    const Node* named = reader.Find("algorithm");
    context.faults.Warning(named == nullptr ? reader.at() : named->at,
                           "algorithm 'hmac-md5-96': legacy, for keepalived peers only (RFC 8221 6)");
  }
  if (!algorithm || !rule) return;
  // Conformance AH-06: lower values are reserved.
  if (const std::optional<int64_t> spi = reader.Integer("spi", {256, UINT32_MAX})) {
    auth->spi = static_cast<uint32_t>(*spi);
    if (*rule == IcvRule::kKeepalived) {
      context.faults.Error(reader.Find("spi")->at,
                           "spi: is not allowed with icv_rule 'keepalived', whose SPI is the sender's address");
    }
  }
  auth->algorithm = *algorithm;
  auth->icv_rule = *rule;
  if (*rule == IcvRule::kKeepalived && !is_md5) {
    reader.Refuse("algorithm", *reader.Find("algorithm"),
                  "icv_rule 'keepalived' supports only hmac-md5-96; other algorithms require icv_rule 'rfc4302'");
  } else if (reader.Has("keyring")) {
    auth->keyring = ReadRing(reader, *auth, context);
  } else if (secret) {
    const Node* allow_weak_keys = reader.Find("allow_weak_keys");
    auth->keyring = MakeOwnRing(*std::move(secret), *auth, allow_weak_keys != nullptr && allow_weak_keys->boolean(),
                                context.faults);
  }
}

// The rules of the trailer. time_window stays 0 here if the file does not set it: its default depends on the interval.
void ReadTrailerRules(const TableReader& reader, TrailerRules* rules) {
  if (const auto mode = reader.Choose("mode", kModes)) rules->mode = *mode;
  if (const auto kind = reader.Choose("anti_replay", kAntiReplays)) rules->anti_replay = *kind;
  rules->time_window = 0;
  if (const auto window = reader.Duration("time_window")) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(*window);
    if (seconds != *window || seconds.count() < 1 || seconds.count() > kMaxTimeWindow) {
      reader.Refuse("time_window", *reader.Find("time_window"),
                    absl::StrCat("must be 1..", kMaxTimeWindow, " whole seconds"));
    } else if (rules->anti_replay != AntiReplay::kTime) {
      reader.faults().Error(reader.Find("time_window")->at, "time_window: is not allowed with anti_replay 'monotonic'");
    }
    rules->time_window = static_cast<uint16_t>(std::clamp<int64_t>(seconds.count(), 1, kMaxTimeWindow));
  }
  if (rules->mode == TrailerMode::kEnforce) return;
  reader.faults().Warning(reader.Find("mode")->at,
                          absl::StrCat("mode ", Quoted(reader.Find("mode")->text()),
                                       ": adverts without a trailer are obeyed; use this mode only during a roll-out"));
}

void ReadAuthHmac(const TableReader& reader, const ReadContext& context, AuthConfig* auth) {
  auth->algorithm = MacAlgorithm::kHmacSha256_128;
  auth->icv_rule = IcvRule::kRfc4302;  // no key is cut, unlike with icv_rule 'keepalived'
  ReadTrailerRules(reader, &auth->trailer);
  if (reader.Has("keyring")) {
    auth->keyring = ReadRing(reader, *auth, context);
    return;
  }
  std::optional<Secret> secret = ReadSecret(reader, AuthKind::kAh, context, "keyring");
  if (!secret) return;
  const Node* allow_weak_keys = reader.Find("allow_weak_keys");
  auth->keyring =
      MakeOwnRing(*std::move(secret), *auth, allow_weak_keys != nullptr && allow_weak_keys->boolean(), context.faults);
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
  WarnOfKeepalivedKey(*secret, length, context.faults);
  auth->password = std::move(secret->bytes);
}

// A key of another type shows a misunderstanding about what is protected. So it is an error, and not ignored.
void RefuseMeaningless(const TableReader& reader, AuthKind kind, const Node& type) {
  const auto refuse = [&](absl::string_view key) {
    const Node* node = reader.Find(key);
    if (node == nullptr) return;
    reader.faults().Error(node->at, absl::StrCat(key, ": is not allowed with type ", Quoted(type.text())));
  };
  const auto refuse_all = [&](std::initializer_list<absl::string_view> keys) {
    for (const absl::string_view key : keys) refuse(key);
  };
  if (kind != AuthKind::kAh) refuse_all({"algorithm", "icv_rule", "spi", "replay_window", "restart_policy"});
  if (kind != AuthKind::kAuthHmac) refuse_all({"mode", "anti_replay", "time_window"});
  if (!HasKeys(kind)) {
    refuse_all({"keyring", "allow_weak_keys"});
    for (const absl::string_view key : SecretKeysOf(AuthKind::kAh)) refuse(key);
  }
  if (kind != AuthKind::kSimple) {
    for (const absl::string_view key : SecretKeysOf(AuthKind::kSimple)) refuse(key);
  }
}

}  // namespace

AuthConfig ReadAuthentication(const Node& table, const TableRule& rule, const ReadContext& context) {
  const TableReader reader(table, rule, context.faults);
  AuthConfig auth;
  const std::optional<AuthKind> kind = reader.Choose("type", kAuthKinds);
  if (!kind) return auth;
  auth.kind = *kind;
  const Node& type = *reader.Find("type");
  RefuseMeaningless(reader, *kind, type);
  if (*kind == AuthKind::kAh) ReadAh(reader, context, &auth);
  if (*kind == AuthKind::kAuthHmac) ReadAuthHmac(reader, context, &auth);
  if (*kind == AuthKind::kSimple) ReadSimple(reader, context, type.at, &auth);
  return auth;
}

}  // namespace dpvrrp::config_internal
