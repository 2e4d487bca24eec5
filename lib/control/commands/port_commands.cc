// SPDX-License-Identifier: BSD-3-Clause
//
// `show ports`, `show twin`, `show workers`, `show responder`, `show drops`, `show metrics`, and testpmd's words for
// ports: `show port ...`, `clear port stats`, `port stop|start`, `set promisc`, `stop`, `start`.
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "control/commands/handlers.h"
#include "control/reports/metrics.h"
#include "control/reports/reports.h"

namespace dpvrrp::internal {
namespace {

// The ports that a word means: the name of one, DPDK's number of one, or `all`.
absl::StatusOr<std::vector<PortStatus>> PortsMeant(const CommandContext& c, const std::string& word) {
  std::vector<PortStatus> ports = c.view.services.Ports();
  std::vector<std::string> known;
  int number = -1;
  const bool is_number = absl::SimpleAtoi(word, &number);
  const PortStatus* found = nullptr;
  for (const PortStatus& port : ports) {
    known.push_back(port.number.has_value() ? absl::StrCat(*port.number, " (", port.name, ")") : port.name);
    if (port.name == word) found = &port;
    if (found == nullptr && is_number && port.number == number) found = &port;
  }
  if (found != nullptr) return std::vector<PortStatus>{*found};
  if (word == "all") return ports;
  return absl::NotFoundError(absl::StrCat("no port '", word, "'; there are: ", absl::StrJoin(known, ", "), ", all"));
}

std::string NamesOf(const std::vector<PortStatus>& ports) {
  return absl::StrJoin(ports, ", ", [](std::string* out, const PortStatus& port) { out->append(port.name); });
}

absl::StatusOr<Report> StopOrStart(const CommandContext& c, const std::string& word, bool stop) {
  DPVRRP_ASSIGN_OR_RETURN(const std::vector<PortStatus> ports, PortsMeant(c, word));
  std::vector<std::string> lines;
  for (const PortStatus& port : ports) {
    const bool changed = c.orders.StopPort(port.id, stop, c.t);
    const absl::string_view done = stop ? "stopped; its instances are in Fault until port start" : "started";
    lines.push_back(changed ? absl::StrCat(port.name, ": ", done)
                            : absl::StrCat(port.name, ": is ", stop ? "stopped" : "started", " already"));
  }
  return Done(absl::StrJoin(lines, "\n"));
}

}  // namespace

absl::StatusOr<Report> ShowPorts(const CommandContext& c) { return PortsReport(c.view); }
absl::StatusOr<Report> ShowTwin(const CommandContext& c) { return TwinReport(c.view); }
absl::StatusOr<Report> ShowWorkers(const CommandContext& c) { return WorkersReport(c.view, c.t); }
absl::StatusOr<Report> ShowResponder(const CommandContext& c) { return ResponderReport(c.view); }
absl::StatusOr<Report> ShowDrops(const CommandContext& c) { return DropsReport(c.view); }

absl::StatusOr<Report> ShowPortStats(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const std::vector<PortStatus> ports, PortsMeant(c, c.argument(0)));
  return PortStatsReport(c.view, ports);
}

absl::StatusOr<Report> ShowPortInfo(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const std::vector<PortStatus> ports, PortsMeant(c, c.argument(0)));
  return PortInfoReport(c.view, ports);
}

absl::StatusOr<Report> ShowPortSummary(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const std::vector<PortStatus> ports, PortsMeant(c, c.argument(0)));
  return PortSummaryReport(ports);
}

absl::StatusOr<Report> SetPromiscuous(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const std::vector<PortStatus> ports, PortsMeant(c, c.argument(0)));
  const std::string& word = c.argument(1);
  if (word != "on" && word != "off") {
    return absl::InvalidArgumentError(absl::StrCat("promiscuous mode must be on or off, got '", word, "'"));
  }
  for (const PortStatus& port : ports) {
    const absl::Status status = c.orders.SetPromiscuous(port.id, word == "on");
    if (!status.ok()) return absl::Status(status.code(), absl::StrCat(port.name, ": ", status.message()));
  }
  return Done(absl::StrCat(NamesOf(ports), ": promiscuous mode ", word));
}

absl::StatusOr<Report> ClearPortStats(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const std::vector<PortStatus> ports, PortsMeant(c, c.argument(0)));
  for (const PortStatus& port : ports) c.orders.ClearPortCounts(port.id, port.counts);
  return Done(absl::StrCat(NamesOf(ports), ": statistics cleared"));
}

absl::StatusOr<Report> StopPort(const CommandContext& c) { return StopOrStart(c, c.argument(0), true); }
absl::StatusOr<Report> StartPort(const CommandContext& c) { return StopOrStart(c, c.argument(0), false); }
absl::StatusOr<Report> StopAllPorts(const CommandContext& c) { return StopOrStart(c, "all", true); }
absl::StatusOr<Report> StartAllPorts(const CommandContext& c) { return StopOrStart(c, "all", false); }

absl::StatusOr<Report> ShowMetrics(const CommandContext& c) {
  const MetricsFormat format = c.HasFlag("--openmetrics") ? MetricsFormat::kOpenMetrics : MetricsFormat::kClassic;
  MetricsScrape scrape(c.view, format, c.view.registry.config().metrics.per_instance, c.t);
  Report report;
  while (scrape.Next(report.text)) {
  }
  return report;
}

}  // namespace dpvrrp::internal
