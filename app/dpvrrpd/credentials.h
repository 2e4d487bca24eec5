// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "config/model.h"

namespace dpvrrp {

// `key_file = "credential:NAME"` names a credential that systemd passes by LoadCredential=NAME:... (systemd.exec(5)).
inline constexpr absl::string_view kCredentialPrefix = "credential:";
inline constexpr size_t kMaxCredentials = 1024;  // further files of the directory are ignored

// systemd's credentials of this service, all read at once: the directory belongs to root, and a reload happens as
// another user. They do not change while the service runs.
//
// Thread: control.
class Credentials {
 public:
  // Those in $CREDENTIALS_DIRECTORY; none if it is not set.
  static const Credentials& OfService();
  explicit Credentials(const std::string& directory);

  // NotFound: no such credential. Otherwise as ReadSecretFile().
  absl::StatusOr<SecretBytes> Find(const std::string& name) const;

 private:
  std::map<std::string, absl::StatusOr<SecretBytes>> secrets_;
};

}  // namespace dpvrrp
