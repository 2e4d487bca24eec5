// SPDX-License-Identifier: BSD-3-Clause
//
// Reads key files.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace dpvrrp {

inline constexpr size_t kMaxSecretFile = 4096;  // bytes

// Reads a key file and checks it: a regular file (no symbolic link in the last place), mode 0600 or stricter, owned by
// the effective user, root, or a user that `trusted` accepts, 1..4096 bytes. All checks use the open descriptor, so the
// file that was checked is the file that is read. The bytes are returned unchanged; the caller removes a trailing
// newline.
//
// NotFound, PermissionDenied (mode, owner) or FailedPrecondition (kind, size), as
//   /etc/dpvrrp/lan.key: mode is 0644, must be 0600 or stricter
// The message never contains the file's bytes. The caller owns the bytes and wipes them.
//
// Thread: any.
absl::StatusOr<std::vector<uint8_t>> ReadSecretFile(const std::string& path,
                                                    const std::function<bool(uid_t owner)>& trusted = {});

}  // namespace dpvrrp
