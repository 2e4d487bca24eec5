// SPDX-License-Identifier: BSD-3-Clause
#include "options.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"

namespace dpvrrp {

const char kUsage[] =
    "usage: dpvrrpd -c FILE [--check-config] [--commands FILE] [--interactive] [--log-file FILE] [-- EAL options]\n"
    "       dpvrrpd -c FILE --replay CAPTURE [--write FILE | --trace N] [--port NAME] [--json]\n"
    "       dpvrrpd --clear [-c FILE]\n"
    "\n"
    "  -c FILE         configuration (TOML)\n"
    "  --check-config  check the configuration, print its faults, start nothing\n"
    "  --commands FILE (or --cmdline-file=FILE)\n"
    "                  run a command file and stop; exit status 0: everything held, 1: a command or an\n"
    "                  expectation failed, 2: the file or the command line has faults. With --check-config: check it\n"
    "  --interactive   (or -i) a prompt on the terminal, after the command file if there is one. `help` lists the\n"
    "                  commands; `quit` and Ctrl-D stop the daemon. The log is not shown on the same terminal\n"
    "  --log-file FILE append the log to this file instead of writing it to stderr\n"
    "  --replay FILE   play a capture (pcap, pcapng) to the configured gateway in the capture's own time, and print\n"
    "                  the verdict of every frame; needs no rights, and starts no daemon\n"
    "  --write FILE    with --replay: a pcapng file of its frames with verdicts as comments, and of the frames sent\n"
    "  --trace N       with --replay: the result of each check of frame N instead, counted from 1\n"
    "  --port NAME     with --replay: the port of all frames; needed if the capture does not tell it\n"
    "  --json          with --replay: a JSON object a line\n"
    "  --clear         remove the virtual addresses and virtual-MAC devices that a killed daemon left behind\n"
    "  --version       print the version\n"
    "  --help          print this\n"
    "\n"
    "Arguments after \"--\" are passed to DPDK's EAL, for example: -- --no-huge -m 128\n"
    "Signals: SIGTERM and SIGINT resign and stop, SIGHUP reads the configuration again.\n";

namespace {

// Takes `name VALUE` or `name=VALUE` at argv[i]. Sets `value`, and moves `i` to the last word taken.
absl::StatusOr<bool> TakeValue(absl::string_view name, int argc, char** argv, int& i, std::string& value) {
  absl::string_view word = argv[i];
  if (!absl::ConsumePrefix(&word, name)) return false;
  if (word.empty()) {
    if (i + 1 == argc || absl::string_view(argv[i + 1]) == "--") {
      return absl::InvalidArgumentError(absl::StrCat(name, " needs a value"));
    }
    word = argv[++i];
  } else if (!absl::ConsumePrefix(&word, "=")) {
    return false;
  }
  if (word.empty()) return absl::InvalidArgumentError(absl::StrCat(name, " needs a value"));
  if (!value.empty()) return absl::InvalidArgumentError(absl::StrCat(name, " was given before: '", value, "'"));
  value = std::string(word);
  return true;
}

absl::StatusOr<bool> TakeAnyValue(int argc, char** argv, int& i, Options& options) {
  const std::pair<absl::string_view, std::string*> names[] = {
      {"--commands", &options.commands}, {"--cmdline-file", &options.commands}, {"--log-file", &options.log_file},
      {"--replay", &options.replay},     {"--write", &options.write},           {"--port", &options.port},
      {"--trace", &options.trace}};
  for (const auto& [name, value] : names) {
    DPVRRP_ASSIGN_OR_RETURN(const bool taken, TakeValue(name, argc, argv, i, *value));
    if (taken) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<Options> ParseOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--") {
      options.eal_arguments.assign(argv + i + 1, argv + argc);
      break;
    }
    DPVRRP_ASSIGN_OR_RETURN(const bool taken, TakeAnyValue(argc, argv, i, options));
    if (taken) continue;
    if (word == "-c") {
      if (i + 1 == argc) return absl::InvalidArgumentError("-c needs a file");
      options.config_file = argv[++i];
    } else if (word == "--interactive" || word == "-i") {
      options.interactive = true;
    } else if (word == "--json") {
      options.json = true;
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
  if (options.clear && (options.interactive || !options.commands.empty())) {
    return absl::InvalidArgumentError("--clear starts no daemon, so --interactive and --commands have no effect");
  }
  const bool of_replay = options.json || !options.write.empty() || !options.port.empty() || !options.trace.empty();
  if (options.replay.empty() && of_replay) {
    return absl::InvalidArgumentError("--write, --trace, --port and --json need --replay");
  }
  if (!options.trace.empty() && (!absl::SimpleAtoi(options.trace, &options.traced) || options.traced == 0)) {
    return absl::InvalidArgumentError(absl::StrCat("--trace must be the number of a frame, got '", options.trace, "'"));
  }
  if (!options.trace.empty() && !options.write.empty()) {
    return absl::InvalidArgumentError("--trace shows one frame, so --write has no effect");
  }
  const bool other_mode = options.clear || options.check_config || options.interactive || !options.commands.empty();
  if (!options.replay.empty() && other_mode) {
    return absl::InvalidArgumentError("--replay starts no daemon: no other mode may stand beside it");
  }
  if (options.check_config && options.interactive) {
    return absl::InvalidArgumentError("--check-config starts no daemon, so --interactive has no effect");
  }
  return options;
}

}  // namespace dpvrrp
