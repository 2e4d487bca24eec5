// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace dpvrrp {

// dpvrrpctl import [-o DIR] [-i ID] [--no-host] [--json] FILE: translates a keepalived.conf. It needs no daemon.
struct ImportArguments {
  std::string file;
  std::string folder;     // -o; empty: the configuration is printed
  std::string config_id;  // -i; empty: the first part of the host's name
  bool use_host = true;   // --no-host: take nothing from this machine
  bool json = false;      // the report
};

// `words`: what follows "import". InvalidArgument: what is wrong with them.
absl::StatusOr<ImportArguments> ParseImportArguments(const std::vector<std::string>& words);
std::string ImportUsage();

// Runs the command. Returns the exit status that ImportUsage() describes.
int RunImport(const std::vector<std::string>& words);

}  // namespace dpvrrp
