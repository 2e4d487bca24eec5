// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

namespace dpvrrp {

// The daemon's process, for `show status`.
struct ProcessStatus {
  std::string scheduling{};        // of the control thread: "fifo 10", "other"
  uint64_t log_lines_dropped = 0;  // stderr did not take them
  std::string log_level{};         // the least severity that is logged: "info"
  // Memory, in bytes; 0: not known. For `show memory`.
  uint64_t resident = 0;       // in RAM now, without huge pages
  uint64_t resident_peak = 0;  // the most since the start
  uint64_t locked = 0;         // of it, never swapped out
  uint64_t shared = 0;         // of it, shared with other processes: the state's
};

// A client of the control socket, for `show clients`.
struct ClientStatus {
  uint64_t number = 0;  // counted up from 1 in this run, at each socket
  int64_t pid = 0;      // as it connected; 0: of another PID namespace
  int64_t uid = 0;      // likewise
  std::string user{};   // its name; empty: none is known
  int64_t connected_seconds = 0;
  int64_t idle_seconds = 0;  // since its last line, or since it last read of an answer
  std::string request{};     // the line that is being answered; empty: none
  bool read_only = false;    // of the read-only socket
};

}  // namespace dpvrrp
