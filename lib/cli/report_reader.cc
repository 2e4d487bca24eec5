// SPDX-License-Identifier: BSD-3-Clause
#include "cli/report_reader.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/status_macros.h"

namespace dpvrrp {
namespace {

using OrderedJson = nlohmann::ordered_json;

absl::Status NotAReport() { return absl::InvalidArgumentError("the answer is not the JSON of a report"); }

absl::StatusOr<Value> CellOf(const OrderedJson& json) {
  if (json.is_null()) return Null();
  if (json.is_boolean()) return Value(json.get<bool>());
  if (json.is_number_integer()) return Value(json.get<int64_t>());
  if (json.is_number()) return Value(json.get<double>());
  if (json.is_string()) return Value(json.get<std::string>());
  return NotAReport();
}

absl::StatusOr<Record> RecordOf(const OrderedJson& json) {
  Record record;
  for (const auto& [name, cell] : json.items()) {
    DPVRRP_ASSIGN_OR_RETURN(Value value, CellOf(cell));
    record.fields.push_back({name, std::move(value)});
  }
  return record;
}

// The rows of one table have the same keys in the same order.
absl::StatusOr<Table> TableOf(const OrderedJson& json) {
  Table table;
  for (const OrderedJson& object : json) {
    if (!object.is_object()) return NotAReport();
    DPVRRP_ASSIGN_OR_RETURN(Record record, RecordOf(object));
    if (table.rows.empty()) {
      for (const Field& field : record.fields) table.columns.push_back(field.name);
    }
    std::vector<Value>& row = table.rows.emplace_back();
    for (Field& field : record.fields) row.push_back(std::move(field.value));
  }
  return table;
}

absl::StatusOr<Section> SectionOf(std::string name, const OrderedJson& json) {
  Section section{std::move(name), Record{}};
  if (json.is_array()) {
    DPVRRP_ASSIGN_OR_RETURN(section.body, TableOf(json));
  } else {
    DPVRRP_ASSIGN_OR_RETURN(section.body, RecordOf(json));
  }
  return section;
}

bool HasSections(const OrderedJson& root) {
  if (!root.is_object()) return false;
  for (const auto& [name, body] : root.items()) {
    if (!body.is_structured() && !(name == "text" && body.is_string())) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<Report> ReadReport(absl::string_view json) {
  const OrderedJson root = OrderedJson::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
  if (!root.is_object() && !root.is_array()) return NotAReport();
  Report report;
  if (!HasSections(root)) {
    DPVRRP_ASSIGN_OR_RETURN(Section section, SectionOf("", root));
    report.sections.push_back(std::move(section));
    return report;
  }
  for (const auto& [name, body] : root.items()) {
    if (body.is_string()) {
      report.text = body.get<std::string>();
      continue;
    }
    DPVRRP_ASSIGN_OR_RETURN(Section section, SectionOf(name, body));
    report.sections.push_back(std::move(section));
  }
  return report;
}

}  // namespace dpvrrp
