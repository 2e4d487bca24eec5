// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/authentication.h"

#include <algorithm>
#include <span>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/hex.h"
#include "config/key_strength.h"

namespace dpvrrp::keepalived {
namespace {

constexpr size_t kPassBytes = 8;  // what keepalived uses of auth_pass

bool IsWeak(absl::string_view secret) {
  return !WeaknessOf(std::span(reinterpret_cast<const uint8_t*>(secret.data()), secret.size())).empty();
}

bool IsText(absl::string_view secret) {
  return std::all_of(secret.begin(), secret.end(), [](unsigned char c) { return absl::ascii_isprint(c); });
}

}  // namespace

void Authentication::Ignore(const InstanceOf& instance, absl::string_view why) {
  context_.notes.Say(*instance.authentication, Verdict::kDropped, why);
  if (instance.auth_type) context_.notes.Say(*instance.auth_type.from, Verdict::kDropped, why);
  if (instance.auth_pass) context_.notes.Say(*instance.auth_pass.from, Verdict::kDropped, why);
}

std::optional<TomlTable> Authentication::Table(const Prepared& instance) {
  const InstanceOf& from = *instance.from;
  if (from.auth_hmac != nullptr) {
    if (from.authentication != nullptr) Ignore(from, "keepalived ignores it beside auth_hmac");
    return HmacTable(instance);
  }
  if (from.authentication == nullptr) return std::nullopt;
  if (instance.version == 3) {
    Ignore(from, "keepalived ignores authentication with VRRPv3, and so do its peers");
  } else if (instance.strict) {
    Ignore(from, "keepalived ignores authentication in strict mode");
  } else if (!from.auth_type || (from.auth_type.value != "PASS" && from.auth_type.value != "AH")) {
    context_.notes.Add(from.auth_type ? *from.auth_type.from : *from.authentication, Verdict::kDecide,
                       "the type must be PASS or AH; keepalived then uses no authentication");
  } else if (!from.auth_pass) {
    context_.notes.Add(*from.authentication, Verdict::kDecide, "without auth_pass keepalived uses no authentication");
  } else {
    return PasswordTable(instance);
  }
  return std::nullopt;
}

std::optional<TomlTable> Authentication::PasswordTable(const Prepared& instance) {
  const InstanceOf& from = *instance.from;
  TomlTable table("[instance.authentication]");
  std::string pass = from.auth_pass.value;
  if (pass.size() > kPassBytes) {
    pass.resize(kPassBytes);
    context_.notes.Add(*from.auth_pass.from, Verdict::kChanged, "cut to the 8 bytes that keepalived uses");
  }
  if (from.auth_type.value == "PASS" && !context_.request.secret_files && Utf8(pass) != pass) {
    context_.notes.Add(*from.auth_pass.from, Verdict::kDecide,
                       "its bytes are no UTF-8, which the file must be: use -o, which writes it into a file of its "
                       "own; here the instance has no authentication");
    return std::nullopt;
  }
  if (from.auth_type.value == "PASS") {
    table.SetText("type", "simple", from.auth_type.from);
    PutSecret(&table, "password", absl::StrCat(instance.name, ".password"), pass, from.auth_pass.from);
  } else {
    table.SetText("type", "ah", from.auth_type.from);
    table.SetText("algorithm", "hmac-md5-96");
    table.SetText("icv_rule", "keepalived");
    PutSecret(&table, "key", absl::StrCat(instance.name, ".key"), pass, from.auth_pass.from);
    if (IsWeak(pass)) {
      table.Set("allow_weak_keys", "true");
      context_.notes.Add(*from.auth_pass.from, Verdict::kChanged,
                         "the key is easy to guess, so allow_weak_keys is set");
    }
  }
  table.Keep(*from.authentication);
  return table;
}

void Authentication::PutSecret(TomlTable* table, absl::string_view key, const std::string& file_name,
                               const std::string& secret, const Statement* from) {
  const bool as_hex = key == "key" && (!IsText(secret) || absl::StartsWith(secret, "hex:"));
  const std::string hex = absl::BytesToHexString(secret);
  if (context_.request.secret_files) {
    table->SetText(absl::StrCat(key, "_file"), file_name, from);
    secrets_.push_back({file_name, absl::StrCat(as_hex ? "hex:" : "", as_hex ? hex : secret, "\n")});
  } else if (as_hex) {
    table->SetText("key_hex", hex, from);
  } else {
    table->SetText(key, secret, from);
  }
}

// Returns false and reports it if the key cannot be used.
bool Authentication::PutHmacKey(TomlTable* table, const HmacKey& key, const std::string& file_name, bool* weak) {
  if (!key.file.empty()) {
    table->SetText("key_file", key.file, key.from);
    if (!absl::StartsWith(key.file, "/")) {
      context_.notes.Add(*key.from, Verdict::kDecide, "a relative path starts at the folder of the new file");
    }
    return true;
  }
  absl::string_view text = key.text;
  std::string secret(text);
  if (absl::ConsumePrefix(&text, "hex:")) {
    secret.clear();
    if (!DecodeHex(text, secret)) secret.clear();
  }
  if (secret.size() < 32 || secret.size() > 64) {
    context_.notes.Say(*key.from, Verdict::kDecide, "a key of auth_hmac has 32..64 bytes; it is left out");
    return false;
  }
  *weak = IsWeak(secret);
  PutSecret(table, "key", file_name, secret, key.from);
  return true;
}

std::optional<TomlTable> Authentication::HmacTable(const Prepared& instance) {
  const InstanceOf& from = *instance.from;
  TomlTable table("[instance.authentication]");
  table.SetText("type", "auth-hmac");
  if (from.hmac_mode) table.SetText("mode", from.hmac_mode.value, from.hmac_mode.from);
  if (from.anti_replay) table.SetText("anti_replay", from.anti_replay.value, from.anti_replay.from);
  if (from.time_window && from.anti_replay.value_or("time") == "time") {
    table.SetText("time_window", absl::StrCat(from.time_window.value, "s"), from.time_window.from);
  }
  const std::string ring_name = instance.name;
  std::vector<TomlTable> ring;
  bool weak = false;
  bool active = false;
  for (const HmacKey& key : from.hmac_keys) {
    TomlTable one("[[keyring.key]]");
    one.Set("id", absl::StrCat(key.id));
    bool is_weak = false;
    if (!PutHmacKey(&one, key, absl::StrCat(instance.name, "-", key.id, ".key"), &is_weak)) continue;
    weak = weak || is_weak;
    active = active || key.id == from.active_key.value;
    ring.push_back(std::move(one));
  }
  if (!active) {
    context_.notes.Add(*from.auth_hmac, Verdict::kDecide,
                       "active_key names no key; keepalived then uses no authentication");
    return std::nullopt;
  }
  TomlTable head("[[keyring]]");
  head.SetText("name", ring_name);
  head.Set("sign", absl::StrCat(from.active_key.value), from.active_key.from);
  if (weak) head.Set("allow_weak_keys", "true");
  keyrings_.push_back(std::move(head));
  for (TomlTable& one : ring) keyrings_.push_back(std::move(one));
  table.SetText("keyring", ring_name);
  for (const HmacKey& key : from.hmac_keys) table.Placed(key.from);
  if (from.active_key) table.Placed(from.active_key.from);
  table.Keep(*from.auth_hmac);
  return table;
}

}  // namespace dpvrrp::keepalived
