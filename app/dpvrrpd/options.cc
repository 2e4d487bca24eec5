// SPDX-License-Identifier: BSD-3-Clause
#include "options.h"

#include "absl/strings/str_cat.h"

namespace dpvrrp {

const char kUsage[] =
    "usage: dpvrrpd -c FILE [--check-config] [-- EAL options]\n"
    "       dpvrrpd --clear [-c FILE]\n"
    "\n"
    "  -c FILE         configuration (TOML)\n"
    "  --check-config  check the configuration, print its faults, start nothing\n"
    "  --clear         remove the virtual addresses and virtual-MAC devices that a killed daemon left behind\n"
    "  --version       print the version\n"
    "  --help          print this\n"
    "\n"
    "Arguments after \"--\" are passed to DPDK's EAL, for example: -- --no-huge -m 128\n"
    "Signals: SIGTERM and SIGINT resign and stop, SIGHUP reads the configuration again.\n";

absl::StatusOr<Options> ParseOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--") {
      options.eal_arguments.assign(argv + i + 1, argv + argc);
      break;
    }
    if (word == "-c") {
      if (i + 1 == argc) return absl::InvalidArgumentError("-c needs a file");
      options.config_file = argv[++i];
    } else if (word == "--check-config") {
      options.check_config = true;
    } else if (word == "--clear") {
      options.clear = true;
    } else if (word == "--version") {
      options.version = true;
    } else if (word == "--help" || word == "-h") {
      options.help = true;
    } else {
      return absl::InvalidArgumentError(absl::StrCat("unknown option '", word, "'; EAL options go after --"));
    }
  }
  if (options.config_file.empty() && !options.help && !options.version && !options.clear) {
    return absl::InvalidArgumentError("no configuration: -c FILE is required");
  }
  return options;
}

}  // namespace dpvrrp
