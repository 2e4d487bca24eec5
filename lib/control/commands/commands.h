// SPDX-License-Identifier: BSD-3-Clause
//
// The commands of operators: parsing, help and completion. They derive from the table (table.cc), and so does the test
// that every command stands in docs/cli.md.
//
// Thread: control.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/grammar.h"

namespace dpvrrp {

struct Parts;
using View = const Parts;

// Every command's pattern and help.
std::span<const CommandSpec> AllCommands();

struct CommandCall {
  ParsedCommand parsed;
  std::vector<std::string> help_words;  // for `help WORD...`, which takes any words
};

// InvalidArgument: the line is no command; the message says what was expected.
absl::StatusOr<CommandCall> ParseCall(absl::string_view line);

// Whether the answer may never end by itself: that of `monitor`, `trace` and the like, and with `--follow`.
bool MayNotEnd(const CommandCall& call);

std::vector<std::string> CompleteCommand(View& view, absl::string_view line);

}  // namespace dpvrrp
