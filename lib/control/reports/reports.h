// SPDX-License-Identifier: BSD-3-Clause
//
// The answers of the show commands, as cells (cli/report.h). The column names are an interface: scripts read them.
//
// Thread: control.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/glob.h"
#include "cli/report.h"
#include "config/model.h"
#include "control/control_time.h"
#include "control/journal/event_log.h"
#include "control/reports/last_answer.h"

namespace dpvrrp {

struct Parts;
using View = const Parts;
struct ManagedInstance;
struct PortStatus;

Report StatusReport(View& view, ControlTime t);
// For a service manager: "4 instances, 3 master, 1 backup".
std::string StatusLine(View& view);
// "no", "yes", "waiting for 3 masters", "yes, but 2 are master: see show drain".
std::string DrainText(View& view);
Report ClientsReport(View& view);

// Which instances are meant. Empty: all.
struct InstanceFilter {
  std::optional<State> state;
  std::optional<std::string> name;  // a glob
  std::optional<std::string> port;
  std::optional<VlanStack> vlan;

  bool Matches(const InstanceConfig& config, State now) const {
    return (!state || *state == now) && (!port || *port == config.port) && (!vlan || *vlan == config.vlan) &&
           (!name || GlobMatches(*name, config.name));
  }
};
// With `ages`, or if a worker did not answer, each row says how old it is.
Report InstancesReport(View& view, const InstanceFilter& filter, const Answers& answers, bool ages, ControlTime t);
Report SegmentsReport(View& view);
Report InstanceReport(View& view, const ManagedInstance& instance, const LastAnswer& word);
// The instances that are master although the gateway is drained, with the reason.
Report DrainReport(View& view);
Report MemoryReport(View& view);
Report DropsReport(View& view);
Report PortsReport(View& view);
// Of these ports, in their order.
Report PortStatsReport(View& view, const std::vector<PortStatus>& ports);
Report PortInfoReport(View& view, const std::vector<PortStatus>& ports);
Report PortSummaryReport(const std::vector<PortStatus>& ports);
Report TwinReport(View& view);
Report WorkersReport(View& view, ControlTime t);
Report ResponderReport(View& view);
Report TracksReport(View& view);
Report GroupsReport(View& view);
Table TracksOfInstance(View& view, InstanceId id);
// At most so many. `since`: only those with higher numbers, after one of kind "lost" if some of them are not kept any
// more.
Report EventsReport(const EventLog& log, size_t latest, std::optional<uint64_t> since);

}  // namespace dpvrrp
