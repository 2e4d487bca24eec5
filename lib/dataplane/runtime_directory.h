// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>

namespace dpvrrp {

// The prefix of our files in EalArguments(), before the process id.
inline constexpr char kFilePrefix[] = "dpvrrp-";

// EAL keeps its files in a directory of `base` that is named after the file prefix, for the next run with the same
// prefix. Our prefix contains the process id, so there is no such run, and a killed run leaves its directory behind.
// This function removes the directories whose process has ended and whose files are not locked. Both are checked,
// because a daemon in a container may share `base` but not the process ids.
//
// Thread: any.
void RemoveStaleRuntimeDirectories(const std::filesystem::path& base);

// Removes this process' directory at its end. `with_base`: also the directory that it is in, if EAL has made that only
// for us, that is if it is empty. Thread: any.
void RemoveRuntimeDirectory(const std::filesystem::path& directory, bool with_base);

}  // namespace dpvrrp
