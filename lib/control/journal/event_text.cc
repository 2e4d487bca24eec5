// SPDX-License-Identifier: BSD-3-Clause
#include "control/journal/event_text.h"

#include "absl/strings/str_format.h"

namespace dpvrrp {

const std::vector<std::string>& EventColumns() {
  static const std::vector<std::string> kColumns = {"number", "time", "severity", "instance",
                                                    "port",   "vlan", "kind",     "text"};
  return kColumns;
}

std::vector<Value> EventRow(const LogEvent& event) {
  return {static_cast<int64_t>(event.number),
          FormatTime(event.unix_ms),
          Text(ToString(event.severity)),
          event.instance.empty() ? Null() : Value(event.instance),
          event.instance.empty() ? Null() : Value(event.port),
          event.instance.empty() ? Null() : Value(event.vlan),
          event.kind,
          event.text};
}

std::string EventAsText(const LogEvent& event) {
  const auto text = [&](const std::string& of) { return event.instance.empty() ? "-" : of; };
  return absl::StrFormat("%d  %s  %s  %s  %s  %s  %s  %s\n", event.number, FormatTime(event.unix_ms),
                         ToString(event.severity), text(event.instance), text(event.port), text(event.vlan), event.kind,
                         event.text);
}

std::string EventAsJson(const LogEvent& event) {
  Record record;
  std::vector<Value> row = EventRow(event);
  for (size_t i = 0; i < row.size(); ++i) record.fields.push_back({EventColumns()[i], std::move(row[i])});
  return RenderJson(Report{{Section{"", std::move(record)}}, ""});
}

}  // namespace dpvrrp
