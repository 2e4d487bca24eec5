// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <vector>

#include "keepalived/addresses.h"
#include "keepalived/context.h"

namespace dpvrrp::keepalived {

// The tables of keys and passwords.
//
// Thread: one.
class Authentication {
 public:
  explicit Authentication(const Context& context) : context_(context) {}

  // [instance.authentication]; nothing if the instance has none.
  std::optional<TomlTable> Table(const Prepared& instance);
  // The text of the [[keyring]] tables of all instances so far.
  const std::vector<TomlTable>& keyrings() const { return keyrings_; }
  std::vector<SecretFile> TakeSecrets() { return std::move(secrets_); }

 private:
  void Ignore(const InstanceOf& instance, absl::string_view why);
  std::optional<TomlTable> PasswordTable(const Prepared& instance);
  std::optional<TomlTable> HmacTable(const Prepared& instance);
  // Sets key, key_hex or key_file, or their twins for a password, to a secret that the file names.
  void PutSecret(TomlTable* table, absl::string_view key, const std::string& file_name, const std::string& secret,
                 const Statement* from);
  bool PutHmacKey(TomlTable* table, const HmacKey& key, const std::string& file_name, bool* weak);

  const Context& context_;
  std::vector<TomlTable> keyrings_;
  std::vector<SecretFile> secrets_;
};

}  // namespace dpvrrp::keepalived
