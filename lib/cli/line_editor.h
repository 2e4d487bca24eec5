// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace dpvrrp {

// The line editing of a prompt: bytes from a terminal that neither echoes nor waits for whole lines, to lines. It shows
// what is typed by text for the terminal (VT100). Pure.
//
//   Backspace, Ctrl-H  delete a character        Ctrl-U  delete to the start of the line
//   arrows, Ctrl-B/F   move                      Ctrl-K  delete to the end
//   Ctrl-A, Ctrl-E     to the start, to the end  Ctrl-W  delete a word
//   Up, Down           earlier and later lines   Tab     complete
//   Ctrl-L             clear the screen          Ctrl-D  on an empty line: the end
//
// Thread: one.
class LineEditor {
 public:
  static constexpr size_t kMaxLine = 4096;  // bytes; more are not taken
  static constexpr size_t kMaxHistory = 500;

  explicit LineEditor(std::string prompt) : prompt_(std::move(prompt)) {}

  enum class Event { kNone, kLine, kComplete, kEnd };
  // Takes one byte. After kLine: TakeLine(). After kComplete: OnCandidates().
  Event Type(char byte);
  std::string TakeLine();
  // The line up to the cursor, whose last word is to be completed.
  std::string BeforeCursor() const { return line_.substr(0, cursor_); }
  // The candidates for that word (cli/grammar.h: Complete). One is inserted; of several the common start, or they are
  // listed.
  void OnCandidates(const std::vector<std::string>& candidates);

  // What the terminal must be sent.
  std::string TakeOutput() { return std::exchange(output_, {}); }

 private:
  void Escape(char byte);
  bool Control(char byte);
  void Insert(absl::string_view text);
  void Erase(size_t from, size_t to);
  void MoveTo(size_t at);
  void Recall(bool earlier);
  void Redraw();
  size_t Left() const;   // of the cursor: the start of the character before it
  size_t Right() const;  // the end of the character at it

  std::string prompt_;
  std::string line_;
  size_t cursor_ = 0;
  std::string escape_;  // an escape sequence that has begun
  std::vector<std::string> history_;
  size_t recalled_ = 0;   // the place in the history; its size: the new line
  std::string new_line_;  // while an earlier one is shown
  std::string output_;
};

}  // namespace dpvrrp
