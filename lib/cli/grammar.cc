// SPDX-License-Identifier: BSD-3-Clause
#include "cli/grammar.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/nearest.h"
#include "base/status_macros.h"
#include "cli/pattern.h"
#include "cli/words.h"

namespace dpvrrp {
namespace {

constexpr absl::string_view kJsonFlag = "--json";
constexpr absl::string_view kWideFlag = "--wide";
constexpr size_t kWidestPattern = 44;  // with its help on the same line

// The words that may begin with dashes, as the line has them.
struct Flags {
  std::vector<std::string> given;
  std::vector<std::pair<std::string, std::string>> view;
};

absl::Status CheckFlags(const internal::Pattern& pattern, const std::string& command, const Flags& flags) {
  std::vector<std::string> known(pattern.flags.begin(), pattern.flags.end());
  known.insert(known.end(), {std::string(kJsonFlag), std::string(kWideFlag)});
  const bool is_table = !pattern.options.empty() && pattern.options.back().of_view;
  for (const auto& [keyword, parameter] : kViewOptions) {
    if (is_table) known.push_back(absl::StrCat("--", keyword));
  }
  std::vector<std::string> given = flags.given;
  for (const auto& [keyword, value] : flags.view) given.push_back(absl::StrCat("--", keyword));
  for (const std::string& flag : given) {
    if (std::find(known.begin(), known.end(), flag) != known.end()) continue;
    const std::vector<absl::string_view> words(known.begin(), known.end());
    const absl::string_view nearest = NearestWord(flag, words);
    return absl::InvalidArgumentError(absl::StrCat(
        "'", command, "' has no flag '", EscapeForTerminal(flag), "', its flags are: ", absl::StrJoin(known, " "),
        nearest.empty() ? "" : absl::StrCat("; did you mean '", nearest, "'?")));
  }
  return absl::OkStatus();
}

// Each costs the daemon time, so a line cannot have hundreds of them.
absl::Status CheckViewCounts(const std::vector<std::pair<std::string, std::string>>& view) {
  constexpr ptrdiff_t kMostConditions = 8;
  for (const auto& [keyword, parameter] : kViewOptions) {
    const absl::string_view word = keyword;
    const auto given =
        std::count_if(view.begin(), view.end(), [&](const auto& option) { return option.first == word; });
    const ptrdiff_t most = word == "where" ? kMostConditions : 1;
    if (given <= most) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(word, " may be given ", most == 1 ? "once" : absl::StrCat(most, " times"), ", got ", given));
  }
  return absl::OkStatus();
}

// Takes the option at words[i], and the next word if that is its value.
absl::Status TakeViewOption(const std::vector<Word>& words, absl::string_view keyword, size_t* i, Flags* flags) {
  const std::string& text = words[*i].text;
  if (const size_t equals = text.find('='); equals != std::string::npos) {
    flags->view.emplace_back(keyword, text.substr(equals + 1));
  } else if (*i + 1 < words.size()) {
    flags->view.emplace_back(keyword, words[++*i].text);
  } else {
    return absl::InvalidArgumentError(absl::StrCat("'", text, "' needs a value"));
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
  Flags flags;
  internal::Walk walk(specs);
  for (size_t i = 0; i < words.size(); ++i) {
    const Word& word = words[i];
    if (!internal::IsFlag(word)) {
      DPVRRP_RETURN_IF_ERROR(walk.Advance(word));
    } else if (const absl::string_view keyword = internal::ViewOptionOf(word); !keyword.empty()) {
      DPVRRP_RETURN_IF_ERROR(TakeViewOption(words, keyword, &i, &flags));
    } else if (word.text == kJsonFlag) {
      parsed.json = true;
    } else if (word.text == kWideFlag) {
      parsed.wide = true;
    } else if (std::find(flags.given.begin(), flags.given.end(), word.text) == flags.given.end()) {
      flags.given.push_back(word.text);
    }
  }
  if (walk.words().empty()) return absl::InvalidArgumentError(absl::StrCat("no command given, ", walk.Expected()));

  const std::vector<const internal::Reading*> complete = walk.Complete();
  if (complete.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("'", walk.WordsSoFar(), "' is not complete, ", walk.Expected()));
  }
  const internal::Reading& reading = *complete.front();
  parsed.index = reading.spec;
  DPVRRP_RETURN_IF_ERROR(CheckFlags(walk.pattern(reading.spec), walk.WordsSoFar(), flags));
  parsed.arguments = reading.arguments;
  parsed.options = reading.options;
  parsed.view = reading.view;
  parsed.view.insert(parsed.view.end(), flags.view.begin(), flags.view.end());
  DPVRRP_RETURN_IF_ERROR(CheckViewCounts(parsed.view));
  parsed.flags = std::move(flags.given);
  return parsed;
}

std::string HelpText(std::span<const CommandSpec> specs, const std::vector<std::string>& prefix) {
  internal::Walk walk(specs);
  for (const std::string& text : prefix) {
    if (absl::Status status = walk.Advance({.text = text}); !status.ok()) return absl::StrCat(status.message(), "\n");
  }
  size_t width = 6;
  bool has_table = false;
  for (const internal::Reading& reading : walk.alive()) {
    const CommandSpec& spec = specs[reading.spec];
    has_table |= spec.table;
    if (spec.pattern.size() <= kWidestPattern) width = std::max(width, spec.pattern.size());
  }
  std::string out;
  for (const internal::Reading& reading : walk.alive()) {
    const CommandSpec& spec = specs[reading.spec];
    const bool is_long = spec.pattern.size() > width;
    const std::string gap(is_long ? width + 2 : width - spec.pattern.size() + 2, ' ');
    absl::StrAppend(&out, spec.pattern, is_long ? "\n" : "", gap, spec.help, "\n");
  }
  if (has_table) {
    absl::StrAppend(&out, "\nTables also take: ");
    for (const auto& [keyword, parameter] : kViewOptions) absl::StrAppend(&out, "[", keyword, " ", parameter, "] ");
    absl::StrAppend(&out, "[--wide]\n");
  }
  if (prefix.empty()) absl::StrAppend(&out, "\nKeywords may be abbreviated. Every command accepts --json.\n");
  return out;
}

}  // namespace dpvrrp
