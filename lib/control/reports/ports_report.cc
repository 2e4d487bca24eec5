// SPDX-License-Identifier: BSD-3-Clause
#include "absl/strings/str_join.h"
#include "control/compose/parts.h"
#include "control/reports/report_cells.h"
#include "control/reports/reports.h"

namespace dpvrrp {

Report PortsReport(View& view) {
  Table table{{"name", "device", "driver", "mac", "link", "filter", "kernel", "instructions", "widened", "lcores",
               "steering", "received", "missed", "sent", "send_errors", "down_reason"},
              {}};
  for (const PortStatus& port : view.services.Ports()) {
    table.rows.push_back({port.name, port.device, port.driver, ToString(port.mac), Text(port.up ? "up" : "down"),
                          port.filter, port.kernel, port.kernel == "shared" ? Count(port.kernel_instructions) : Null(),
                          port.kernel_widened.empty() ? Null() : Value(port.kernel_widened),
                          absl::StrJoin(port.lcores, ","), port.steering, Count(port.received), Count(port.missed),
                          Count(port.sent), Count(port.send_errors), port.up ? Null() : Value(port.down_reason)});
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

}  // namespace dpvrrp
