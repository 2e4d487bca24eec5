// SPDX-License-Identifier: BSD-3-Clause
#include "credentials.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "io/secret_file.h"

namespace dpvrrp {

const Credentials& Credentials::OfService() {
  static const Credentials credentials([] {
    const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
    return std::string(directory == nullptr ? "" : directory);
  }());
  return credentials;
}

Credentials::Credentials(const std::string& directory) {
  if (directory.empty()) return;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (secrets_.size() == kMaxCredentials) return;
    absl::StatusOr<std::vector<uint8_t>> bytes = ReadSecretFile(entry.path());
    absl::StatusOr<SecretBytes> secret =
        bytes.ok() ? SecretBytes(*std::move(bytes)) : absl::StatusOr<SecretBytes>(bytes.status());
    secrets_.emplace(entry.path().filename(), std::move(secret));
  }
}

absl::StatusOr<SecretBytes> Credentials::Find(const std::string& name) const {
  const auto found = secrets_.find(name);
  if (found != secrets_.end()) return found->second;
  return absl::NotFoundError(
      absl::StrCat("credential '", name, "': the service manager passes no credential with this name"));
}

}  // namespace dpvrrp
