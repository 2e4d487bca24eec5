// SPDX-License-Identifier: BSD-3-Clause
#include "cli/report.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "cli/words.h"

namespace dpvrrp {
namespace {

constexpr absl::string_view kGap = "  ";  // between columns, and before each line under a heading

std::string CellText(const Value& value) {
  struct Visitor {
    std::string operator()(std::monostate) const { return "-"; }
    std::string operator()(bool v) const { return v ? "yes" : "no"; }
    std::string operator()(int64_t v) const { return absl::StrCat(v); }
    std::string operator()(double v) const { return std::isfinite(v) ? absl::StrFormat("%.6g", v) : "-"; }
    std::string operator()(const std::string& v) const { return EscapeForTerminal(v); }
  };
  return std::visit(Visitor{}, value);
}

bool IsNumber(const Value& value) {
  return std::holds_alternative<int64_t>(value) || std::holds_alternative<double>(value);
}

std::string Spaced(absl::string_view name) { return EscapeForTerminal(absl::StrReplaceAll(name, {{"_", " "}})); }

// Columns on the screen: code points, which is right except for combining and double-width characters.
size_t Width(absl::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }));
}

enum class Align { kLeft, kRight };

std::string Padded(absl::string_view text, size_t width, Align align) {
  const std::string padding(width - std::min(width, Width(text)), ' ');
  return align == Align::kRight ? absl::StrCat(padding, text) : absl::StrCat(text, padding);
}

void AppendLine(std::string* out, std::string line) {
  absl::StripTrailingAsciiWhitespace(&line);
  absl::StrAppend(out, line, "\n");
}

void AppendBody(std::string* out, absl::string_view indent, const Record& record) {
  size_t width = 0;
  for (const Field& field : record.fields) width = std::max(width, Width(Spaced(field.name)));
  for (const Field& field : record.fields) {
    AppendLine(out, absl::StrCat(indent, Padded(Spaced(field.name), width, Align::kLeft), kGap, CellText(field.value)));
  }
}

struct Column {
  std::vector<std::string> cells;  // the header first
  size_t width = 0;
  Align align = Align::kLeft;
};

Column LayOut(const Table& table, size_t index) {
  Column column;
  column.cells.push_back(absl::AsciiStrToUpper(Spaced(table.columns[index])));
  bool any_number = false;
  bool all_numbers = true;
  for (const std::vector<Value>& row : table.rows) {
    const Value value = index < row.size() ? row[index] : Null();
    any_number = any_number || IsNumber(value);
    all_numbers = all_numbers && (IsNumber(value) || std::holds_alternative<std::monostate>(value));
    column.cells.push_back(CellText(value));
  }
  if (any_number && all_numbers) column.align = Align::kRight;
  for (const std::string& cell : column.cells) column.width = std::max(column.width, Width(cell));
  return column;
}

void AppendBody(std::string* out, absl::string_view indent, const Table& table) {
  if (table.rows.empty()) {
    AppendLine(out, absl::StrCat(indent, "none"));
    return;
  }
  std::vector<Column> columns;
  for (size_t c = 0; c < table.columns.size(); ++c) columns.push_back(LayOut(table, c));
  for (size_t r = 0; r <= table.rows.size(); ++r) {
    std::string line(indent);
    for (const Column& column : columns) {
      if (&column != &columns.front()) absl::StrAppend(&line, kGap);
      absl::StrAppend(&line, Padded(column.cells[r], column.width, column.align));
    }
    AppendLine(out, std::move(line));
  }
}

}  // namespace

Value Count(uint64_t count) {
  return static_cast<int64_t>(std::min<uint64_t>(count, std::numeric_limits<int64_t>::max()));
}

std::string RenderText(const Report& report) {
  std::string out = report.text;
  if (!out.empty() && out.back() != '\n') out += '\n';
  for (const Section& section : report.sections) {
    if (!out.empty()) out += '\n';
    if (!section.name.empty()) AppendLine(&out, Spaced(section.name));
    const absl::string_view indent = section.name.empty() ? "" : kGap;
    std::visit([&](const auto& body) { AppendBody(&out, indent, body); }, section.body);
  }
  return out;
}

}  // namespace dpvrrp
