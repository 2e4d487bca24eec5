// SPDX-License-Identifier: BSD-3-Clause
//
// `show port stats`, `show port info`, `show port summary`: the ports as testpmd shows them, by DPDK's numbers.
#include "absl/strings/str_join.h"
#include "control/compose/parts.h"
#include "control/reports/report_cells.h"
#include "control/reports/reports.h"

namespace dpvrrp {
namespace {

Value NumberOf(const PortStatus& port) { return port.number.has_value() ? Number(*port.number) : Null(); }

Value LinkOf(const PortStatus& port) { return Text(port.up ? "up" : "down"); }

Record InfoOf(View& view, const PortStatus& port) {
  const PortBinding& binding = view.registry.PortOf(port.id);
  Record record;
  record.fields = {{"port", NumberOf(port)},
                   {"name", port.name},
                   {"device", port.device},
                   {"driver", port.driver},
                   {"mac", ToString(port.mac)},
                   {"state", Text(binding.stopped ? "stopped" : "started")},
                   {"link", LinkOf(port)},
                   {"down_reason", port.up ? Null() : Value(port.down_reason)},
                   {"promiscuous", port.promiscuous},
                   {"filter", port.filter},
                   {"kernel", port.kernel},
                   {"kernel_interfaces", absl::StrJoin(binding.interfaces, " ")},
                   {"lcores", absl::StrJoin(port.lcores, ",")},
                   {"steering", port.steering}};
  return record;
}

}  // namespace

Report PortStatsReport(View& view, const std::vector<PortStatus>& ports) {
  Table table{{"port", "name", "rx_packets", "rx_missed", "rx_bytes", "rx_errors", "rx_nombuf", "tx_packets",
               "tx_errors", "tx_bytes"},
              {}};
  for (const PortStatus& port : ports) {
    const PortCounts& now = port.counts;
    const PortCounts& then = view.registry.PortOf(port.id).cleared;
    table.rows.push_back({NumberOf(port), port.name, Count(now.rx_packets - then.rx_packets),
                          Count(now.rx_missed - then.rx_missed), Count(now.rx_bytes - then.rx_bytes),
                          Count(now.rx_errors - then.rx_errors), Count(now.rx_no_mbuf - then.rx_no_mbuf),
                          Count(now.tx_packets - then.tx_packets), Count(now.tx_errors - then.tx_errors),
                          Count(now.tx_bytes - then.tx_bytes)});
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

Report PortInfoReport(View& view, const std::vector<PortStatus>& ports) {
  if (ports.size() == 1) return Report{{Section{"", InfoOf(view, ports[0])}}, ""};
  Report report;
  for (const PortStatus& port : ports) report.sections.push_back(Section{port.name, InfoOf(view, port)});
  return report;
}

Report PortSummaryReport(const std::vector<PortStatus>& ports) {
  Table table{{"port", "mac", "name", "driver", "link"}, {}};
  for (const PortStatus& port : ports) {
    table.rows.push_back({NumberOf(port), ToString(port.mac), port.name, port.driver, LinkOf(port)});
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

}  // namespace dpvrrp
