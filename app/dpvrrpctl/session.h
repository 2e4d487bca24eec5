// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/control_client.h"

namespace dpvrrp {

// What the program exits with.
enum class ExitCode {
  kOk = 0,
  kFailed = 1,       // the daemon could not do it
  kUsage = 2,        // the daemon, or we, do not know the command
  kUnreachable = 3,  // no daemon
};

// A connection to the daemon that is made when first needed, and again after it broke.
//
// Thread: one.
class Session {
 public:
  explicit Session(std::string socket) : socket_(std::move(socket)) {}

  // Sends one command line and copies the answer to standard output, failures to standard error. A stream ends when the
  // daemon ends it or a signal comes, which counts as done.
  ExitCode Run(const std::string& line);

  // What may stand in place of the last word of `line`; empty if the daemon does not answer.
  std::vector<std::string> Complete(const std::string& line);

 private:
  absl::Status Connect();
  ExitCode CopyAnswer();
  ExitCode Lost(const absl::Status& status);

  std::string socket_;
  std::optional<ControlClient> client_;
};

}  // namespace dpvrrp
