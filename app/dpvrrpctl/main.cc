// SPDX-License-Identifier: BSD-3-Clause
//
// dpvrrpctl: the operator's command line. Deliberately simple: the daemon has the grammar, its help and its completion,
// so client and daemon of different versions understand each other.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "capture_file.h"
#include "cli/words.h"
#include "import_command.h"
#include "line_source.h"
#include "options.h"
#include "session.h"
#include "tty.h"
#include "watch.h"

namespace dpvrrp {
namespace {

// One line of a session.
ExitCode RunLine(Session& session, const std::string& line) {
  const absl::StatusOr<std::vector<Word>> split = SplitWords(line);
  if (!split.ok()) return session.Run(line);  // the daemon names the fault
  std::vector<std::string> words;
  for (const Word& word : *split) words.push_back(word.text);
  if (words.front() == "watch") return Watch(session, {words.begin() + 1, words.end()});
  if (IsCaptureToFile(words)) return CaptureToFile(session, words);
  return session.Run(line);
}

ExitCode RunPrompt(Session& session) {
  InterruptInsteadOfDying(SIGINT);  // Ctrl-C ends a stream and not the prompt
  const std::unique_ptr<LineSource> lines =
      MakePrompt([&session](const std::string& line) { return session.Complete(line); });
  while (const std::optional<std::string> next = lines->Next()) {
    const absl::string_view line = absl::StripAsciiWhitespace(*next);
    if (line == "quit" || line == "exit") break;
    if (!line.empty()) RunLine(session, std::string(line));
  }
  return ExitCode::kOk;
}

ExitCode RunPipe(Session& session) {
  const std::unique_ptr<LineSource> lines = MakePipedLines();
  while (const std::optional<std::string> next = lines->Next()) {
    const absl::string_view line = absl::StripAsciiWhitespace(*next);
    if (line.empty() || line[0] == '#') continue;
    if (line == "quit" || line == "exit") break;
    if (const ExitCode code = RunLine(session, std::string(line)); code != ExitCode::kOk) return code;
  }
  return ExitCode::kOk;
}

int Main(const std::vector<std::string>& arguments) {
  const char* environment_socket = getenv("DPVRRP_SOCKET");
  const absl::StatusOr<Options> options =
      ParseOptions(arguments, environment_socket == nullptr ? "" : environment_socket);
  if (!options.ok()) {
    fputs(absl::StrCat("dpvrrpctl: ", options.status().message(), "\n", Usage()).c_str(), stderr);
    return static_cast<int>(ExitCode::kUsage);
  }
  if (options->action == Options::Action::kHelp) {
    fputs(Usage().c_str(), stdout);
    return 0;
  }
  if (options->action == Options::Action::kVersion) {
    puts("dpvrrpctl " DPVRRP_VERSION);
    return 0;
  }
  if (!options->command.empty() && options->command[0] == "import") {
    return RunImport({options->command.begin() + 1, options->command.end()});
  }
  Session session(options->socket, options->pages);
  if (options->command.size() == 2 &&
      options->command[0] == "complete") {  // of the shell; the line ends as it is typed
    for (const std::string& candidate : session.Complete(options->command[1])) puts(candidate.c_str());
    return 0;
  }
  if (!options->command.empty() && options->command[0] == "watch") {
    return static_cast<int>(Watch(session, {options->command.begin() + 1, options->command.end()}));
  }
  if (IsCaptureToFile(options->command)) return static_cast<int>(CaptureToFile(session, options->command));
  if (!options->command.empty()) return static_cast<int>(session.Run(JoinWords(options->command)));
  return static_cast<int>(isatty(STDIN_FILENO) == 1 ? RunPrompt(session) : RunPipe(session));
}

}  // namespace
}  // namespace dpvrrp

int main(int argc, char** argv) { return dpvrrp::Main(std::vector<std::string>(argv + 1, argv + argc)); }
