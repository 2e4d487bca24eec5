// SPDX-License-Identifier: BSD-3-Clause
//
// A conversation of dpvrrpctl with the daemon, and the exit status that follows from it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/control_client.h"

namespace dpvrrp {

// The program's exit status.
enum class ExitCode {
  kOk = 0,
  kFailed = 1,       // the command failed
  kUsage = 2,        // the client or the daemon does not know the command
  kUnreachable = 3,  // no daemon
};

// A connection to the daemon that is made when it is first needed, and again after it broke.
//
// Thread: one.
class Session {
 public:
  explicit Session(std::string socket) : socket_(std::move(socket)) {}

  // Sends one command line and copies the answer to standard output, errors to standard error. The daemon or a signal
  // ends a stream; both count as success.
  ExitCode Run(const std::string& line);

  // The completions of the last word of `line`; empty if the daemon does not answer.
  std::vector<std::string> Complete(const std::string& line);

 private:
  absl::Status Connect();
  ExitCode CopyAnswer();
  ExitCode Lost(const absl::Status& status);

  std::string socket_;
  std::optional<ControlClient> client_;
};

}  // namespace dpvrrp
