// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/time.h"
#include "cli/line_editor.h"
#include "command_file.h"
#include "control/outbox.h"
#include "io/line_input.h"
#include "io/log_writer.h"
#include "io/raw_terminal.h"
#include "io/reactor.h"
#include "script/runner.h"

namespace dpvrrp {

struct ConsoleOptions {
  std::optional<CommandFile> commands;  // run first
  bool interactive = false;             // then a prompt on the terminal
};

// The daemon's own requesters: `--commands FILE` and the prompt of `--interactive`. A line is one of the control
// socket's, and one is asked at a time. Input and output never block the control thread.
//
//   --commands FILE   runs the file; then the daemon stops, or shows its prompt with --interactive
//   --interactive     "dpvrrpd> " after every answer; `quit` and the end of the input stop the daemon
//
// Thread: control.
class Console {
 public:
  struct Daemon {
    std::function<void(RequesterId, const std::string&)> ask;  // the answer follows, perhaps at once: Take()
    std::function<void(RequesterId)> leave;                    // the requester wants no more answers
    std::function<void()> stop;
  };

  // Starts the thread that writes the output, so call it before privileges are dropped.
  explicit Console(ConsoleOptions options);

  // Call it when the daemon receives. End() must follow before the reactor is destroyed.
  absl::Status Begin(Reactor& reactor, Daemon daemon);
  void End();
  bool has_begun() const { return begun_; }

  // False: it is another requester's.
  bool Take(const Answer& answer);
  // Goes on: with an answer, a line, or the file's next statement. Asks at most once.
  void OnTime(Instant now);
  Instant NextDeadline() const;

  // Whether the command file failed, or was not finished.
  bool failed() const { return runner_.has_value() && !(runner_->finished() && runner_->held()); }
  // Waits until the output is written, at most this long.
  void Flush(Nanoseconds longest) { output_.Flush(longest); }

 private:
  void RunFile(Instant now);
  void RunPrompt();
  bool NextLine(std::string* line, bool* too_long);
  void Complete();
  void OnLine(const std::string& line);
  void OpenPrompt();
  void EndFollowing();
  void Stop();
  void Print(absl::string_view text);

  bool interactive_;
  bool echoes_;  // the terminal does not show what is typed, because there is none
  std::optional<ScriptRunner> runner_;
  LogWriter output_;
  Daemon daemon_;
  std::unique_ptr<LineInput> input_;
  std::unique_ptr<RawTerminal> terminal_;
  std::optional<LineEditor> editor_;  // none: the input is no terminal
  bool begun_ = false;
  bool stopped_ = false;
  bool prompts_ = false;    // the file, if any, has ended
  bool asked_ = false;      // an answer is awaited
  bool completes_ = false;  // the answer is the candidates of a word
  bool following_ = false;  // a part of a stream was received, and more may follow
  std::string asked_line_;
  std::optional<Answer> answer_;
};

}  // namespace dpvrrp
