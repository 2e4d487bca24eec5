// SPDX-License-Identifier: BSD-3-Clause
//
// The command line of dpvrrpd. Thread: any.
#pragma once

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
  std::vector<std::string> eal_arguments;  // after "--"
};

extern const char kUsage[];

// dpvrrpd -c FILE [--check-config] [-- EAL options], dpvrrpd --clear [-c FILE]. InvalidArgument names the bad word.
absl::StatusOr<Options> ParseOptions(int argc, char** argv);

}  // namespace dpvrrp
