// SPDX-License-Identifier: BSD-3-Clause
//
// The answer to a command, as cells. One Report is rendered for people (aligned columns) and for programs (JSON), so
// the two outputs always agree.
//
//   Report report;
//   report.sections.push_back({"", Record{{{"state", Text("Master")}, {"priority", 150}, {"master", Null()}}}});
//
//   people:   state     Master          programs:  {"state":"Master","priority":150,"master":null}
//             priority  150
//             master    -
//
// Names are snake_case. JSON uses them as keys. For people, '_' becomes a space, and a column's heading is upper-cased.
//
// Thread: any (values).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"

namespace dpvrrp {

// monostate is "no value": "-" for people, null for programs.
using Value = std::variant<std::monostate, bool, int64_t, double, std::string>;

inline Value Null() { return std::monostate{}; }
// absl::string_view does not convert to std::string implicitly.
inline Value Text(absl::string_view text) { return std::string(text); }
// A counter's value; saturates at 2^63-1, because JSON readers know no larger integer.
Value Count(uint64_t count);

struct Field {
  std::string name;  // snake_case
  Value value;
};

// One thing: a line per field.
struct Record {
  std::vector<Field> fields;
};

// Many things of one kind. A row shorter than `columns` is padded with "no value"; a longer row is cut.
struct Table {
  std::vector<std::string> columns;  // snake_case
  std::vector<std::vector<Value>> rows;
  // The columns that a narrow screen keeps, the most important first: "name state master". The others follow in the
  // order of the table. Without it, that order is their importance.
  absl::string_view first = {};
  bool keeps_columns = false;  // a narrow screen drops none of them: the reader has chosen them
};

struct Section {
  std::string name;  // snake_case; empty: no heading
  std::variant<Record, Table> body;
};

struct Report {
  std::vector<Section> sections;
  std::string text;         // free text in front of the sections, for example help
  std::string footer = {};  // for people only, one line after the sections, for example "20 of 4000 rows"
};

// Where the text is read.
struct Screen {
  size_t width = 0;     // columns; 0: no limit
  bool colour = false;  // it obeys the colours of ECMA-48 (SGR)
};

// A cell for people: "-", "yes", "3.5".
std::string CellText(const Value& value);

// For people. Columns are aligned, and a column of numbers is right-aligned. No line ends in blanks. An empty table
// says "none". An empty line separates sections. The text ends in a newline unless the report is empty. Control
// characters and bytes that are not UTF-8 are shown as \xNN, so that a name cannot control the reader's terminal
// (except in `text`).
//
// If the screen has a width, no line is longer: a table drops the columns that do not fit and says so, times of day
// lose the year and the milliseconds, and long texts go on below. Only a table that keeps its columns may be wider.
std::string RenderText(const Report& report, const Screen& screen = {});

// For programs: one line, one JSON value, then a newline. Sections are keys, a record is an object, a table is an array
// of objects keyed by column, and `text` has the key "text". A report of exactly one unnamed section is that section's
// value itself. Further unnamed sections have the key "result", and a repeated name gets "_2", "_3" ... Bytes that are
// not UTF-8 become U+FFFD. A double that is not finite becomes null. Never throws.
std::string RenderJson(const Report& report);

}  // namespace dpvrrp
