// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

namespace dpvrrp {

// The daemon's process, for `show status`.
struct ProcessStatus {
  std::string scheduling{};        // of the control thread: "fifo 10", "other"
  uint64_t log_lines_dropped = 0;  // stderr did not take them
};

// A client of the control socket, for `show clients`.
struct ClientStatus {
  uint64_t number = 0;  // counted up from 1 in this run
  int64_t pid = 0;      // as it connected; 0: of another PID namespace
  int64_t uid = 0;      // likewise
  std::string user{};   // its name; empty: none is known
  int64_t connected_seconds = 0;
  int64_t idle_seconds = 0;  // since its last line, or since it last read of an answer
  std::string request{};     // the line that is being answered; empty: none
};

}  // namespace dpvrrp
