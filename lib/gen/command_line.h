// SPDX-License-Identifier: BSD-3-Clause
//
// The command line of dpvrrp-gen. Thread: any.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gen/profile.h"

namespace dpvrrp {

struct GenCommandLine {
  std::string profile_file;  // empty: none
  std::vector<GenOption> options;
  bool own_network = false;  // the device may be outside a lab
  bool json = false;
  bool instances = false;
  std::string svg_file;  // empty: none
  bool check = false;
  bool list_kinds = false;
  bool help = false;
  bool version = false;
  std::vector<std::string> eal_arguments;
};

extern const char kGenUsage[];

// dpvrrp-gen OPTIONS [-- EAL options]. testpmd's order, EAL options first, is accepted too. InvalidArgument names the
// bad word.
absl::StatusOr<GenCommandLine> ParseGenCommandLine(int argc, char** argv);

// A fault of ReadGenProfile() as the command line's user knows it: "--vrid '300': must be 1..255".
std::string GenFaultText(const ConfigFault& fault);

}  // namespace dpvrrp
