// SPDX-License-Identifier: BSD-3-Clause
#include "cli/pattern.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/check.h"

namespace dpvrrp::internal {

namespace {

using Option = std::array<PatternWord, 2>;

// Appends `pattern`, and after it each continuation with options that it does not have yet.
void AddWays(const Pattern& pattern, const std::vector<Option>& left, std::vector<Pattern>* ways) {
  ways->push_back(pattern);
  for (size_t i = 0; i < left.size(); ++i) {
    Pattern longer = pattern;
    longer.words.insert(longer.words.end(), left[i].begin(), left[i].end());
    std::vector<Option> others = left;
    others.erase(others.begin() + static_cast<ptrdiff_t>(i));
    AddWays(longer, others, ways);
  }
}

}  // namespace

std::vector<Pattern> ParsePattern(absl::string_view pattern, size_t spec) {
  Pattern parsed;
  parsed.spec = spec;
  std::vector<Option> options;
  const std::vector<absl::string_view> texts = absl::StrSplit(pattern, ' ', absl::SkipEmpty());
  for (size_t i = 0; i < texts.size(); ++i) {
    absl::string_view text = texts[i];
    if (!absl::ConsumePrefix(&text, "[")) {
      DPVRRP_CHECK(options.empty());
      parsed.words.push_back({.text = text, .parameter = absl::ascii_isupper(static_cast<unsigned char>(text[0]))});
    } else if (absl::ConsumeSuffix(&text, "]")) {
      DPVRRP_CHECK(absl::StartsWith(text, "--"));
      parsed.flags.push_back(text);
    } else {
      DPVRRP_CHECK(++i < texts.size() && absl::EndsWith(texts[i], "]"));
      options.push_back({PatternWord{text, false}, PatternWord{absl::StripSuffix(texts[i], "]"), true}});
    }
  }
  DPVRRP_CHECK(!parsed.words.empty() && !parsed.words.front().parameter);
  parsed.options_at = parsed.words.size();
  std::vector<Pattern> ways;
  AddWays(parsed, options, &ways);
  return ways;
}

Walk::Walk(std::span<const CommandSpec> specs) {
  for (size_t spec = 0; spec < specs.size(); ++spec) {
    for (Pattern& pattern : ParsePattern(specs[spec].pattern, spec)) {
      alive_.push_back(patterns_.size());
      patterns_.push_back(std::move(pattern));
    }
  }
}

absl::Status Walk::Advance(const Word& word) {
  const std::vector<PatternWord> next = Next();
  std::vector<PatternWord> prefixed;
  const PatternWord* chosen = nullptr;
  for (const PatternWord& candidate : next) {
    if (candidate.parameter || word.quoted) continue;
    if (candidate.text == word.text) chosen = &candidate;
    if (absl::StartsWith(candidate.text, word.text)) prefixed.push_back(candidate);
  }
  const auto parameter = std::find_if(next.begin(), next.end(), [](const PatternWord& w) { return w.parameter; });
  if (chosen == nullptr && parameter != next.end()) chosen = &*parameter;
  if (chosen == nullptr && prefixed.size() == 1) chosen = &prefixed.front();

  if (chosen != nullptr) {
    Keep(*chosen);
    words_.push_back(word.text);
    return absl::OkStatus();
  }
  const std::string shown = EscapeForTerminal(word.text);
  if (next.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("unexpected word '", shown, "' after '", WordsSoFar(), "'"));
  }
  if (prefixed.size() > 1) {
    const std::string names =
        absl::StrJoin(prefixed, " ", [](std::string* out, const PatternWord& w) { absl::StrAppend(out, w.text); });
    return absl::InvalidArgumentError(absl::StrCat("'", shown, "' is ambiguous: ", names));
  }
  return absl::InvalidArgumentError(absl::StrCat(Expected(), ", got '", shown, "'"));
}

std::vector<size_t> Walk::Complete() const {
  std::vector<size_t> complete;
  for (const size_t index : alive_) {
    if (patterns_[index].words.size() == words_.size()) complete.push_back(index);
  }
  return complete;
}

std::vector<PatternWord> Walk::Next() const {
  std::vector<PatternWord> next;
  for (const size_t index : alive_) {
    const Pattern& pattern = patterns_[index];
    if (pattern.words.size() == words_.size()) continue;
    const PatternWord& word = pattern.words[words_.size()];
    const bool known =
        std::any_of(next.begin(), next.end(), [&](const PatternWord& other) { return other.text == word.text; });
    if (!known) next.push_back(word);
  }
  return next;
}

void Walk::Keep(const PatternWord& next) {
  const size_t position = words_.size();
  std::erase_if(alive_, [&](size_t index) {
    const std::vector<PatternWord>& words = patterns_[index].words;
    // All parameters at one place are one alternative: "show instance NAME" and "show instance ID drops" may coexist.
    return words.size() == position || words[position].parameter != next.parameter ||
           (!next.parameter && words[position].text != next.text);
  });
}

std::string Walk::WordsSoFar() const { return EscapeForTerminal(absl::StrJoin(words_, " ")); }

std::string Walk::Expected() const {
  const std::vector<PatternWord> next = Next();
  const std::string names =
      absl::StrJoin(next, " ", [](std::string* out, const PatternWord& w) { absl::StrAppend(out, w.text); });
  return absl::StrCat(next.size() == 1 ? "expected " : "expected one of: ", names);
}

}  // namespace dpvrrp::internal
