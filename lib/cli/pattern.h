// SPDX-License-Identifier: BSD-3-Clause
//
// The code that grammar.cc and complete.cc share: parsed patterns, and the walk through them word by word.
//
// Thread: any.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cli/grammar.h"
#include "cli/words.h"

namespace dpvrrp::internal {

struct PatternWord {
  absl::string_view text;  // "show" or "NAME"
  bool parameter = false;
};

// One way to write a command: its words, and its options in one of their orders.
struct Pattern {
  size_t spec = 0;  // the command
  std::vector<PatternWord> words;
  size_t options_at = 0;                 // in `words`: from here on a keyword and its parameter in turn
  std::vector<absl::string_view> flags;  // "--follow"
};

// Every way to write the command, the one without options first. There are few options, so there are few ways. A
// malformed pattern is a programmer's error and aborts.
std::vector<Pattern> ParsePattern(absl::string_view pattern, size_t spec);

inline bool IsFlag(const Word& word) { return !word.quoted && word.text.rfind("--", 0) == 0; }

// The patterns that still fit after some words.
class Walk {
 public:
  explicit Walk(std::span<const CommandSpec> specs);

  // Takes one more word that is not a flag. InvalidArgument says what was expected instead; the walk is then over.
  absl::Status Advance(const Word& word);

  // Patterns that fit so far, and those of them that need no further word. In table order.
  const std::vector<size_t>& alive() const { return alive_; }
  std::vector<size_t> Complete() const;
  // The possible next words: each keyword and parameter once, in table order.
  std::vector<PatternWord> Next() const;

  const Pattern& pattern(size_t index) const { return patterns_[index]; }
  const std::vector<std::string>& words() const { return words_; }  // as advanced
  std::string WordsSoFar() const;                                   // "show instance", for messages
  std::string Expected() const;                                     // "expected one of: status instances ..."

 private:
  void Keep(const PatternWord& next);  // drops the commands whose next word is another one

  std::vector<Pattern> patterns_;
  std::vector<size_t> alive_;
  std::vector<std::string> words_;
};

}  // namespace dpvrrp::internal
