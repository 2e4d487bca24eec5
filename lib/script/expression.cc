// SPDX-License-Identifier: BSD-3-Clause
#include "script/expression.h"

#include <regex.h>

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace dpvrrp {
namespace {

constexpr absl::string_view kOperators = "an operator (== != < <= > >= =~) between blanks";
constexpr absl::string_view kCount = "count(";

struct OperatorName {
  absl::string_view text;
  Operator op;
};
constexpr OperatorName kOperatorNames[] = {{"==", Operator::kEqual},  {"!=", Operator::kNotEqual},
                                           {"<", Operator::kLess},    {"<=", Operator::kLessOrEqual},
                                           {">", Operator::kGreater}, {">=", Operator::kGreaterOrEqual},
                                           {"=~", Operator::kMatches}};

std::optional<Operator> OperatorOf(const Word& word) {
  for (const OperatorName& name : kOperatorNames) {
    if (!word.quoted && word.text == name.text) return name.op;
  }
  return std::nullopt;
}

bool Is(const Word& word, absl::string_view text) { return !word.quoted && word.text == text; }
bool Opens(const Word& word) { return absl::StartsWith(word.text, kCount) && !word.quoted; }
// By the text as it is written: in "(a|b)" the parenthesis is part of a value.
bool Closes(absl::string_view line, std::span<const Word> words, size_t i) {
  return absl::EndsWith(TextOf(line, words, i, i + 1), ")");
}

// The rule that a value breaks; empty: none.
std::string FaultOf(Operator op, const std::string& value) {
  if (op == Operator::kEqual || op == Operator::kNotEqual) return "";
  if (op != Operator::kMatches) {
    double number = 0;
    return absl::SimpleAtod(value, &number) ? "" : absl::StrCat("'", value, "': must be a number to be compared so");
  }
  regex_t expression;
  const int error = regcomp(&expression, value.c_str(), REG_EXTENDED | REG_NOSUB);
  if (error == 0) return regfree(&expression), "";
  char reason[128];
  regerror(error, &expression, reason, sizeof reason);
  return absl::StrCat("'", value, "': is no POSIX extended regular expression: ", reason);
}

// One term: the words from `first` on, before `end`.
class TermParser {
 public:
  TermParser(absl::string_view line, std::span<const Word> words, size_t end, const CheckCommand& check)
      : line_(line), words_(words), end_(end), check_(check) {}

  std::variant<Term, LineFault> Parse(size_t first) {
    Term term;
    term.text = TextOf(line_, words_, first, end_);
    const std::optional<LineFault> fault = Opens(words_[first]) ? ParseCount(first, term) : ParseField(first, term);
    if (fault.has_value()) return *fault;
    return term;
  }

 private:
  size_t PlaceOf(size_t word) const { return word < words_.size() ? words_[word].at : line_.size(); }

  // `show status master == 4`: the word before the operator is the field, the others are the command.
  std::optional<LineFault> ParseField(size_t first, Term& term) {
    size_t at = first;
    while (at < end_ && !OperatorOf(words_[at]).has_value()) ++at;
    if (at == end_) return LineFault{PlaceOf(first), absl::StrCat("'", term.text, "': expected ", kOperators)};
    if (at < first + 2) return LineFault{PlaceOf(first), "a command and a field must stand before the operator"};
    term.comparison.field = words_[at - 1].text;
    if (auto fault = ParseComparison(at, end_, term.comparison)) return fault;
    return SetCommand(first, TextOf(line_, words_, first, at - 1), term);
  }

  std::optional<LineFault> ParseCount(size_t first, Term& term) {
    term.counts = true;
    size_t close = first;
    while (close < end_ && !Closes(line_, words_, close)) ++close;
    if (close == end_) return LineFault{PlaceOf(first), "the parenthesis of count( is not closed"};
    // The same words without the parentheses.
    const size_t open_at = words_[first].at + kCount.size();
    std::string inside = TextOf(line_, words_, first, close + 1).substr(kCount.size());
    inside.pop_back();
    const absl::StatusOr<std::vector<Word>> split = SplitWords(inside);
    if (!split.ok()) return LineFault{open_at, std::string(split.status().message())};
    const std::vector<Word>& in = *split;
    size_t where = 0;
    while (where < in.size() && !Is(in[where], "where")) ++where;
    if (where == 0) return LineFault{open_at, "count( needs a command"};
    if (where < in.size()) {
      if (auto fault = ParseWhere(inside, in, where + 1, term)) return LineFault{open_at + fault->at, fault->message};
    }
    if (close + 1 == end_ || !OperatorOf(words_[close + 1]).has_value()) {
      return LineFault{PlaceOf(close + 1), absl::StrCat("count(...) needs ", kOperators)};
    }
    if (auto fault = ParseComparison(close + 1, end_, term.comparison)) return fault;
    double number = 0;
    if (!absl::SimpleAtod(term.comparison.value, &number)) {
      return LineFault{PlaceOf(close + 2),
                       absl::StrCat("'", term.comparison.value, "': a count is compared to a number")};
    }
    const absl::Status status = check_(TextOf(inside, in, 0, where));
    if (!status.ok()) return LineFault{open_at, std::string(status.message())};
    term.command = TextOf(inside, in, 0, where);
    return std::nullopt;
  }

  static std::optional<LineFault> ParseWhere(absl::string_view inside, std::span<const Word> in, size_t at,
                                             Term& term) {
    while (true) {
      if (at + 2 >= in.size() || !OperatorOf(in[at + 1]).has_value()) {
        return LineFault{at < in.size() ? in[at].at : inside.size(),
                         absl::StrCat("where needs a column, ", kOperators, " and a value")};
      }
      Comparison& one = term.where.emplace_back(Comparison{in[at].text, *OperatorOf(in[at + 1]), in[at + 2].text});
      if (const std::string fault = FaultOf(one.op, one.value); !fault.empty()) return LineFault{in[at + 2].at, fault};
      at += 3;
      if (at == in.size()) return std::nullopt;
      if (!Is(in[at], "and"))
        return LineFault{in[at].at, absl::StrCat("expected 'and' or ')', got '", in[at].text, "'")};
      ++at;
    }
  }

  // The operator stands at `at`; one word follows.
  std::optional<LineFault> ParseComparison(size_t at, size_t end, Comparison& out) const {
    out.op = *OperatorOf(words_[at]);
    if (at + 1 == end) return LineFault{PlaceOf(at), absl::StrCat("no value after '", words_[at].text, "'")};
    out.value = words_[at + 1].text;
    if (at + 2 != end) {
      return LineFault{PlaceOf(at + 2), absl::StrCat("expected 'and' or the end of the expression, got '",
                                                     words_[at + 2].text, "'; a value with blanks needs quotes")};
    }
    if (std::string fault = FaultOf(out.op, out.value); !fault.empty())
      return LineFault{PlaceOf(at + 1), std::move(fault)};
    return std::nullopt;
  }

  std::optional<LineFault> SetCommand(size_t first, std::string command, Term& term) const {
    const absl::Status status = check_(command);
    if (!status.ok()) return LineFault{PlaceOf(first), std::string(status.message())};
    term.command = std::move(command);
    return std::nullopt;
  }

  absl::string_view line_;
  std::span<const Word> words_;
  size_t end_;
  const CheckCommand& check_;
};

}  // namespace

std::string TextOf(absl::string_view line, std::span<const Word> words, size_t first, size_t end) {
  if (first >= end) return "";
  const size_t from = words[first].at;
  const size_t to = end < words.size() ? words[end].at : line.size();
  return std::string(absl::StripTrailingAsciiWhitespace(line.substr(from, to - from)));
}

ParsedExpression ParseExpression(absl::string_view line, std::span<const Word> words, size_t first, size_t end,
                                 const CheckCommand& check) {
  std::vector<Term> terms;
  while (true) {
    size_t to = first;
    bool inside = false;
    for (; to < end; ++to) {
      inside = (inside || Opens(words[to]));
      if (inside && Closes(line, words, to)) inside = false;
      if (!inside && Is(words[to], "and")) break;
    }
    if (to == first) return LineFault{first < words.size() ? words[first].at : line.size(), "an expression is missing"};
    std::variant<Term, LineFault> term = TermParser(line, words, to, check).Parse(first);
    if (const auto* fault = std::get_if<LineFault>(&term)) return *fault;
    terms.push_back(std::get<Term>(std::move(term)));
    if (to == end) return terms;
    first = to + 1;
  }
}

}  // namespace dpvrrp
