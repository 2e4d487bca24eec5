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
  kFailed = 1,       // the command failed, or the operator did not confirm it
  kUsage = 2,        // the client or the daemon does not know the command
  kUnreachable = 3,  // no daemon
};

// A connection to the daemon that is made when it is first needed, and again after it broke.
//
// On a terminal the answer fits its width, has colours, and goes through a pager if it is long; and the operator is
// asked before a command changes more than one instance. Otherwise the answer is for a program.
//
// Thread: one.
class Session {
 public:
  // `pages`: long answers go through the pager.
  Session(std::string socket, bool pages) : socket_(std::move(socket)), pages_(pages) {}

  // Sends one command line and copies the answer to standard output, errors to standard error. The daemon or a signal
  // ends a stream; both count as success.
  ExitCode Run(const std::string& line);

  // One answer as it stands on the terminal, or why there is none. A command that changes something is refused.
  struct Look {
    ExitCode code = ExitCode::kOk;
    std::string text;
  };
  Look LookAt(const std::string& line);

  // The completions of the last word of `line`; empty if the daemon does not answer.
  std::vector<std::string> Complete(const std::string& line);

 private:
  absl::Status Connect();
  // The line as it is sent: behind what the daemon must know of the terminal. `look`: it is repeated by itself.
  std::string Dressed(const std::string& line, bool look) const;
  ExitCode CopyAnswer(const std::string& line);
  ExitCode Lost(const absl::Status& status);

  std::string socket_;
  bool pages_;
  std::optional<ControlClient> client_;
  bool knows_screens_ = false;  // the daemon; an older one does not
};

}  // namespace dpvrrp
