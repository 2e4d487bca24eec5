// SPDX-License-Identifier: BSD-3-Clause
#include "absl/strings/str_join.h"
#include "control/compose/parts.h"
#include "control/reports/report_cells.h"
#include "control/reports/reports.h"

namespace dpvrrp {

Report PortsReport(View& view) {
  Table table{{"name", "device", "driver", "mac", "link", "filter", "kernel", "instructions", "widened", "lcores",
               "steering", "received", "missed", "sent", "send_errors", "down_reason", "twin"},
              {},
              "name link down_reason mac received missed sent send_errors device kernel"};
  for (const PortStatus& port : view.services.Ports()) {
    table.rows.push_back({port.name, port.device, port.driver, ToString(port.mac), Text(port.up ? "up" : "down"),
                          port.filter, port.kernel, port.kernel == "shared" ? Count(port.kernel_instructions) : Null(),
                          port.kernel_widened.empty() ? Null() : Value(port.kernel_widened),
                          absl::StrJoin(port.lcores, ","), port.steering, Count(port.received), Count(port.missed),
                          Count(port.sent), Count(port.send_errors), port.up ? Null() : Value(port.down_reason),
                          port.twin ? Value(port.twin->interface) : Null()});
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

Report TwinReport(View& view) {
  Table table{{"interface", "port", "driver", "link", "mtu", "promiscuous", "up", "up_dropped", "up_refused", "down",
               "down_dropped", "down_too_long", "down_missed"},
              {}};
  for (const PortStatus& port : view.services.Ports()) {
    if (!port.twin) continue;
    const TwinStatus& twin = *port.twin;
    table.rows.push_back({twin.interface, port.name, Text("tap"), Text(twin.link ? "up" : "down"), Count(twin.mtu),
                          twin.promiscuous, Count(twin.up), Count(twin.up_dropped), Count(twin.up_refused),
                          Count(twin.down), Count(twin.down_dropped), Count(twin.down_too_long),
                          Count(twin.down_missed)});
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

}  // namespace dpvrrp
