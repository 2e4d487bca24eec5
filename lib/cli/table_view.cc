// SPDX-License-Identifier: BSD-3-Clause
#include "cli/table_view.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/glob.h"
#include "base/natural_order.h"
#include "base/nearest.h"
#include "base/status_macros.h"
#include "cli/words.h"

namespace dpvrrp {
namespace {

using Row = std::vector<Value>;

const Value& CellAt(const Row& row, size_t column) {
  static const Value kNone;
  return column < row.size() ? row[column] : kNone;
}

std::optional<double> NumberOf(const Value& value) {
  if (const auto* n = std::get_if<int64_t>(&value)) return static_cast<double>(*n);
  if (const auto* d = std::get_if<double>(&value)) return *d;
  return std::nullopt;
}

absl::StatusOr<size_t> FindColumn(const Table& table, absl::string_view text) {
  const std::string name = absl::StrReplaceAll(absl::AsciiStrToLower(text), {{" ", "_"}, {"-", "_"}});
  std::vector<size_t> begin;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i] == name) return i;
    if (!name.empty() && absl::StartsWith(table.columns[i], name)) begin.push_back(i);
  }
  if (begin.size() == 1) return begin.front();
  const std::vector<absl::string_view> words(table.columns.begin(), table.columns.end());
  const absl::string_view nearest = begin.empty() ? NearestWord(name, words) : "";
  return absl::InvalidArgumentError(
      absl::StrCat(begin.empty() ? "no column '" : "more than one column begins with '", EscapeForTerminal(text),
                   "', the columns are: ", absl::StrJoin(words, " "),
                   nearest.empty() ? "" : absl::StrCat("; did you mean '", nearest, "'?")));
}

enum class Relation { kNotEqual, kAtLeast, kAtMost, kEqual, kMore, kLess };
constexpr std::array<std::pair<absl::string_view, Relation>, 6> kRelations = {{{"!=", Relation::kNotEqual},
                                                                               {">=", Relation::kAtLeast},
                                                                               {"<=", Relation::kAtMost},
                                                                               {"=", Relation::kEqual},
                                                                               {">", Relation::kMore},
                                                                               {"<", Relation::kLess}}};

// Negative: `a` is first. Values of different kinds compare as texts.
int Order(const Value& a, const Value& b) {
  const std::optional<double> left = NumberOf(a), right = NumberOf(b);
  if (left && right) return *left < *right ? -1 : static_cast<int>(*left > *right);
  const std::string x = CellText(a), y = CellText(b);
  if (NaturalLess()(x, y)) return -1;
  return static_cast<int>(NaturalLess()(y, x));
}

struct SortKey {
  size_t row;
  bool has_value;
  std::optional<double> number;
  std::string text;  // of a cell that is no number
};

SortKey KeyOf(const Value& cell, size_t row) {
  const bool has_value = !std::holds_alternative<std::monostate>(cell);
  const std::optional<double> number = NumberOf(cell);
  return {row, has_value, number, number.has_value() ? "" : CellText(cell)};
}

// Numbers come before texts.
bool IsBefore(const SortKey& a, const SortKey& b) {
  if (a.number && b.number) return *a.number < *b.number;
  if (a.number.has_value() != b.number.has_value()) return a.number.has_value();
  return NaturalLess()(a.text, b.text);
}

bool IsTrue(const Value& cell, Relation relation, const std::string& wanted) {
  if (relation == Relation::kEqual) return GlobMatches(wanted, CellText(cell), true);
  if (relation == Relation::kNotEqual) return !GlobMatches(wanted, CellText(cell), true);
  if (std::holds_alternative<std::monostate>(cell)) return false;
  double number = 0;
  const Value right = absl::SimpleAtod(wanted, &number) ? Value(number) : Value(wanted);
  const int order = Order(cell, right);
  switch (relation) {
    case Relation::kAtLeast:
      return order >= 0;
    case Relation::kAtMost:
      return order <= 0;
    case Relation::kMore:
      return order > 0;
    default:
      return order < 0;
  }
}

