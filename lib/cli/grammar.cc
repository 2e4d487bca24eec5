// SPDX-License-Identifier: BSD-3-Clause
#include "cli/grammar.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "cli/pattern.h"
#include "cli/words.h"

namespace dpvrrp {
namespace {

constexpr absl::string_view kJsonFlag = "--json";

absl::Status CheckFlags(const internal::Pattern& pattern, const std::string& command, const ParsedCommand& parsed) {
  for (const std::string& flag : parsed.flags) {
    if (std::find(pattern.flags.begin(), pattern.flags.end(), flag) != pattern.flags.end()) continue;
    std::vector<absl::string_view> known = pattern.flags;
    known.push_back(kJsonFlag);
    return absl::InvalidArgumentError(absl::StrCat("'", command, "' has no flag '", EscapeForTerminal(flag),
                                                   "', its flags are: ", absl::StrJoin(known, " ")));
  }
  return absl::OkStatus();
}

}  // namespace

bool ParsedCommand::HasFlag(absl::string_view flag) const {
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

absl::StatusOr<ParsedCommand> ParseCommand(std::span<const CommandSpec> specs, absl::string_view line) {
  DPVRRP_ASSIGN_OR_RETURN(const std::vector<Word> words, SplitWords(line));

  ParsedCommand parsed;
  internal::Walk walk(specs);
  for (const Word& word : words) {
    if (!internal::IsFlag(word)) {
      DPVRRP_RETURN_IF_ERROR(walk.Advance(word));
    } else if (word.text == kJsonFlag) {
      parsed.json = true;
    } else if (!parsed.HasFlag(word.text)) {
      parsed.flags.push_back(word.text);
    }
  }
  if (walk.words().empty()) return absl::InvalidArgumentError(absl::StrCat("no command given, ", walk.Expected()));

  const std::vector<size_t> complete = walk.Complete();
  if (complete.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("'", walk.WordsSoFar(), "' is not complete, ", walk.Expected()));
  }
  const internal::Pattern& pattern = walk.pattern(complete.front());
  parsed.index = pattern.spec;
  DPVRRP_RETURN_IF_ERROR(CheckFlags(pattern, walk.WordsSoFar(), parsed));
  for (size_t i = 0; i < pattern.options_at; ++i) {
    if (pattern.words[i].parameter) parsed.arguments.push_back(walk.words()[i]);
  }
  for (size_t i = pattern.options_at; i < pattern.words.size(); i += 2) {
    parsed.options[std::string(pattern.words[i].text)] = walk.words()[i + 1];
  }
  return parsed;
}

std::string HelpText(std::span<const CommandSpec> specs, const std::vector<std::string>& prefix) {
  internal::Walk walk(specs);
  for (const std::string& text : prefix) {
    if (absl::Status status = walk.Advance({.text = text}); !status.ok()) return absl::StrCat(status.message(), "\n");
  }
  std::set<size_t> commands;
  for (const size_t index : walk.alive()) commands.insert(walk.pattern(index).spec);
  size_t width = 0;
  for (const size_t index : commands) width = std::max(width, specs[index].pattern.size());
  std::string out;
  for (const size_t index : commands) {
    const CommandSpec& spec = specs[index];
    absl::StrAppend(&out, spec.pattern, std::string(width - spec.pattern.size() + 2, ' '), spec.help, "\n");
  }
  if (prefix.empty()) {
    absl::StrAppend(&out, "\nKeywords may be abbreviated. Every command accepts ", kJsonFlag, ".\n");
  }
  return out;
}

}  // namespace dpvrrp
