// SPDX-License-Identifier: BSD-3-Clause
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "cli/report.h"

namespace dpvrrp {
namespace {

using Json = nlohmann::ordered_json;  // keys in the report's order

Json ToJson(const Value& value) {
  struct Visitor {
    Json operator()(std::monostate) const { return nullptr; }
    Json operator()(bool v) const { return v; }
    Json operator()(int64_t v) const { return v; }
    Json operator()(double v) const { return v; }  // dumped as null if it is not finite
    Json operator()(const std::string& v) const { return v; }
  };
  return std::visit(Visitor{}, value);
}

Json ToJson(const Record& record) {
  Json object = Json::object();
  for (const Field& field : record.fields) object[field.name] = ToJson(field.value);
  return object;
}

Json ToJson(const Table& table) {
  Json array = Json::array();
  for (const std::vector<Value>& row : table.rows) {
    Json object = Json::object();
    for (size_t c = 0; c < table.columns.size(); ++c) {
      object[table.columns[c]] = c < row.size() ? ToJson(row[c]) : Json(nullptr);
    }
    array.push_back(std::move(object));
  }
  return array;
}

Json ToJson(const Section& section) {
  return std::visit([](const auto& body) { return ToJson(body); }, section.body);
}

std::string FreeKey(const Json& object, const std::string& wanted) {
  std::string key = wanted;
  for (int n = 2; object.contains(key); ++n) key = absl::StrCat(wanted, "_", n);
  return key;
}

Json ToJson(const Report& report) {
  if (report.text.empty() && report.sections.size() == 1 && report.sections[0].name.empty()) {
    return ToJson(report.sections[0]);
  }
  Json object = Json::object();
  if (!report.text.empty()) object["text"] = report.text;
  for (const Section& section : report.sections) {
    object[FreeKey(object, section.name.empty() ? "result" : section.name)] = ToJson(section);
  }
  return object;
}

}  // namespace

std::string RenderJson(const Report& report) {
  return ToJson(report).dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

}  // namespace dpvrrp
