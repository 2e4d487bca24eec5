// SPDX-License-Identifier: BSD-3-Clause
//
// The evaluation of a term over a report.
#include <regex.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "script/expression.h"

namespace dpvrrp {
namespace {

constexpr size_t kMaxListed = 12;  // names in a message

std::string Shown(const Value& value) {
  struct Visitor {
    std::string operator()(std::monostate) const { return "-"; }
    std::string operator()(bool v) const { return v ? "yes" : "no"; }
    std::string operator()(int64_t v) const { return absl::StrCat(v); }
    std::string operator()(double v) const { return absl::StrCat(v); }
    std::string operator()(const std::string& v) const { return v; }
  };
  return std::visit(Visitor{}, value);
}

std::string ListOf(std::vector<std::string> names) {
  if (names.empty()) return "none";
  const bool cut = names.size() > kMaxListed;
  if (cut) names.resize(kMaxListed);
  return absl::StrCat(absl::StrJoin(names, " "), cut ? " ..." : "");
}

// "-" and "null" are no value; "true" and "false" are the words of JSON.
bool AreEqual(const Value& cell, const std::string& wanted) {
  if (std::holds_alternative<std::monostate>(cell)) return wanted == "-" || wanted == "null";
  if (const bool* truth = std::get_if<bool>(&cell))
    return wanted == (*truth ? "yes" : "no") || wanted == (*truth ? "true" : "false");
  const std::string text = Shown(cell);
  if (text == wanted) return true;
  double left = 0;
  double right = 0;
  const bool is_number = !std::holds_alternative<std::string>(cell);
  return is_number && absl::SimpleAtod(text, &left) && absl::SimpleAtod(wanted, &right) && left == right;
}

bool Matches(const std::string& text, const std::string& pattern) {
  regex_t expression;
  if (regcomp(&expression, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) return false;  // checked when parsed
  const bool found = regexec(&expression, text.c_str(), 0, nullptr, 0) == 0;
  regfree(&expression);
  return found;
}

absl::StatusOr<bool> Holds(const Value& cell, const Comparison& wanted) {
  if (wanted.op == Operator::kEqual) return AreEqual(cell, wanted.value);
  if (wanted.op == Operator::kNotEqual) return !AreEqual(cell, wanted.value);
  if (wanted.op == Operator::kMatches) return Matches(Shown(cell), wanted.value);
  if (std::holds_alternative<std::monostate>(cell)) return false;
  double left = 0;
  double right = 0;
  if (!absl::SimpleAtod(Shown(cell), &left) || !absl::SimpleAtod(wanted.value, &right)) {
    return absl::FailedPreconditionError(absl::StrCat("'", Shown(cell), "' is no number"));
  }
  switch (wanted.op) {
    case Operator::kLess:
      return left < right;
    case Operator::kLessOrEqual:
      return left <= right;
    case Operator::kGreater:
      return left > right;
    default:
      return left >= right;
  }
}

const Value kNone = Null();

// A row that is shorter than the columns is padded.
const Value& CellOf(const std::vector<Value>& row, size_t column) { return column < row.size() ? row[column] : kNone; }

std::optional<size_t> ColumnOf(const Table& table, const std::string& name) {
  const auto it = std::find(table.columns.begin(), table.columns.end(), name);
  if (it == table.columns.end()) return std::nullopt;
  return static_cast<size_t>(it - table.columns.begin());
}

absl::StatusOr<Value> FieldOf(const Record& record, const std::string& name) {
  std::vector<std::string> names;
  for (const Field& field : record.fields) {
    if (field.name == name) return field.value;
    names.push_back(field.name);
  }
  return absl::NotFoundError(absl::StrCat("no field '", name, "'; there are: ", ListOf(std::move(names))));
}

// "lan.link": the name of a row may have dots, the name of a column has none.
absl::StatusOr<Value> FieldOf(const Table& table, const std::string& path) {
  const size_t dot = path.rfind('.');
  if (dot == std::string::npos) {
    return absl::NotFoundError(absl::StrCat("'", path, "': the answer is a table, so write ROW.", path,
                                            "; a row is named by its first column"));
  }
  const std::string name = path.substr(0, dot);
  const std::string column = path.substr(dot + 1);
  std::vector<std::string> names;
  for (const std::vector<Value>& row : table.rows) {
    if (Shown(CellOf(row, 0)) != name) {
      names.push_back(Shown(CellOf(row, 0)));
      continue;
    }
    if (const std::optional<size_t> at = ColumnOf(table, column)) return CellOf(row, *at);
    return absl::NotFoundError(absl::StrCat("no column '", column, "'; there are: ", ListOf(table.columns)));
  }
  return absl::NotFoundError(absl::StrCat("no row '", name, "'; there are: ", ListOf(std::move(names))));
}

absl::StatusOr<Value> FieldOf(const Section& section, const std::string& path) {
  return std::visit([&](const auto& body) { return FieldOf(body, path); }, section.body);
}

// Of several sections, the path begins with the name of one, or is a field of the first record that has it.
absl::StatusOr<Value> FieldOf(const Report& report, const std::string& path) {
  if (report.sections.size() == 1 && report.sections[0].name.empty()) return FieldOf(report.sections[0], path);
  std::vector<std::string> names;
  for (const Section& section : report.sections) {
    const std::string prefix = absl::StrCat(section.name, ".");
    if (absl::StartsWith(path, prefix)) return FieldOf(section, path.substr(prefix.size()));
    names.push_back(section.name);
  }
  for (const Section& section : report.sections) {
    if (!std::holds_alternative<Record>(section.body)) continue;
    absl::StatusOr<Value> value = FieldOf(section, path);
    if (value.ok()) return value;
  }
  if (path == "text") return Text(report.text);
  return absl::NotFoundError(absl::StrCat("no field '", path, "'; sections: ", ListOf(std::move(names))));
}

// The table of the answer, or the first of several sections.
absl::StatusOr<const Table*> TableOf(const Report& report) {
  for (const Section& section : report.sections) {
    if (const auto* table = std::get_if<Table>(&section.body)) return table;
  }
  return absl::NotFoundError("the answer has no table whose rows could be counted");
}

absl::StatusOr<int64_t> CountRows(const Term& term, const Table& table) {
  int64_t count = 0;
  for (const std::vector<Value>& row : table.rows) {
    bool counts = true;
    for (const Comparison& one : term.where) {
      const std::optional<size_t> column = ColumnOf(table, one.field);
      if (!column.has_value()) {
        return absl::NotFoundError(absl::StrCat("no column '", one.field, "'; there are: ", ListOf(table.columns)));
      }
      DPVRRP_ASSIGN_OR_RETURN(const bool holds, Holds(CellOf(row, *column), one));
      counts = counts && holds;
    }
    count += counts ? 1 : 0;
  }
  return count;
}

}  // namespace

absl::StatusOr<Judgement> Evaluate(const Term& term, const Report& report) {
  Value value;
  if (term.counts) {
    DPVRRP_ASSIGN_OR_RETURN(const Table* table, TableOf(report));
    DPVRRP_ASSIGN_OR_RETURN(value, CountRows(term, *table));
  } else {
    DPVRRP_ASSIGN_OR_RETURN(value, FieldOf(report, term.comparison.field));
  }
  DPVRRP_ASSIGN_OR_RETURN(const bool held, Holds(value, term.comparison));
  return Judgement{held, Shown(value)};
}

}  // namespace dpvrrp
