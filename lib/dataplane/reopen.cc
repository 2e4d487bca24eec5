// SPDX-License-Identifier: BSD-3-Clause
//
// Dataplane: a virtual device is closed and opened again while the workers run.
//
// This uses the calls of DPDK's bus of virtual devices, not rte_eal_hotplug_add(). The latter notifies secondary
// processes, of which there are none, through files that belong to root, and the process is not root any more.
#include <rte_bus_vdev.h>
#include <rte_errno.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/check.h"
#include "dataplane/dataplane.h"
#include "dataplane/eal_arguments.h"
#include "dataplane/filters.h"
#include "dataplane/port.h"
#include "dataplane/port_sockets.h"
#include "dataplane/steering.h"
#include "dataplane/twin.h"
#include "dataplane/virtual_macs.h"
#include "dataplane/worker.h"
#include "pipeline/segment_owner.h"

namespace dpvrrp {
namespace {

absl::string_view ArgumentsOf(absl::string_view device) {
  const size_t comma = device.find(',');
  return comma == absl::string_view::npos ? "" : device.substr(comma + 1);
}

}  // namespace

void Dataplane::QuiescePort(PortId id) {
  for (const size_t worker : PortOf(id).workers) workers_[worker]->Leave(id);
}

bool Dataplane::IsQuiet(PortId id) const {
  const std::vector<size_t>& serving = FindPort(id)->workers;
  return std::all_of(serving.begin(), serving.end(), [&](size_t worker) { return workers_[worker]->HasLeft(id); });
}

void Dataplane::ClosePort(PortId id) {
  PortInfo& port = PortOf(id);
  DPVRRP_CHECK(port.open && IsQuiet(id) && !IsPciDevice(port.device));
  CloseStarted(port);
  rte_vdev_uninit(EalDeviceName(port.device).c_str());  // an error needs no action
}

absl::Status Dataplane::OpenPort(PortId id) {
  PortInfo& port = PortOf(id);
  DPVRRP_CHECK(!port.open && IsQuiet(id) && !IsPciDevice(port.device));
  const std::string name = EalDeviceName(port.device);
  const int error = rte_vdev_init(name.c_str(), std::string(ArgumentsOf(port.device)).c_str());
  if (error != 0) {
    return absl::UnavailableError(absl::StrCat("device '", port.device, "': DPDK cannot open it (",
                                               rte_strerror(std::abs(error)),
                                               "); stderr may have its driver's reason"));
  }
  const bool is_first = port.mac == MacAddress{};
  const absl::StatusOr<DpdkPort> found = dpvrrp::FindPort(port.device);
  absl::Status status = found.status();
  if (found.ok()) {
    port.dpdk = *found;
    status = StartPort(port);
  }
  // Before that the twin could not have the port's MAC.
  if (status.ok() && is_first && twins_[id.value()] != nullptr) status = PrepareTwin(port, *twins_[id.value()]);
  if (!status.ok()) {
    if (port.open) CloseStarted(port);
    rte_vdev_uninit(name.c_str());
    return status;
  }
  wanted_[id.value()]->ProgramAgain();
  if (port.steering == Steering::kFlow) {
    for (const auto& [on, vlan] : steered_) {
      if (on != id) continue;
      SteerSegment(port.dpdk, vlan, static_cast<uint16_t>(SegmentOwner(vlan, port.workers.size())));
    }
  }
  for (const size_t worker : port.workers) workers_[worker]->Rejoin(port);
  return absl::OkStatus();
}

}  // namespace dpvrrp
