// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/definitions.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace dpvrrp::keepalived {
namespace {

bool IsNameCharacter(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// The name at the start of `text`; empty if there is none.
absl::string_view NameAt(absl::string_view text) {
  if (text.empty() || absl::ascii_isdigit(static_cast<unsigned char>(text[0]))) return "";
  size_t end = 0;
  while (end < text.size() && IsNameCharacter(text[end])) ++end;
  return text.substr(0, end);
}

bool IsBlank(char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); }

// The parts of "a, {b, c}, d" between commas outside of braces, trimmed.
std::vector<std::string> Parts(absl::string_view text) {
  std::vector<std::string> parts;
  std::string part;
  int depth = 0;
  for (const char c : text) {
    if (c == '{') ++depth;
    if (c == '}') --depth;
    if (c == ',' && depth == 0) {
      parts.emplace_back(absl::StripAsciiWhitespace(part));
      part.clear();
    } else {
      part.push_back(c);
    }
  }
  parts.emplace_back(absl::StripAsciiWhitespace(part));
  return parts;
}

// "{a, b}" has two parts, "a" has one.
std::vector<std::string> Braced(const std::string& text) {
  if (!absl::StartsWith(text, "{") || !absl::EndsWith(text, "}")) return {text};
  return Parts(absl::string_view(text).substr(1, text.size() - 2));
}

bool ParseInteger(absl::string_view text, int64_t* value) {
  if (absl::SimpleAtoi(text, value)) return true;
  return absl::StartsWith(text, "0x") && absl::SimpleHexAtoi(text, value);
}

absl::Status ExpandSequence(const std::vector<std::string>& parts, bool hex, size_t max_rounds, Repetition* out) {
  const absl::Status form = absl::InvalidArgumentError("~SEQ must be ~SEQ(NAME, [START, [STEP,]] END) with integers");
  if (parts.size() < 2 || parts.size() > 4 || NameAt(parts[0]) != parts[0]) return form;
  int64_t numbers[3] = {};
  for (size_t i = 1; i < parts.size(); ++i) {
    if (!ParseInteger(parts[i], &numbers[i - 1]) || numbers[i - 1] > INT32_MAX || numbers[i - 1] < INT32_MIN)
      return form;
  }
  const int64_t end = numbers[parts.size() - 2];
  const int64_t start = parts.size() == 2 ? (end < 0 ? -1 : 1) : numbers[0];
  const int64_t step = parts.size() == 4 ? numbers[1] : end < start ? -1 : 1;
  if (step == 0) return absl::InvalidArgumentError("~SEQ: the step must not be 0");
  out->names = {parts[0]};
  for (int64_t n = start; step > 0 ? n <= end : n >= end; n += step) {
    if (out->rounds.size() == max_rounds) return absl::InvalidArgumentError("~SEQ makes too many lines");
    out->rounds.push_back({hex ? absl::StrCat(absl::Hex(static_cast<uint64_t>(n))) : absl::StrCat(n)});
  }
  return absl::OkStatus();
}

absl::Status ExpandList(const std::vector<std::string>& parts, Repetition* out) {
  if (parts.size() < 2) return absl::InvalidArgumentError("~LST must be ~LST(NAME, VALUE, ...)");
  out->names = Braced(parts[0]);
  for (size_t i = 1; i < parts.size(); ++i) {
    out->rounds.push_back(out->names.size() == 1 && !absl::StartsWith(parts[i], "{") ? std::vector{parts[i]}
                                                                                     : Braced(parts[i]));
    if (out->rounds.back().size() != out->names.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("~LST: '", parts[i], "' must have ", out->names.size(), " values"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::optional<Definition> ParseDefinition(absl::string_view line) {
  if (!absl::ConsumePrefix(&line, "$")) return std::nullopt;
  const absl::string_view name = NameAt(line);
  if (name.empty() || !absl::StartsWith(line.substr(name.size()), "=")) return std::nullopt;
  return Definition{std::string(name), std::string(line.substr(name.size() + 1))};
}

std::optional<std::string> Definitions::ReplaceFirst(absl::string_view line) const {
  for (size_t at = line.find('$'); at != absl::string_view::npos; at = line.find('$', at + 1)) {
    absl::string_view rest = line.substr(at + 1);
    const bool braced = absl::ConsumePrefix(&rest, "{");
    const absl::string_view name = NameAt(rest);
    rest.remove_prefix(name.size());
    const auto value = values_.find(name);
    if (name.empty() || value == values_.end()) continue;
    if (braced ? !absl::ConsumePrefix(&rest, "}") : !rest.empty() && !IsBlank(rest[0])) continue;
    return absl::StrCat(line.substr(0, at), value->second, rest);
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<Repetition>> ParseRepetition(absl::string_view line, size_t max_rounds) {
  enum class Kind { kSequence, kHex, kList };
  Kind kind{};
  if (absl::ConsumePrefix(&line, "~SEQ(")) {
    kind = Kind::kSequence;
  } else if (absl::ConsumePrefix(&line, "~SEQx(")) {
    kind = Kind::kHex;
  } else if (absl::ConsumePrefix(&line, "~LST(")) {
    kind = Kind::kList;
  } else {
    return std::optional<Repetition>();
  }
  const size_t close = line.find(')');
  if (close == absl::string_view::npos) return absl::InvalidArgumentError("the list of ~SEQ or ~LST has no ')'");
  Repetition found;
  const std::vector<std::string> parts = Parts(line.substr(0, close));
  found.rest = std::string(absl::StripAsciiWhitespace(line.substr(close + 1)));
  const absl::Status status =
      kind == Kind::kList ? ExpandList(parts, &found) : ExpandSequence(parts, kind == Kind::kHex, max_rounds, &found);
  if (!status.ok()) return status;
  return std::optional<Repetition>(std::move(found));
}

}  // namespace dpvrrp::keepalived
