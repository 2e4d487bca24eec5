// SPDX-License-Identifier: BSD-3-Clause
#include "cli/table_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/screen_text.h"
#include "cli/words.h"

namespace dpvrrp::internal {
namespace {

constexpr absl::string_view kGap = "  ";  // between columns
constexpr size_t kWrapped = 36;           // a longer text may be wrapped to this width

struct Column {
  absl::string_view name;
  std::vector<std::string> cells;  // the heading first
  size_t width = 0;
  bool is_numeric = false;  // aligned to the right
  bool has_value = false;   // in any row

  size_t least() const { return is_numeric ? width : std::min(width, kWrapped); }
};

bool IsNumber(const Value& value) {
  return std::holds_alternative<int64_t>(value) || std::holds_alternative<double>(value);
}

void Measure(Column* column) {
  column->width = 0;
  for (const std::string& cell : column->cells) column->width = std::max(column->width, ScreenWidth(cell));
}

Column LayOut(const Table& table, size_t index) {
  Column column;
  column.name = table.columns[index];
  column.cells.push_back(absl::AsciiStrToUpper(Spaced(column.name)));
  bool all_numbers = true;
  for (const std::vector<Value>& row : table.rows) {
    const Value value = index < row.size() ? row[index] : Null();
    const bool is_null = std::holds_alternative<std::monostate>(value);
    column.has_value |= !is_null;
    all_numbers = all_numbers && (is_null || IsNumber(value));
    column.cells.push_back(CellText(value));
  }
  column.is_numeric = column.has_value && all_numbers;
  Measure(&column);
  return column;
}

// "2026-11-22T14:33:27.394Z": the form of every time.
bool IsTime(absl::string_view cell) {
  return cell.size() == 24 && cell[4] == '-' && cell[7] == '-' && cell[10] == 'T' && cell[13] == ':' &&
         cell[19] == '.' && cell[23] == 'Z';
}

// "11-22 14:33:27"
void ShortenTimes(std::vector<Column>* columns) {
  for (Column& column : *columns) {
    for (std::string& cell : column.cells) {
      if (IsTime(cell)) cell = absl::StrCat(cell.substr(5, 5), " ", cell.substr(11, 8));
    }
    Measure(&column);
  }
}

size_t TotalWidth(const std::vector<Column>& columns) {
  size_t total = 0;
  for (const Column& column : columns) total += column.width + (total > 0 ? kGap.size() : 0);
  return total;
}

// The columns by importance. Those without a value in any row are last.
std::vector<size_t> ByImportance(const Table& table, const std::vector<Column>& columns) {
  std::vector<size_t> order;
  const auto add = [&](size_t index) {
    if (std::find(order.begin(), order.end(), index) == order.end()) order.push_back(index);
  };
  for (const absl::string_view name : absl::StrSplit(table.first, ' ', absl::SkipEmpty())) {
    const auto found = std::find(table.columns.begin(), table.columns.end(), name);
    if (found != table.columns.end()) add(static_cast<size_t>(found - table.columns.begin()));
  }
  for (size_t i = 0; i < columns.size(); ++i) add(i);
  if (order.size() > 1) {
    std::stable_partition(order.begin() + 1, order.end(), [&](size_t index) { return columns[index].has_value; });
  }
  return order;
}

// Keeps the columns that fit into `width`, in the order of the table, and gives them their widths. Returns the names of
// the others.
std::vector<absl::string_view> Fit(const Table& table, size_t width, std::vector<Column>* columns) {
  if (TotalWidth(*columns) <= width) return {};
  ShortenTimes(columns);
  std::vector<bool> kept(columns->size(), table.keeps_columns);
  size_t used = 0;
  for (const size_t index : ByImportance(table, *columns)) {
    const size_t more = (*columns)[index].least() + (used > 0 ? kGap.size() : 0);
    if (!kept[index] && used > 0 && used + more > width) continue;
    kept[index] = true;
    used += more;
  }
  size_t left = width - std::min(used, width);
  std::vector<Column> chosen;
  std::vector<absl::string_view> dropped;
  for (size_t i = 0; i < columns->size(); ++i) {
    Column& column = (*columns)[i];
    if (!kept[i]) {
      dropped.push_back(column.name);
      continue;
    }
    const size_t granted = std::min(column.width - column.least(), left);
    left -= granted;
    column.width = column.least() + granted;
    chosen.push_back(std::move(column));
  }
  *columns = std::move(chosen);
  return dropped;
}

void AppendLine(std::string* out, std::string line) {
  absl::StripTrailingAsciiWhitespace(&line);
  absl::StrAppend(out, line, "\n");
}

// A row, which is several lines if a cell is wider than its column.
void AppendRow(std::string* out, absl::string_view indent, const std::vector<Column>& columns, size_t row,
               bool colour) {
  std::vector<std::vector<std::string>> wrapped;
  size_t lines = 1;
  for (const Column& column : columns) {
    wrapped.push_back(WrapText(column.cells[row], column.width));
    lines = std::max(lines, wrapped.back().size());
  }
  for (size_t i = 0; i < lines; ++i) {
    std::string line(indent);
    size_t owed = 0;  // blanks that are written only if text follows
    for (size_t c = 0; c < columns.size(); ++c) {
      const Column& column = columns[c];
      const std::string text = i < wrapped[c].size() ? wrapped[c][i] : "";
      const size_t padding = column.width - std::min(column.width, ScreenWidth(text));
      if (column.is_numeric) owed += padding;
      if (!text.empty()) {
        line.append(owed, ' ');
        owed = 0;
        const absl::string_view tint = row == 0 ? kBold : ColourOf(column.name, column.cells[row]);
        line += colour ? Coloured(text, tint) : text;
      }
      owed += (column.is_numeric ? 0 : padding) + kGap.size();
    }
    AppendLine(out, std::move(line));
  }
}

}  // namespace

std::string Spaced(absl::string_view name) { return EscapeForTerminal(absl::StrReplaceAll(name, {{"_", " "}})); }

void AppendTable(std::string* out, absl::string_view indent, const Table& table, const Screen& screen) {
  if (table.rows.empty()) return AppendLine(out, absl::StrCat(indent, "none"));
  std::vector<Column> columns;
  for (size_t c = 0; c < table.columns.size(); ++c) columns.push_back(LayOut(table, c));
  std::vector<absl::string_view> dropped;
  const size_t width = screen.width == 0 ? 0 : screen.width - std::min(indent.size(), screen.width - 1);
  if (width > 0) dropped = Fit(table, width, &columns);
  for (size_t row = 0; row <= table.rows.size(); ++row) AppendRow(out, indent, columns, row, screen.colour);
  if (dropped.empty()) return;
  const std::string note = absl::StrCat("more columns: ", absl::StrJoin(dropped, " "), " (--wide, --columns)");
  for (const std::string& line : WrapText(note, width)) {
    AppendLine(out, absl::StrCat(indent, screen.colour ? Coloured(line, kDim) : line));
  }
}

}  // namespace dpvrrp::internal
