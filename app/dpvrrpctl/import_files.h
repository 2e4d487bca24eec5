// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "absl/status/status.h"
#include "keepalived/import.h"

namespace dpvrrp {

// Reads files of this machine. Thread: one.
keepalived::SourceReader FileReader();

// Writes dpvrrp.toml (mode 0644) and the secrets (0600) into `folder`, which is made if it is absent. AlreadyExists: a
// file is there; then nothing is written. Thread: one.
absl::Status WriteImport(const std::string& folder, const keepalived::ImportResult& result);

}  // namespace dpvrrp
