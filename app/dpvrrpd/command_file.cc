// SPDX-License-Identifier: BSD-3-Clause
#include "command_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "control/commands/commands.h"

namespace dpvrrp {
namespace {

// One byte more than is permitted shows that the file is too long.
absl::StatusOr<std::string> ReadTextFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(kMaxScriptBytes + 1, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.eof() && !in) return absl::UnavailableError(std::strerror(errno));
  text.resize(static_cast<size_t>(in.gcount()));
  return text;
}

// The run goes on after an answer, so the answer must end.
absl::Status CheckEnds(const CommandCall& call) {
  if (!MayNotEnd(call)) return absl::OkStatus();
  return absl::InvalidArgumentError("the answer may have no end, so the run might not go on");
}

absl::Status CheckCommandLine(absl::string_view line) {
  DPVRRP_ASSIGN_OR_RETURN(const CommandCall call, ParseCall(line));
  return CheckEnds(call);
}

// An expression may be evaluated every few milliseconds, so it must change nothing.
absl::Status CheckQuestion(absl::string_view line) {
  DPVRRP_ASSIGN_OR_RETURN(const CommandCall call, ParseCall(line));
  const absl::string_view pattern = AllCommands()[call.parsed.index].pattern;
  if (absl::StartsWith(pattern, "show ") || absl::StartsWith(pattern, "diagnose")) return CheckEnds(call);
  return absl::InvalidArgumentError(absl::StrCat("'", line, "': an expression reads show commands or diagnose"));
}

}  // namespace

ScriptResult LoadCommandFile(const std::string& file) {
  return ParseScript(file, ReadTextFile, {CheckCommandLine, CheckQuestion});
}

}  // namespace dpvrrp
