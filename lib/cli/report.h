// SPDX-License-Identifier: BSD-3-Clause
//
// What a command answers, as cells. One Report is rendered for people (aligned columns) or for programs (JSON), so the
// two can never tell different stories.
//
//   Report report;
//   report.sections.push_back({"", Record{{{"state", Text("Master")}, {"priority", 150}, {"master", Null()}}}});
//
//   people:   state     Master          programs:  {"state":"Master","priority":150,"master":null}
//             priority  150
//             master    -
//
// Names are snake_case: JSON keys as they stand; for people '_' becomes a space, and a column's header is upper-cased.
//
// Thread: any (values).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"

namespace dpvrrp {

// monostate is "no value": "-" for people, null for programs.
using Value = std::variant<std::monostate, bool, int64_t, double, std::string>;

inline Value Null() { return std::monostate{}; }
// absl::string_view does not turn into std::string by itself.
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

// Many things of one kind. A row shorter than `columns` is filled with "no value"; a longer one is cut.
struct Table {
  std::vector<std::string> columns;  // snake_case
  std::vector<std::vector<Value>> rows;
};

struct Section {
  std::string name;  // snake_case; empty: no heading
  std::variant<Record, Table> body;
};

struct Report {
  std::vector<Section> sections;
  std::string text;  // free text in front of the sections, for example help
};

// For people. Columns are aligned; a column of numbers is right-aligned; no line ends in blanks; an empty table says
// "none"; sections are parted by an empty line. Ends in a newline unless the report is empty. Control characters and
// bytes that are not UTF-8 are shown as \xNN, so that a name cannot steer the reader's terminal (`text` excepted).
std::string RenderText(const Report& report);

// For programs: one line, one JSON value, then a newline. Sections are keys, a record is an object, a table an array of
// objects keyed by column, `text` the key "text". A report that is exactly one unnamed section is that section's value
// itself. Further unnamed sections are "result", a repeated name gets "_2", "_3" ... Bytes that are not UTF-8 become
// U+FFFD; a double that is not finite becomes null. Never throws.
std::string RenderJson(const Report& report);

}  // namespace dpvrrp