absl::Status Filter(const std::string& condition, Table* table) {
  const size_t at = condition.find_first_of("!<>=");
  const auto* relation = std::find_if(kRelations.begin(), kRelations.end(), [&](const auto& r) {
    return at != std::string::npos && absl::StartsWith(absl::string_view(condition).substr(at), r.first);
  });
  if (relation == kRelations.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("where needs a condition such as state=Master, name=gw-* or priority>100, got '",
                     EscapeForTerminal(condition), "'"));
  }
  DPVRRP_ASSIGN_OR_RETURN(const size_t column, FindColumn(*table, condition.substr(0, at)));
  const std::string wanted = condition.substr(at + relation->first.size());
  const bool compares = relation->second != Relation::kEqual && relation->second != Relation::kNotEqual;
  double number = 0;
  const bool is_number = absl::SimpleAtod(wanted, &number);
  const bool has_numbers = std::any_of(table->rows.begin(), table->rows.end(),
                                       [&](const Row& row) { return NumberOf(CellAt(row, column)).has_value(); });
  if (compares && has_numbers && !is_number) {
    return absl::InvalidArgumentError(
        absl::StrCat("where ", EscapeForTerminal(condition), ": '", EscapeForTerminal(wanted), "' is not a number"));
  }
  std::erase_if(table->rows, [&](const Row& row) { return !IsTrue(CellAt(row, column), relation->second, wanted); });
  return absl::OkStatus();
}

absl::Status Sort(absl::string_view name, Table* table) {
  const bool reverse = absl::ConsumePrefix(&name, "-");
  DPVRRP_ASSIGN_OR_RETURN(const size_t column, FindColumn(*table, name));
  // The texts of the cells are made once, because there may be 64,000 rows.
  std::vector<SortKey> keys;
  keys.reserve(table->rows.size());
  for (size_t i = 0; i < table->rows.size(); ++i) keys.push_back(KeyOf(CellAt(table->rows[i], column), i));
  std::stable_sort(keys.begin(), keys.end(), [&](const SortKey& a, const SortKey& b) {
    if (a.has_value != b.has_value) return a.has_value;
    return reverse ? IsBefore(b, a) : IsBefore(a, b);
  });
  std::vector<Row> rows;
  rows.reserve(keys.size());
  for (const SortKey& key : keys) rows.push_back(std::move(table->rows[key.row]));
  table->rows = std::move(rows);
  return absl::OkStatus();
}

absl::Status Limit(const std::string& text, Table* table) {
  uint32_t limit = 0;
  if (!absl::SimpleAtoi(text, &limit)) {
    return absl::InvalidArgumentError(
        absl::StrCat("limit must be a number of rows, got '", EscapeForTerminal(text), "'"));
  }
  if (table->rows.size() > limit) table->rows.resize(limit);
  return absl::OkStatus();
}

absl::Status Choose(absl::string_view list, Table* table) {
  std::vector<size_t> chosen;
  for (const absl::string_view name : absl::StrSplit(list, ',')) {
    DPVRRP_ASSIGN_OR_RETURN(const size_t column, FindColumn(*table, name));
    if (std::find(chosen.begin(), chosen.end(), column) == chosen.end()) chosen.push_back(column);
  }
  std::vector<std::string> columns;
  for (const size_t column : chosen) columns.push_back(table->columns[column]);
  for (Row& row : table->rows) {
    Row cells;
    for (const size_t column : chosen) cells.push_back(CellAt(row, column));
    row = std::move(cells);
  }
  table->columns = std::move(columns);
  table->keeps_columns = true;
  return absl::OkStatus();
}

}  // namespace

// A row is selected, ordered and counted by all columns, also by those that are not shown.
absl::Status ApplyView(const ViewOptions& view, Report* report) {
  if (view.empty() || report->sections.empty()) return absl::OkStatus();
  Table* table = std::get_if<Table>(&report->sections.front().body);
  if (table == nullptr) return absl::OkStatus();
  const size_t all = table->rows.size();
  for (const absl::string_view step : {"where", "sort", "limit", "columns"}) {
    for (const auto& [keyword, value] : view) {
      if (keyword != step) continue;
      absl::Status status = step == "where"   ? Filter(value, table)
                            : step == "sort"  ? Sort(value, table)
                            : step == "limit" ? Limit(value, table)
                                              : Choose(value, table);
      DPVRRP_RETURN_IF_ERROR(status);
    }
  }
  if (table->rows.size() < all) report->footer = absl::StrCat(table->rows.size(), " of ", all, " rows");
  return absl::OkStatus();
}

}  // namespace dpvrrp
