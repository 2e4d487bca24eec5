// SPDX-License-Identifier: BSD-3-Clause
//
// Command files (`dpvrrpd --commands FILE`): a line is a command of the control socket, or one of these statements.
//
//   expect EXPRESSION                      it holds now (expression.h)
//   expect fails COMMAND                   the daemon refuses the command
//   wait until EXPRESSION within TIME      it holds before TIME (5s, 200ms) has passed
//   sleep TIME
//   echo TEXT
//   include FILE                           relative to the folder of this file
//   quit                                   the run ends here
//
// `#` at the start of a word begins a comment. The first statement that fails ends the run.
//
// Thread: any (pure).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "base/time.h"
#include "config/load.h"
#include "script/expression.h"

namespace dpvrrp {

inline constexpr size_t kMaxScriptBytes = 1024 * 1024;   // of one file
inline constexpr size_t kMaxScriptStatements = 100'000;  // of a file and its included files
inline constexpr size_t kMaxIncludeDepth = 16;
inline constexpr size_t kMaxScriptFiles = 1000;                        // that are included, each as often as it is
inline constexpr Nanoseconds kMaxScriptTime = std::chrono::hours(24);  // of one `sleep` or `wait until`

namespace statement {

struct Run {
  std::string command;
};
struct Expect {
  std::vector<Term> terms;
};
struct ExpectFails {
  std::string command;
};
struct WaitUntil {
  std::vector<Term> terms;
  Nanoseconds within;
};
struct Sleep {
  Nanoseconds time;
};
struct Echo {
  std::string text;
};
struct Quit {};

}  // namespace statement

struct Statement {
  std::string file;
  uint32_t line = 0;  // 1-based
  std::string text;   // as written
  std::variant<statement::Run, statement::Expect, statement::ExpectFails, statement::WaitUntil, statement::Sleep,
               statement::Echo, statement::Quit>
      what;
};

struct ScriptResult {
  std::vector<Statement> statements;  // included files in their places; meaningful only if `errors` is empty
  std::vector<ConfigFault> errors;    // every fault of the files
};

// Reads a command file. An error says why it cannot be read.
using ReadScript = std::function<absl::StatusOr<std::string>(const std::string& path)>;

// Which lines a file may have. InvalidArgument says what was expected.
struct ScriptGrammar {
  CheckCommand command;   // a line is a command
  CheckCommand question;  // a command that changes nothing, for expressions
};

// Parses a file with all files that it includes. A file that includes itself, directly or through others, is a fault.
ScriptResult ParseScript(const std::string& file, const ReadScript& read, const ScriptGrammar& grammar);

}  // namespace dpvrrp
