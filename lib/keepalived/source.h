// SPDX-License-Identifier: BSD-3-Clause
//
// The lines of a keepalived.conf as its parser sees them: without comments, with included files, for one host, with
// definitions, ~SEQ and ~LST replaced (keepalived.conf(5), ADVANCED CONFIGURATION).
//
// Thread: any (pure except for the functions of SourceReader).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "keepalived/report.h"

namespace dpvrrp::keepalived {

// Limits. A file beyond them has one error.
inline constexpr size_t kMaxLineBytes = 65536;  // of a line, also after replacement
inline constexpr size_t kMaxLines = 1000000;    // of all files, after ~SEQ and ~LST
inline constexpr size_t kMaxFileBytes = 64 << 20;
inline constexpr size_t kMaxIncludeDepth = 32;
inline constexpr size_t kMaxReplacements = 1000;  // in one line

// How files are read. A test gives a table of texts.
struct SourceReader {
  // The text of a file. NotFound, PermissionDenied: it cannot be read; the message says why.
  std::function<absl::StatusOr<std::string>(const std::string& path)> read;
  // The files that a pattern of `include` matches, in order. A name without wildcards matches itself if it exists.
  std::function<std::vector<std::string>(const std::string& pattern)> glob;
};

struct Place {
  std::string file;
  uint32_t line = 0;  // 1-based
};

// A statement of the language itself, such as a definition or an include, with its verdict.
struct Note {
  Verdict verdict = Verdict::kTaken;
  std::string what;
};

struct SourceLine {
  Place at;
  std::string text;            // without comment; empty: a comment line
  std::string comment;         // without its mark; empty: none
  bool comment_glued = false;  // no blank is before the comment's mark: "auth_pass ab!cd"
  std::optional<Note> note;
};

// The lines of `file` and of the files that it includes. `config_id`: what @-conditions are compared with.
// InvalidArgument: "FILE:LINE: rule". The reader's error if `file` itself cannot be read.
absl::StatusOr<std::vector<SourceLine>> ReadSource(const std::string& file, const std::string& config_id,
                                                   const SourceReader& reader);

}  // namespace dpvrrp::keepalived
