// SPDX-License-Identifier: BSD-3-Clause
//
// What the show commands say, as cells (cli/report.h). The column names are an interface: scripts read them.
//
// Thread: control.
#pragma once

#include <optional>
#include <string>

#include "cli/report.h"
#include "config/model.h"
#include "control/control_time.h"
#include "control/event_log.h"
#include "pipeline/messages.h"

namespace dpvrrp {

class Controller;
struct ManagedInstance;

Report StatusReport(Controller& controller, ControlTime t);

// Which instances are meant. Empty: all.
struct InstanceFilter {
  std::optional<State> state;
  std::optional<std::string> port;
  std::optional<VlanStack> vlan;

  bool Matches(const InstanceConfig& config, State now) const {
    return (!state || *state == now) && (!port || *port == config.port) && (!vlan || *vlan == config.vlan);
  }
};
Report InstancesReport(Controller& controller, const InstanceFilter& filter, const InstanceQuery* answer,
                       ControlTime t);
Report SegmentsReport(Controller& controller);
// `snapshot` may be null: the instance was replaced while the lcore was asked.
Report InstanceReport(Controller& controller, const ManagedInstance& instance, const InstanceSnapshot* snapshot,
                      Instant snapshot_at, ControlTime t);
Report DropsReport(Controller& controller);
Report PortsReport(Controller& controller);
Report WorkersReport(Controller& controller);
Report ResponderReport(Controller& controller);
Report EventsReport(const EventLog& log, size_t latest);  // at most so many

// One event in the form that EventsReport's rows have, for followers; ends in a newline.
std::string EventAsText(const LogEvent& event);
std::string EventAsJson(const LogEvent& event);

// The snapshot of this instance; null: not in the answer.
const InstanceSnapshot* FindSnapshot(const InstanceQuery* answer, InstanceId id);

}  // namespace dpvrrp
