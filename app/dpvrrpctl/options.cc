// SPDX-License-Identifier: BSD-3-Clause
#include "options.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace dpvrrp {
namespace {

constexpr absl::string_view kDefaultSocket = "/run/dpvrrp/dpvrrpd.sock";

}  // namespace

absl::StatusOr<Options> ParseOptions(const std::vector<std::string>& arguments, absl::string_view environment_socket) {
  Options options;
  options.socket = std::string(environment_socket.empty() ? kDefaultSocket : environment_socket);
  std::vector<std::string> flags;  // for the command
  size_t i = 0;
  for (; i < arguments.size() && absl::StartsWith(arguments[i], "-"); ++i) {
    const std::string& word = arguments[i];
    if (word == "-h" || word == "--help") {
      options.action = Options::Action::kHelp;
    } else if (word == "-V" || word == "--version") {
      options.action = Options::Action::kVersion;
    } else if (word == "--json" || word == "--wide" || word == "--yes") {
      flags.push_back(word);
    } else if (word == "--no-pager") {
      options.pages = false;
    } else if (word == "-s" || word == "--socket") {
      if (i + 1 == arguments.size()) return absl::InvalidArgumentError(absl::StrCat(word, " needs a path"));
      options.socket = arguments[++i];
    } else {
      return absl::InvalidArgumentError(absl::StrCat("unknown option '", word, "'"));
    }
  }
  options.command.assign(arguments.begin() + static_cast<ptrdiff_t>(i), arguments.end());
  if (std::erase(options.command, "--no-pager") > 0) options.pages = false;
  if (!flags.empty() && options.command.empty() && options.action == Options::Action::kRun) {
    return absl::InvalidArgumentError(absl::StrCat(flags.front(), " needs a command"));
  }
  options.command.insert(options.command.end(), flags.begin(), flags.end());
  return options;
}

std::string Usage() {
  return absl::StrCat(
      "usage: dpvrrpctl [-s SOCKET] [--json | --wide] [--no-pager] [COMMAND...]\n"
      "       dpvrrpctl [-s SOCKET] watch [--interval SECONDS] [COMMAND...]\n"
      "       dpvrrpctl import [-o DIR] FILE       a keepalived.conf; see dpvrrpctl import --help\n"
      "\n"
      "Sends a command to dpvrrpd and prints its answer. Without a command it reads commands from a prompt, or from\n"
      "standard input, one per line, until one fails. The command \"help\" lists all commands.\n"
      "\n"
      "  -s, --socket SOCKET  the daemon's socket; default $DPVRRP_SOCKET, or ",
      kDefaultSocket,
      "\n"
      "  --json               answer in JSON\n"
      "  --wide               all columns, whatever the width of the terminal\n"
      "  --yes                do not ask before more than one instance changes\n"
      "  --no-pager           do not show long answers through $PAGER\n"
      "  -h, --help           this text\n"
      "  -V, --version        the version\n"
      "\n"
      "Exit status: 0 done, 1 the command failed, 2 usage, 3 the daemon cannot be reached.\n");
}

}  // namespace dpvrrp
