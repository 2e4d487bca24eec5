// SPDX-License-Identifier: BSD-3-Clause
#include "io/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "io/unique_fd.h"

namespace dpvrrp {
namespace {

absl::Status CheckAttributes(const std::string& path, const struct stat& attributes,
                             const std::function<bool(uid_t)>& trusted) {
  if (!S_ISREG(attributes.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": is not a regular file"));
  }
  if ((attributes.st_mode & (07777 & ~0600)) != 0) {
    return absl::PermissionDeniedError(
        absl::StrFormat("%s: mode is %04o, must be 0600 or stricter", path, attributes.st_mode & 07777));
  }
  const uid_t owner = attributes.st_uid;
  if (owner != 0 && owner != geteuid() && (trusted == nullptr || !trusted(owner))) {
    return absl::PermissionDeniedError(
        absl::StrFormat("%s: owner is uid %d, must be root or uid %d", path, owner, geteuid()));
  }
  return absl::OkStatus();
}

absl::Status SizeError(const std::string& path, absl::string_view found) {
  return absl::FailedPreconditionError(
      absl::StrFormat("%s: is %s, must be 1 to %d bytes", path, found, kMaxSecretFile));
}

}  // namespace

absl::StatusOr<std::vector<uint8_t>> ReadSecretFile(const std::string& path,
                                                    const std::function<bool(uid_t owner)>& trusted) {
  // O_NONBLOCK: if a FIFO replaces the file, it must be refused without waiting.
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) {
    if (errno == ELOOP) return absl::FailedPreconditionError(absl::StrCat(path, ": is a symbolic link"));
    return absl::ErrnoToStatus(errno, path);
  }
  struct stat attributes {};
  if (fstat(fd.get(), &attributes) != 0) return absl::ErrnoToStatus(errno, path);
  DPVRRP_RETURN_IF_ERROR(CheckAttributes(path, attributes, trusted));

  // The size is set once, so that a growing vector leaves no copy of the secret in memory.
  std::vector<uint8_t> bytes(kMaxSecretFile + 1);
  size_t length = 0;
  while (length < bytes.size()) {
    const ssize_t got = read(fd.get(), bytes.data() + length, bytes.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int error = errno;
      explicit_bzero(bytes.data(), bytes.size());
      return absl::ErrnoToStatus(error, path);
    }
    if (got == 0) break;
    length += static_cast<size_t>(got);
  }
  if (length == 0) return SizeError(path, "empty");
  if (length > kMaxSecretFile) {
    explicit_bzero(bytes.data(), bytes.size());
    return SizeError(path, absl::StrCat("longer than ", kMaxSecretFile, " bytes"));
  }
  bytes.resize(length);
  return bytes;
}

}  // namespace dpvrrp
