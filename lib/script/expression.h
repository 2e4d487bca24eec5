// SPDX-License-Identifier: BSD-3-Clause
//
// Expressions over the answers of show commands: what `expect` and `wait until` of a command file compare.
//
//   TERM [and TERM]...
//
//   TERM   COMMAND FIELD OPERATOR VALUE                     show instance gw-1 state == Master
//          count(COMMAND [where COLUMN OPERATOR VALUE [and ...]]) OPERATOR NUMBER
//   FIELD  a column's name, ROW.COLUMN, SECTION.FIELD       show ports lan.link == up
//
// A row is named by the value of its first column. OPERATOR is ==, !=, <, <=, >, >= or =~ (a POSIX extended regular
// expression that matches a part of the value).
//
// Thread: any (pure).
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/report.h"
#include "cli/words.h"

namespace dpvrrp {

// Whether a line is a command. InvalidArgument says what was expected.
using CheckCommand = std::function<absl::Status(absl::string_view line)>;

enum class Operator : uint8_t { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kMatches };

struct Comparison {
  std::string field;  // a column of a count's rows
  Operator op = Operator::kEqual;
  std::string value;
};

struct Term {
  std::string text;     // as written
  std::string command;  // without --json
  bool counts = false;
  std::vector<Comparison> where;  // with `counts`: the rows that count
  Comparison comparison;          // its field is empty with `counts`
};

// A fault at a byte of the line.
struct LineFault {
  size_t at = 0;
  std::string message;
};

using ParsedExpression = std::variant<std::vector<Term>, LineFault>;

// `words` are all words of `line`; the expression is those from `first` on, before `end`.
ParsedExpression ParseExpression(absl::string_view line, std::span<const Word> words, size_t first, size_t end,
                                 const CheckCommand& check);

// The text of the words from `first` on, before `end`, as written in `line`.
std::string TextOf(absl::string_view line, std::span<const Word> words, size_t first, size_t end);

struct Judgement {
  bool held = false;
  std::string saw;  // the value that was compared
};

// NotFound: the report has no such row or field; the message lists those that it has. FailedPrecondition: the value is
// no number, but the operator compares numbers.
absl::StatusOr<Judgement> Evaluate(const Term& term, const Report& report);

}  // namespace dpvrrp
