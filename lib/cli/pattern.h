// SPDX-License-Identifier: BSD-3-Clause
//
// The code that grammar.cc and complete.cc share: parsed patterns, and the walk through them word by word.
//
// Thread: any.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
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

struct PatternOption {
  PatternWord keyword;
  PatternWord parameter;
  bool of_view = false;  // of kViewOptions
};

struct Pattern {
  std::vector<PatternWord> words;
  std::vector<PatternOption> options;    // after the words, in any order
  std::vector<absl::string_view> flags;  // "--follow"
};

// A malformed pattern is a programmer's error and aborts.
Pattern ParsePattern(const CommandSpec& spec);

inline bool IsFlag(const Word& word) { return !word.quoted && word.text.rfind("--", 0) == 0; }

// The name of the view option that the word is with dashes ("--sort", "--sort=since"); empty: it is none.
absl::string_view ViewOptionOf(const Word& word);

// A command that still fits after some words, and what it has read.
struct Reading {
  size_t spec = 0;
  size_t at = 0;                       // number of the pattern's words that were read
  std::optional<size_t> pending;       // the option whose parameter is next
  std::vector<bool> used;              // by option
  std::vector<std::string> arguments;  // as in ParsedCommand
  std::map<std::string, std::string> options;
  std::vector<std::pair<std::string, std::string>> view;
};

// The commands that still fit after some words.
class Walk {
 public:
  explicit Walk(std::span<const CommandSpec> specs);

  // Takes one more word that is not a flag. InvalidArgument says what was expected instead; the walk is then over.
  absl::Status Advance(const Word& word);

  // What fits so far, and that of it which needs no further word. In table order.
  const std::vector<Reading>& alive() const { return alive_; }
  std::vector<const Reading*> Complete() const;
  // The possible next words: each keyword and parameter once, in table order.
  std::vector<PatternWord> Next() const;

  const Pattern& pattern(size_t spec) const { return patterns_[spec]; }
  const std::vector<std::string>& words() const { return words_; }  // as advanced
  std::string WordsSoFar() const;                                   // "show instance", for messages
  std::string Expected() const;                                     // "expected one of: status instances ..."

 private:
  // The readings go on with `word` as one of these.
  void Take(const std::vector<PatternWord>& as, const std::string& word);
  absl::Status Refuse(const Word& word, const std::vector<PatternWord>& next,
                      const std::vector<PatternWord>& prefixed) const;

  std::vector<Pattern> patterns_;  // by command
  std::vector<Reading> alive_;
  std::vector<std::string> words_;
};

}  // namespace dpvrrp::internal
