// SPDX-License-Identifier: BSD-3-Clause
#include "cli/line_editor.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace dpvrrp {
namespace {

constexpr char kEscape = 0x1b;

constexpr char Ctrl(char letter) { return static_cast<char>(letter & 0x1f); }

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

// The number of characters, each of one column.
size_t Columns(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

// The start of the word that ends at the end of `text`. Blanks in double quotes do not separate words.
size_t LastWordStart(absl::string_view text) {
  size_t start = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (!quoted && text[i] == ' ') start = i + 1;
  }
  return start;
}

std::string CommonStart(const std::vector<std::string>& words) {
  std::string start = words.front();
  for (const std::string& word : words) {
    const auto [end, ignored] = std::mismatch(start.begin(), start.end(), word.begin(), word.end());
    start.erase(end, start.end());
  }
  return start;
}

}  // namespace

LineEditor::Event LineEditor::Type(char byte) {
  if (byte == '\r' || byte == '\n') {  // also after a lone Escape
    escape_.clear();
    MoveTo(line_.size());
    output_ += '\n';
    return Event::kLine;
  }
  if (!escape_.empty()) return Escape(byte), Event::kNone;
  if (byte == kEscape) return escape_ = byte, Event::kNone;
  if (byte == '\t') return Event::kComplete;
  if (byte == Ctrl('D') && line_.empty()) return Event::kEnd;
  if (!Control(byte) && static_cast<unsigned char>(byte) >= 0x20) Insert(absl::string_view(&byte, 1));
  return Event::kNone;
}

std::string LineEditor::TakeLine() {
  if (!line_.empty() && (history_.empty() || history_.back() != line_)) history_.push_back(line_);
  if (history_.size() > kMaxHistory) history_.erase(history_.begin());
  recalled_ = history_.size();
  cursor_ = 0;
  new_line_.clear();
  return std::exchange(line_, {});
}

// False: it is no control character that edits.
bool LineEditor::Control(char byte) {
  switch (byte) {
    case 0x7f:
    case Ctrl('H'):
      Erase(Left(), cursor_);
      return true;
    case Ctrl('D'):
      Erase(cursor_, Right());
      return true;
    case Ctrl('A'):
      MoveTo(0);
      return true;
    case Ctrl('E'):
      MoveTo(line_.size());
      return true;
    case Ctrl('B'):
      MoveTo(Left());
      return true;
    case Ctrl('F'):
      MoveTo(Right());
      return true;
    case Ctrl('U'):
      Erase(0, cursor_);
      return true;
    case Ctrl('K'):
      Erase(cursor_, line_.size());
      return true;
    case Ctrl('W'): {
      const size_t last = line_.find_last_not_of(' ', cursor_ == 0 ? 0 : cursor_ - 1);
      const size_t blank = last == std::string::npos ? last : line_.rfind(' ', last);
      Erase(blank == std::string::npos ? 0 : blank + 1, cursor_);
      return true;
    }
    case Ctrl('P'):
      Recall(true);
      return true;
    case Ctrl('N'):
      Recall(false);
      return true;
    case Ctrl('L'):
      output_ += "\x1b[H\x1b[2J";
      Redraw();
      return true;
    default:
      return false;
  }
}

// ESC [ A: up, B: down, C: right, D: left, H: home, F: end, 3 ~: delete. Others have no effect.
void LineEditor::Escape(char byte) {
  escape_ += byte;
  const bool begins = escape_.size() == 2 && (byte == '[' || byte == 'O');
  const bool goes_on = escape_.size() > 2 && escape_.size() < 16 && byte >= 0x20 && byte < 0x40;
  if (begins || goes_on) return;
  const std::string sequence = std::exchange(escape_, {});
  if (sequence.size() == 4 && sequence.substr(2) == "3~") return Erase(cursor_, Right());
  if (sequence.size() != 3) return;
  if (byte == 'A') Recall(true);
  if (byte == 'B') Recall(false);
  if (byte == 'C') MoveTo(Right());
  if (byte == 'D') MoveTo(Left());
  if (byte == 'H') MoveTo(0);
  if (byte == 'F') MoveTo(line_.size());
}

void LineEditor::OnCandidates(const std::vector<std::string>& candidates) {
  if (candidates.empty()) return;
  const size_t start = LastWordStart(BeforeCursor());
  std::string insert = CommonStart(candidates);
  if (candidates.size() == 1) insert += ' ';
  if (insert.size() > cursor_ - start) {
    const bool is_longer_only = line_.compare(start, cursor_ - start, insert, 0, cursor_ - start) == 0;
    if (is_longer_only) return Insert(absl::string_view(insert).substr(cursor_ - start));
    Erase(start, cursor_);
    return Insert(insert);
  }
  output_ += '\n';
  for (const std::string& candidate : candidates) absl::StrAppend(&output_, "  ", candidate, "\n");
  Redraw();
}

// At the end of the line only the text is sent, so that programs that read the terminal see it once.
void LineEditor::Insert(absl::string_view text) {
  if (line_.size() + text.size() > kMaxLine) return;
  const bool at_end = cursor_ == line_.size();
  line_.insert(cursor_, text.data(), text.size());
  cursor_ += text.size();
  if (at_end) {
    output_.append(text.data(), text.size());
  } else {
    Redraw();
  }
}

void LineEditor::Erase(size_t from, size_t to) {
  if (from == to) return;
  line_.erase(from, to - from);
  cursor_ = from;
  Redraw();
}

void LineEditor::MoveTo(size_t at) {
  if (at == cursor_) return;
  cursor_ = at;
  Redraw();
}

void LineEditor::Recall(bool earlier) {
  if (earlier ? recalled_ == 0 : recalled_ == history_.size()) return;
  if (recalled_ == history_.size()) new_line_ = line_;
  recalled_ += earlier ? size_t(-1) : 1;
  line_ = recalled_ == history_.size() ? new_line_ : history_[recalled_];
  cursor_ = line_.size();
  Redraw();
}

void LineEditor::Redraw() {
  absl::StrAppend(&output_, "\r\x1b[K", prompt_, line_);
  const size_t behind = Columns(absl::string_view(line_).substr(cursor_));
  if (behind > 0) absl::StrAppend(&output_, "\x1b[", behind, "D");
}

size_t LineEditor::Left() const {
  size_t at = cursor_;
  while (at > 0 && IsContinuation(line_[--at])) {
  }
  return at;
}

size_t LineEditor::Right() const {
  size_t at = std::min(cursor_ + 1, line_.size());
  while (at < line_.size() && IsContinuation(line_[at])) ++at;
  return at;
}

}  // namespace dpvrrp
