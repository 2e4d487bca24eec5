// SPDX-License-Identifier: BSD-3-Clause
#include "console.h"

#include <unistd.h>

#include <csignal>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "control/commands/commands.h"
#include "log.h"

namespace dpvrrp {
namespace {

constexpr absl::string_view kPrompt = "dpvrrpd> ";
constexpr size_t kMaxOutput = 128 * 1024 * 1024;  // bytes that the reader of stdout has not taken: two answers
constexpr absl::string_view kQuitHelp =
    "\nquit                                                  end the daemon, as SIGTERM does\n";

std::string DroppedOutput(uint64_t answers) {
  return absl::StrCat("dpvrrpd: ", answers, " answers dropped: the reader of stdout is slow\n");
}

}  // namespace

Console::Console(ConsoleOptions options)
    : interactive_(options.interactive),
      echoes_(isatty(STDIN_FILENO) != 1),
      output_(STDOUT_FILENO, DroppedOutput, kMaxOutput) {
  if (options.commands.has_value()) {
    runner_.emplace(std::move(options.commands->name), std::move(options.commands->statements));
  }
}

absl::Status Console::Begin(Reactor& reactor, Daemon daemon) {
  begun_ = true;
  daemon_ = std::move(daemon);
  if (!interactive_) return absl::OkStatus();
  // A stopped process sends no adverts and keeps its addresses: Ctrl-Z, or a read or write in the background.
  for (const int number : {SIGTSTP, SIGTTIN, SIGTTOU}) std::signal(number, SIG_IGN);
  // Log lines between the answers would disturb a program that reads them.
  if (isatty(STDERR_FILENO) == 1 && !HasLogFile()) {
    Print("The log is not shown here; --log-file FILE keeps it, and `show events` has the latest events.\n");
    MuteLog(true);
  }
  DPVRRP_ASSIGN_OR_RETURN(input_, LineInput::Open(reactor, STDIN_FILENO));
  input_->SetReading(false);
  if (isatty(STDOUT_FILENO) == 1) terminal_ = RawTerminal::Enter(STDIN_FILENO);
  if (terminal_ != nullptr) {
    input_->TakeKeys();
    editor_.emplace(std::string(kPrompt));
  }
  if (!runner_.has_value()) OpenPrompt();
  return absl::OkStatus();
}

void Console::End() {
  stopped_ = true;
  terminal_.reset();
  input_.reset();
}

bool Console::Take(const Answer& answer) {
  if (answer.to != kConsole) return false;
  if (!asked_) return true;  // of a request that was left
  if (answer.status == Answer::Status::kMore) {
    following_ = true;
    Print(answer.body);
    return true;
  }
  asked_ = following_ = false;
  answer_ = answer;
  return true;
}

Instant Console::NextDeadline() const {
  if (stopped_) return kNever;
  if (!begun_) return Instant::min();  // the loop turns at once
  if (answer_.has_value()) return Instant::min();
  if (!prompts_) return asked_ || !runner_.has_value() ? kNever : runner_->NextDeadline();
  const bool may_read = !asked_ || following_;
  return may_read && (input_->HasInput() || input_->ended()) ? Instant::min() : kNever;
}

void Console::OnTime(Instant now) {
  if (!begun_ || stopped_) return;
  if (prompts_) return RunPrompt();
  RunFile(now);
}

void Console::RunFile(Instant now) {
  if (answer_.has_value()) {
    const Answer answer = *std::exchange(answer_, std::nullopt);
    runner_->OnAnswer(answer.status == Answer::Status::kOk, answer.body, now);
  } else {
    runner_->OnTime(now);
  }
  Print(runner_->TakeOutput());
  if (const std::optional<std::string> line = runner_->TakeQuestion()) {
    asked_ = true;
    daemon_.ask(kConsole, *line);
  }
  if (!runner_->finished()) return;
  if (!interactive_) return Stop();
  OpenPrompt();
}

void Console::OpenPrompt() {
  prompts_ = true;
  input_->SetReading(true);
  Print(kPrompt);
}

void Console::RunPrompt() {
  if (answer_.has_value()) {
    const Answer answer = *std::exchange(answer_, std::nullopt);
    const bool ok = answer.status == Answer::Status::kOk;
    input_->SetReading(true);
    if (std::exchange(completes_, false)) {
      std::vector<std::string> candidates = absl::StrSplit(answer.body, '\n', absl::SkipEmpty());
      const std::string typed = editor_->BeforeCursor();
      if (!typed.empty() && absl::StartsWith("quit", typed)) candidates.emplace_back("quit");
      editor_->OnCandidates(candidates);
      return Print(editor_->TakeOutput());
    }
    Print(absl::StrCat(ok ? "" : "error: ", answer.body, answer.body.empty() || answer.body.back() == '\n' ? "" : "\n",
                       ok && asked_line_ == "help" ? kQuitHelp : "", kPrompt));
    return;
  }
  if (asked_ && !following_) return;
  std::string line;
  bool too_long = false;
  if (!NextLine(&line, &too_long)) {
    if (input_->ended()) Stop();
    return;
  }
  if (following_) return EndFollowing();
  if (echoes_) Print(absl::StrCat(line, "\n"));
  if (too_long) return Print(absl::StrCat("error: the line is longer than ", kMaxInputLine, " bytes\n", kPrompt));
  OnLine(std::string(absl::StripAsciiWhitespace(line)));
}

// False: no line is complete.
bool Console::NextLine(std::string* line, bool* too_long) {
  if (!editor_.has_value()) return input_->TakeLine(line, too_long);
  char key = 0;
  while (!stopped_ && (!asked_ || following_) && !answer_.has_value() && input_->TakeKey(&key)) {
    const LineEditor::Event event = editor_->Type(key);
    Print(editor_->TakeOutput());
    if (event == LineEditor::Event::kEnd) {
      Print("\n");
      Stop();
    }
    if (event == LineEditor::Event::kComplete && !following_) Complete();
    if (event != LineEditor::Event::kLine) continue;
    *line = editor_->TakeLine();
    return true;
  }
  return false;
}

// The daemon knows the grammar and the names.
void Console::Complete() {
  asked_ = completes_ = true;
  input_->SetReading(false);
  daemon_.ask(kConsole, absl::StrCat("complete ", editor_->BeforeCursor()));
}

void Console::OnLine(const std::string& line) {
  if (line == "quit") return Stop();
  if (line.empty() || line[0] == '#') return Print(kPrompt);
  // Hosts of the LAN choose the bytes of a capture, which could control the terminal.
  const absl::StatusOr<CommandCall> call = ParseCall(line);
  if (call.ok() && absl::StartsWith(AllCommands()[call->parsed.index].pattern, "capture")) {
    return Print(absl::StrCat("error: capture makes a file: use dpvrrpctl capture > FILE\n", kPrompt));
  }
  asked_ = true;
  asked_line_ = line;
  input_->SetReading(false);
  daemon_.ask(kConsole, line);
  if (following_) input_->SetReading(true);
}

// Any line ends `show events --follow`.
void Console::EndFollowing() {
  daemon_.leave(kConsole);
  asked_ = following_ = false;
  Print(kPrompt);
}

void Console::Stop() {
  stopped_ = true;
  terminal_.reset();
  MuteLog(false);
  daemon_.stop();
}

void Console::Print(absl::string_view text) {
  if (!text.empty()) output_.Write(std::string(text));
}

}  // namespace dpvrrp
