// SPDX-License-Identifier: BSD-3-Clause
#include "conformance/case_file.h"

#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace dpvrrp {
namespace {

absl::Status Bad(int line, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", what));
}

std::vector<std::string> SplitWords(absl::string_view text) {
  return absl::StrSplit(text, absl::ByAnyChar(" \t"), absl::SkipWhitespace());
}

// "name=value" into `named`, false if there is no "=".
bool TakeNamed(const std::string& word, Words& named) {
  const size_t equals = word.find('=');
  if (equals == std::string::npos) return false;
  named[word.substr(0, equals)] = word.substr(equals + 1);
  return true;
}

absl::StatusOr<CaseStep> ParseStep(const std::vector<std::string>& words, int line) {
  static constexpr absl::string_view kVerbs[] = {"recv", "send", "do", "state", "count", "end"};
  CaseStep step;
  step.line = line;
  const absl::StatusOr<Nanoseconds> at = ParseCaseTime(words[0]);
  if (!at.ok()) return Bad(line, at.status().message());
  step.at = *at;
  if (words.size() < 2) return Bad(line, "nothing after the time");
  step.verb = words[1];
  bool known = false;
  for (absl::string_view verb : kVerbs) known = known || verb == step.verb;
  if (!known) return Bad(line, absl::StrCat("unknown verb ", step.verb));
  bool behind_arrow = false;
  for (size_t i = 2; i < words.size(); ++i) {
    if (words[i] == "=>") {
      behind_arrow = true;
    } else if (behind_arrow) {
      step.result.push_back(words[i]);
    } else if (!TakeNamed(words[i], step.named)) {
      step.plain.push_back(words[i]);
    }
  }
  return step;
}

}  // namespace

absl::StatusOr<Nanoseconds> ParseCaseTime(absl::string_view text) {
  int64_t unit = 1000000000;
  if (absl::ConsumeSuffix(&text, "ms")) {
    unit = 1000000;
  } else if (absl::ConsumeSuffix(&text, "us")) {
    unit = 1000;
  } else if (!absl::ConsumeSuffix(&text, "s") && text != "0") {
    return absl::InvalidArgumentError(absl::StrCat("time needs s, ms or us: ", text));
  }
  const std::vector<std::string> parts = absl::StrSplit(text, '.');
  int64_t whole = 0;
  if (parts.size() > 2 || !absl::SimpleAtoi(parts[0], &whole))
    return absl::InvalidArgumentError(absl::StrCat("no time: ", text));
  int64_t ns = whole * unit;
  if (parts.size() == 2) {
    for (char digit : parts[1]) {
      if (digit < '0' || digit > '9' || unit % 10 != 0)
        return absl::InvalidArgumentError(absl::StrCat("no time: ", text));
      unit /= 10;
      ns += (digit - '0') * unit;
    }
  }
  return Nanoseconds(ns);
}

absl::StatusOr<Case> ReadCase(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in.good()) return absl::NotFoundError(file.string());
  Case out;
  std::string text;
  for (int line = 1; std::getline(in, text); ++line) {
    const std::vector<std::string> words = SplitWords(text.substr(0, text.find('#')));
    if (words.empty()) continue;
    const std::string rest(
        absl::StripAsciiWhitespace(absl::string_view(text).substr(text.find(words[0]) + words[0].size())));
    if (words[0] == "title") {
      out.title = rest;
    } else if (words[0] == "clause") {
      out.clause = rest;
    } else if (words[0] == "ids") {
      out.ids.assign(words.begin() + 1, words.end());
    } else if (words[0] == "instance") {
      CaseInstance instance;
      for (size_t i = 1; i < words.size(); ++i) {
        if (!TakeNamed(words[i], instance.named)) instance.name = words[i];
      }
      if (instance.name.empty()) return Bad(line, "the instance has no name");
      out.instances.push_back(instance);
    } else {
      absl::StatusOr<CaseStep> step = ParseStep(words, line);
      if (!step.ok()) return step.status();
      if (!out.steps.empty() && step->at < out.steps.back().at) return Bad(line, "time goes back");
      out.steps.push_back(*std::move(step));
    }
  }
  if (out.title.empty() || out.ids.empty() || out.clause.empty()) return Bad(0, "title, ids and clause are needed");
  if (out.instances.empty()) return Bad(0, "no instance");
  if (out.steps.empty() || out.steps.back().verb != "end") return Bad(0, "the last step must be `end`");
  return out;
}

}  // namespace dpvrrp
