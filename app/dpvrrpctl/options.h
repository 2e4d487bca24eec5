// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace dpvrrp {

// The program's arguments. Everything from the first word that is not an option belongs to the command.
struct Options {
  enum class Action { kRun, kHelp, kVersion };

  Action action = Action::kRun;
  std::string socket;                // -s, else DPVRRP_SOCKET, else the default
  std::vector<std::string> command;  // with --json in it if it was given; empty: prompt
};

// `environment_socket`: the value of DPVRRP_SOCKET, or empty. InvalidArgument: an option we do not have.
absl::StatusOr<Options> ParseOptions(const std::vector<std::string>& arguments, absl::string_view environment_socket);

std::string Usage();

}  // namespace dpvrrp
