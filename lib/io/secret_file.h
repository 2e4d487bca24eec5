// SPDX-License-Identifier: BSD-3-Clause
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

// Reads a key file and vouches for it: a regular file (no symbolic link in the last place), mode 0600 or stricter,
// owned by the effective user, root, or whom `trusted` takes for one of ours, 1..4096 bytes. All of it is checked on
// the open descriptor, so the file that was checked is the file that is read. The bytes are returned as they are; a
// trailing newline is the caller's business.
//
// NotFound, PermissionDenied (mode, owner) or FailedPrecondition (kind, size), as
//   /etc/dpvrrp/lan.key: mode is 0644, must be 0600 or stricter
// The message never holds the file's bytes. The caller owns the bytes and wipes them.
//
// Thread: any.
absl::StatusOr<std::vector<uint8_t>> ReadSecretFile(const std::string& path,
                                                    const std::function<bool(uid_t owner)>& trusted = {});

}  // namespace dpvrrp
