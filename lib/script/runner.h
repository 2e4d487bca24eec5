// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/time.h"
#include "script/script.h"

namespace dpvrrp {

inline constexpr Nanoseconds kScriptPoll = std::chrono::milliseconds(20);  // between two looks of `wait until`

// Runs the statements of a command file, one after the other. The caller passes on its questions, answers and time:
//
//   OnTime()         at the start, and at NextDeadline()
//   TakeQuestion()   a line for the daemon; OnAnswer() must follow
//   TakeOutput()     text for people: each statement behind "dpvrrpd> ", then its answer
//
// The first statement that fails ends the run. Pure.
//
// Thread: one (control).
class ScriptRunner {
 public:
  // `name`: of the file, for the last line of the output.
  ScriptRunner(std::string name, std::vector<Statement> statements)
      : name_(std::move(name)), statements_(std::move(statements)) {}

  void OnTime(Instant now);
  // `ok`: the daemon has carried the command out. If not, `body` is the reason.
  void OnAnswer(bool ok, absl::string_view body, Instant now);

  std::optional<std::string> TakeQuestion() { return std::exchange(question_, std::nullopt); }
  std::string TakeOutput() { return std::exchange(output_, {}); }
  Instant NextDeadline() const { return finished_ ? kNever : deadline_; }
  bool finished() const { return finished_; }
  bool held() const { return held_; }  // every statement so far

 private:
  void Begin(Instant now);
  void Judge(bool ok, absl::string_view body, const std::vector<Term>& terms, Instant now);
  void NextTerm(const std::vector<Term>& terms, std::string saw, Instant now);
  void NotHeld(const Term& term, const std::string& why, Instant now);
  void Ask(std::string line);
  void AskTerm(const std::vector<Term>& terms);
  void Done();
  void Fail(const std::string& reason);
  void Finish();

  std::string name_;
  std::vector<Statement> statements_;
  size_t next_ = 0;       // the statement to run, or the running one
  bool running_ = false;  // statements_[next_] has begun
  bool asked_ = false;    // an answer is awaited
  size_t term_ = 0;       // of the running statement
  std::string last_saw_;  // what the terms so far were compared with
  Instant began_{};       // the running statement
  Instant deadline_ = Instant::min();
  std::optional<std::string> question_;
  std::string output_;
  bool finished_ = false;
  bool held_ = true;
};

}  // namespace dpvrrp
