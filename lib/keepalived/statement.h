// SPDX-License-Identifier: BSD-3-Clause
//
// The statements of a keepalived.conf as a tree: words, and a block of statements between braces.
//
// Thread: any (pure).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "keepalived/source.h"

namespace dpvrrp::keepalived {

inline constexpr size_t kMaxBlockDepth = 32;

struct Statement {
  Place at;
  std::vector<std::string> words;  // without quotation marks and escapes
  std::vector<bool> quoted;        // whether the word had them
  bool has_block = false;
  std::vector<Statement> block;
  std::vector<std::string> comments;  // lines before the statement
  std::string comment;                // at the end of its line
  std::vector<std::string> closing;   // lines before the closing brace
  bool comment_glued = false;         // the comment's mark follows the last word directly
  std::optional<Note> note;           // a statement of the language itself
  size_t entry = 0;                   // its line in the report; set by the importer

  // The word after `i` others; empty if there is none.
  absl::string_view word(size_t i) const { return i < words.size() ? absl::string_view(words[i]) : ""; }
};

// The statements of the outermost level. InvalidArgument: "FILE:LINE: rule" for a brace or a quotation mark that is
// missing, or more than kMaxBlockDepth blocks in each other.
absl::StatusOr<std::vector<Statement>> ParseStatements(const std::vector<SourceLine>& lines);

}  // namespace dpvrrp::keepalived
