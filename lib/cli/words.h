// SPDX-License-Identifier: BSD-3-Clause
//
// A command line is words parted by blanks. A word in double quotes may hold blanks; inside quotes \" and \\ stand for
// the bare characters. The client quotes with the same rules that the daemon reads by.
//
// Thread: any (values).
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace dpvrrp {

struct Word {
  std::string text;     // without quotes and backslashes
  bool quoted = false;  // never a keyword or a flag
};

// InvalidArgument: a control character, bytes that are not UTF-8, a quote that does not end.
absl::StatusOr<std::vector<Word>> SplitWords(absl::string_view line);

// What completion sees: the words that are finished, and the one being typed (empty after a blank or on an empty line;
// it may be an open quote).
struct TypedWords {
  std::vector<Word> finished;
  Word last;
};
absl::StatusOr<TypedWords> SplitTypedWords(absl::string_view line);

// The word as it must be typed: in quotes if it is empty or holds a blank or a quote, else unchanged.
std::string QuoteWord(absl::string_view word);
// In quotes whatever it is: for an argument that would else be taken for a keyword or a flag.
std::string AlwaysQuoteWord(absl::string_view word);

// argv to one command line, by QuoteWord().
std::string JoinWords(const std::vector<std::string>& words);

// True if `text` is UTF-8 and holds no control character (a tab is allowed).
bool IsPlainText(absl::string_view text);

// `text` with everything IsPlainText() objects to as \xNN; tabs too.
std::string EscapeForTerminal(absl::string_view text);

}  // namespace dpvrrp
