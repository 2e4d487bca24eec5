// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>

namespace dpvrrp {

// What EalArguments() calls our files, before the process id.
inline constexpr char kFilePrefix[] = "dpvrrp-";

// EAL keeps its files in a directory of `base` that is named after the file prefix, for the next run with the same one.
// Ours has the process id in it, so there is none, and a run that was killed leaves it behind for ever. Removes those
// whose process is gone and whose files nobody holds locked: a daemon in a container may share `base` and not the
// process ids.
//
// Thread: any.
void RemoveStaleRuntimeDirectories(const std::filesystem::path& base);

}  // namespace dpvrrp
