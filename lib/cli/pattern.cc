// SPDX-License-Identifier: BSD-3-Clause
#include "cli/pattern.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/check.h"
#include "base/nearest.h"

namespace dpvrrp::internal {
namespace {

std::string Names(const std::vector<PatternWord>& words) {
  return absl::StrJoin(words, " ", [](std::string* out, const PatternWord& w) { absl::StrAppend(out, w.text); });
}

// The shortest word, if all others begin with it.
bool OneBeginsAll(const std::vector<PatternWord>& words) {
  const auto shortest = std::min_element(words.begin(), words.end(), [](const PatternWord& a, const PatternWord& b) {
    return a.text.size() < b.text.size();
  });
  return std::all_of(words.begin(), words.end(),
                     [&](const PatternWord& word) { return absl::StartsWith(word.text, shortest->text); });
}

// The possible next words of one reading.
std::vector<PatternWord> NextOf(const Pattern& pattern, const Reading& reading) {
  if (reading.pending.has_value()) return {pattern.options[*reading.pending].parameter};
  if (reading.at < pattern.words.size()) return {pattern.words[reading.at]};
  std::vector<PatternWord> next;
  for (size_t i = 0; i < pattern.options.size(); ++i) {
    if (!reading.used[i]) next.push_back(pattern.options[i].keyword);
  }
  return next;
}

// One more word, which is one of NextOf().
void Read(const Pattern& pattern, const PatternWord& as, const std::string& word, Reading* reading) {
  if (reading->pending.has_value()) {
    const PatternOption& option = pattern.options[*reading->pending];
    reading->pending.reset();
    const std::string keyword(option.keyword.text);
    if (option.of_view) {
      reading->view.emplace_back(keyword, word);
    } else {
      reading->options[keyword] = word;
    }
  } else if (reading->at < pattern.words.size()) {
    ++reading->at;
    if (as.parameter) reading->arguments.push_back(word);
  } else {
    const auto option = std::find_if(pattern.options.begin(), pattern.options.end(),
                                     [&](const PatternOption& o) { return o.keyword.text == as.text; });
    const auto index = static_cast<size_t>(option - pattern.options.begin());
    reading->pending = index;
    reading->used[index] = as.text != "where";
  }
}

}  // namespace

Pattern ParsePattern(const CommandSpec& spec) {
  Pattern parsed;
  const std::vector<absl::string_view> texts = absl::StrSplit(spec.pattern, ' ', absl::SkipEmpty());
  for (size_t i = 0; i < texts.size(); ++i) {
    absl::string_view text = texts[i];
    if (!absl::ConsumePrefix(&text, "[")) {
      DPVRRP_CHECK(parsed.options.empty());
      parsed.words.push_back({.text = text, .parameter = absl::ascii_isupper(static_cast<unsigned char>(text[0]))});
    } else if (absl::ConsumeSuffix(&text, "]")) {
      DPVRRP_CHECK(absl::StartsWith(text, "--"));
      parsed.flags.push_back(text);
    } else {
      DPVRRP_CHECK(++i < texts.size() && absl::EndsWith(texts[i], "]"));
      parsed.options.push_back({{text, false}, {absl::StripSuffix(texts[i], "]"), true}, false});
    }
  }
  DPVRRP_CHECK(!parsed.words.empty() && !parsed.words.front().parameter);
  if (spec.table) {
    for (const auto& [keyword, parameter] : kViewOptions) {
      parsed.options.push_back({{keyword, false}, {parameter, true}, true});
    }
  }
  return parsed;
}

absl::string_view ViewOptionOf(const Word& word) {
  if (!IsFlag(word)) return {};
  const absl::string_view name = absl::string_view(word.text).substr(2, word.text.find('=') - 2);
  for (const auto& [keyword, parameter] : kViewOptions) {
    if (name == keyword) return keyword;
  }
  return {};
}

Walk::Walk(std::span<const CommandSpec> specs) {
  for (size_t spec = 0; spec < specs.size(); ++spec) {
    patterns_.push_back(ParsePattern(specs[spec]));
    Reading reading;
    reading.spec = spec;
    reading.used.resize(patterns_.back().options.size());
    alive_.push_back(std::move(reading));
  }
}

absl::Status Walk::Advance(const Word& word) {
  const std::vector<PatternWord> next = Next();
  std::vector<PatternWord> whole, prefixed, parameters;
  for (const PatternWord& candidate : next) {
    if (candidate.parameter) {
      // All parameters at one place are one alternative: "show instance NAME" and "show instance ID drops" may coexist.
      parameters.push_back(candidate);
    } else if (!word.quoted && absl::StartsWith(candidate.text, word.text)) {
      prefixed.push_back(candidate);
      if (candidate.text == word.text) whole.push_back(candidate);
    }
  }
  if (!whole.empty()) {
    Take(whole, word.text);
  } else if (!parameters.empty()) {
    Take(parameters, word.text);
  } else if (!prefixed.empty() && OneBeginsAll(prefixed)) {
    Take(prefixed, word.text);
  } else {
    return Refuse(word, next, prefixed);
  }
  return absl::OkStatus();
}

absl::Status Walk::Refuse(const Word& word, const std::vector<PatternWord>& next,
                          const std::vector<PatternWord>& prefixed) const {
  const std::string shown = EscapeForTerminal(word.text);
  if (next.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("unexpected word '", shown, "' after '", WordsSoFar(), "'"));
  }
  if (!prefixed.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("'", shown, "' is ambiguous: ", Names(prefixed)));
  }
  std::vector<absl::string_view> keywords;
  for (const PatternWord& candidate : next) keywords.push_back(candidate.text);
  const absl::string_view nearest = word.quoted || word.text.empty() ? "" : NearestWord(word.text, keywords);
  return absl::InvalidArgumentError(absl::StrCat(
      Expected(), ", got '", shown, "'", nearest.empty() ? "" : absl::StrCat("; did you mean '", nearest, "'?")));
}

void Walk::Take(const std::vector<PatternWord>& as, const std::string& word) {
  std::vector<Reading> alive;
  for (Reading& reading : alive_) {
    const Pattern& pattern = patterns_[reading.spec];
    for (const PatternWord& next : NextOf(pattern, reading)) {
      const bool taken = std::any_of(as.begin(), as.end(), [&](const PatternWord& w) { return w.text == next.text; });
      if (!taken) continue;
      Reading longer = reading;
      Read(pattern, next, word, &longer);
      alive.push_back(std::move(longer));
    }
  }
  alive_ = std::move(alive);
  words_.push_back(word);
}

std::vector<const Reading*> Walk::Complete() const {
  std::vector<const Reading*> complete;
  for (const Reading& reading : alive_) {
    if (!reading.pending.has_value() && reading.at == patterns_[reading.spec].words.size()) {
      complete.push_back(&reading);
    }
  }
  return complete;
}

std::vector<PatternWord> Walk::Next() const {
  std::vector<PatternWord> next;
  for (const Reading& reading : alive_) {
    for (const PatternWord& word : NextOf(patterns_[reading.spec], reading)) {
      const bool known =
          std::any_of(next.begin(), next.end(), [&](const PatternWord& other) { return other.text == word.text; });
      if (!known) next.push_back(word);
    }
  }
  return next;
}

std::string Walk::WordsSoFar() const { return EscapeForTerminal(absl::StrJoin(words_, " ")); }

std::string Walk::Expected() const {
  const std::vector<PatternWord> next = Next();
  return absl::StrCat(next.size() == 1 ? "expected " : "expected one of: ", Names(next));
}

}  // namespace dpvrrp::internal
