// SPDX-License-Identifier: BSD-3-Clause
//
// A command line is a sequence of words separated by blanks. A word in double quotes may hold blanks. Inside quotes \"
// and \\ stand for the bare characters. The client quotes by the same rules by which the daemon reads.
//
// Thread: any (values).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace dpvrrp {

struct Word {
  std::string text;     // without quotes and backslashes
  bool quoted = false;  // never a keyword or a flag
  size_t at = 0;        // the byte of the line at which it begins
};

// InvalidArgument: a control character, bytes that are not UTF-8, a quote that does not end.
absl::StatusOr<std::vector<Word>> SplitWords(absl::string_view line);

// The input of completion: the finished words, and the word being typed. The last word is empty after a blank or on an
// empty line, and it may be an open quote.
struct TypedWords {
  std::vector<Word> finished;
  Word last;
};
absl::StatusOr<TypedWords> SplitTypedWords(absl::string_view line);

// The word as it must be typed: in quotes if it is empty or has a blank or a quote, otherwise unchanged.
std::string QuoteWord(absl::string_view word);
// Always in quotes: for an argument that would otherwise be taken for a keyword or a flag.
std::string AlwaysQuoteWord(absl::string_view word);

// argv to one command line, by QuoteWord().
std::string JoinWords(const std::vector<std::string>& words);

// True if `text` is UTF-8 and holds no control character (a tab is allowed).
bool IsPlainText(absl::string_view text);

// `text` with every byte that IsPlainText() rejects, and every tab, as \xNN.
std::string EscapeForTerminal(absl::string_view text);

}  // namespace dpvrrp
