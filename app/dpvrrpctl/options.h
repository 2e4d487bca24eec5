// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace dpvrrp {

// The program's arguments. Everything from the first word that is not an option belongs to the command. Thread: any.
struct Options {
  enum class Action { kRun, kHelp, kVersion };

  Action action = Action::kRun;
  std::string socket;                // -s, or DPVRRP_SOCKET, or the default
  bool pages = true;                 // not --no-pager
  std::vector<std::string> command;  // including --json, --wide and --yes if they were given; empty: prompt
};

// `environment_socket`: the value of DPVRRP_SOCKET, or empty. InvalidArgument: an unknown option.
absl::StatusOr<Options> ParseOptions(const std::vector<std::string>& arguments, absl::string_view environment_socket);

std::string Usage();

}  // namespace dpvrrp
