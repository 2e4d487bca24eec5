// SPDX-License-Identifier: BSD-3-Clause
//
// Loads a configuration file: TOML text to model, with every fault.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "config/model.h"

namespace dpvrrp {

struct HostFacts;  // config/host_facts.h

// One fault or warning: its position, the value, and the rule that the value breaks.
struct ConfigFault {
  std::string file;
  uint32_t line = 0;    // 1-based
  uint32_t column = 0;  // 1-based
  std::string message;  // "vrid '300': must be 1..255 (RFC 3768 5.3.3)"; never a key's bytes
};

std::string ToString(const ConfigFault& fault);  // "/etc/dpvrrp.toml:12:8: vrid '300': must be 1..255 (RFC 3768 5.3.3)"

struct LoadResult {
  Config config;                      // meaningful only if `errors` is empty
  std::vector<ConfigFault> errors;    // every fault of the file, in its order; if there is one, start nothing
  std::vector<ConfigFault> warnings;  // legal but unwise
};

// Reads a key file and checks its permissions. The daemon passes ReadSecretFile, a test passes a table. The error names
// the file and the rule ("mode is 0644, must be 0600 or stricter").
using SecretReader = std::function<absl::StatusOr<SecretBytes>(const std::string& path)>;

// Parses and validates a whole TOML text. `file` is its name for messages, and paths of key files are relative to its
// folder. If `host` is given, a file without faults is also checked against the machine: an error if the daemon would
// refuse to start there, a warning if an instance could not work there. Pure except for `read_secret` and the functions
// of `host`.
//
// Thread: control.
LoadResult LoadConfig(absl::string_view toml, const std::string& file, const SecretReader& read_secret,
                      const HostFacts* host = nullptr);

}  // namespace dpvrrp
