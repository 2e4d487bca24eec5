// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "cli/grammar.h"
#include "cli/pattern.h"
#include "cli/words.h"

namespace dpvrrp {
namespace {

using internal::PatternWord;
using internal::Walk;

// Flags of these commands that begin with `typed` and are not given yet.
void AddFlags(const Walk& walk, const std::vector<size_t>& commands, const std::vector<Word>& given,
              absl::string_view typed, std::set<std::string>* candidates) {
  const auto offer = [&](absl::string_view flag) {
    const bool is_given =
        std::any_of(given.begin(), given.end(), [&](const Word& word) { return !word.quoted && word.text == flag; });
    if (absl::StartsWith(flag, typed) && !is_given) candidates->insert(std::string(flag));
  };
  for (const size_t command : commands) {
    for (const absl::string_view flag : walk.pattern(command).flags) offer(flag);
  }
  // Suggested only after "-": every command accepts them, so they would stand in every list.
  if (typed.empty()) return;
  offer("--json");
  offer("--wide");
}

// A value as it must be typed at this place. It is quoted where it would be taken for a keyword or a flag.
std::string AsArgument(const std::string& value, const std::vector<PatternWord>& next) {
  const bool is_keyword = std::any_of(next.begin(), next.end(),
                                      [&](const PatternWord& word) { return !word.parameter && word.text == value; });
  return is_keyword || absl::StartsWith(value, "--") ? AlwaysQuoteWord(value) : QuoteWord(value);
}

}  // namespace

std::vector<std::string> Complete(std::span<const CommandSpec> specs, absl::string_view line,
                                  const ParameterValues& parameter_values) {
  const absl::StatusOr<TypedWords> typed = SplitTypedWords(line);
  if (!typed.ok()) return {};
  Walk walk(specs);
  for (size_t i = 0; i < typed->finished.size(); ++i) {
    const Word& word = typed->finished[i];
    if (internal::IsFlag(word)) {
      if (!internal::ViewOptionOf(word).empty() && word.text.find('=') == std::string::npos) ++i;  // its value
    } else if (!walk.Advance(word).ok()) {
      return {};
    }
  }

  const Word& last = typed->last;
  const std::vector<PatternWord> next = walk.Next();
  std::set<std::string> candidates;
  if (!last.quoted && (last.text.empty() || last.text[0] == '-')) {
    std::vector<size_t> commands;
    if (last.text.empty()) {
      for (const internal::Reading* reading : walk.Complete()) commands.push_back(reading->spec);
    } else {
      for (const internal::Reading& reading : walk.alive()) commands.push_back(reading.spec);
    }
    AddFlags(walk, commands, typed->finished, last.text, &candidates);
  }
  for (const PatternWord& word : next) {
    if (!word.parameter) {
      if (!last.quoted && absl::StartsWith(word.text, last.text)) candidates.insert(std::string(word.text));
      continue;
    }
    if (!parameter_values) continue;
    for (const std::string& value : parameter_values(word.text)) {
      if (absl::StartsWith(value, last.text)) candidates.insert(AsArgument(value, next));
    }
  }
  return {candidates.begin(), candidates.end()};
}

}  // namespace dpvrrp
