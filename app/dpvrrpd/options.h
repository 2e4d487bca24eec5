// SPDX-License-Identifier: BSD-3-Clause
//
// The command line of dpvrrpd. Thread: any.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace dpvrrp {

struct Options {
  std::string config_file;
  bool check_config = false;
  bool clear = false;
  bool help = false;
  bool version = false;
  bool interactive = false;
  std::string commands;                    // a file; empty: none
  std::string replay;                      // a capture file; empty: none
  std::string write;                       // a pcapng file for --replay
  std::string port;                        // of the capture's frames
  std::string trace;                       // the number of a frame of the capture, and
  uint64_t traced = 0;                     // the same as a number; 0: none
  bool json = false;                       // with --replay
  std::string log_file;                    // empty: stderr
  std::vector<std::string> eal_arguments;  // after "--"
};

extern const char kUsage[];

// The words of the command line, see kUsage. InvalidArgument names the bad word.
absl::StatusOr<Options> ParseOptions(int argc, char** argv);

}  // namespace dpvrrp
