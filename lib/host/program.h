// SPDX-License-Identifier: BSD-3-Clause
//
// Programs that the agent runs for control, and lines that it writes to a FIFO, as values. `agent` carries them out; a
// test answers them in memory. docs/decisions/0021-the-agent.md has the reasons.
//
// Thread: control.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/time.h"

namespace dpvrrp {

// Run a program. It gets no shell, no input, and the directory "/".
struct ProgramRequest {
  uint64_t id = 0;                   // chosen by the caller; the reply has the same
  std::vector<std::string> command;  // its path and its arguments, not empty
  std::string user;                  // runs it
  Nanoseconds timeout{0};            // then its process group is ended
  // Requests with the same queue run one after another, in the order in which they were sent. Empty: at once.
  std::string queue;

  friend bool operator==(const ProgramRequest&, const ProgramRequest&) = default;
};

// Write a line to a FIFO. Lines of one FIFO keep their order.
struct FifoLine {
  std::string path;
  std::string line;  // without its end

  friend bool operator==(const FifoLine&, const FifoLine&) = default;
};

using ProgramOrder = std::variant<ProgramRequest, FifoLine>;

struct ProgramReply {
  enum class Outcome : uint8_t {
    kExited,      // by itself; `status` is its exit status
    kSignalled,   // by the signal `status`, which we did not send
    kTimedOut,    // it ran longer than the timeout
    kNotStarted,  // no such file, no such user ...; `text` says why
    kLost,        // the agent ended while it had the request; the program may have run
  };
  uint64_t id = 0;
  Outcome outcome = Outcome::kExited;
  int status = 0;
  std::string text;  // the first line that the program wrote, or why it was not started; at most 200 bytes
};
// For people: "exit status 1: no such host", "ran longer than its timeout".
std::string TextOf(const ProgramReply& reply);
absl::string_view ToString(ProgramReply::Outcome outcome);  // "exited", "timed-out" ...

// What else the agent reports.
struct AgentNews {
  enum class Kind : uint8_t {
    kEnded,      // the agent ended; requests that it had are answered with kLost
    kRestarted,  // and runs again
    kFifoFull,   // no reader takes the lines of the FIFO `text`: from now on they are lost
    kFifoLost,   // the FIFO is read again; `count` lines were lost
    kFifoFault,  // the FIFO cannot be opened or written; `text` says why
  };
  Kind kind = Kind::kEnded;
  std::string text;
  uint64_t count = 0;
};

}  // namespace dpvrrp
