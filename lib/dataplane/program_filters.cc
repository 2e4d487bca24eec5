// SPDX-License-Identifier: BSD-3-Clause
//
// Dataplane: the receive filters of the ports follow their virtual routers.
#include <rte_ethdev.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "dataplane/dataplane.h"
#include "dataplane/filters.h"
#include "dataplane/port_sockets.h"
#include "dataplane/virtual_macs.h"

namespace dpvrrp {

void Dataplane::Prepare(const ShardCommand& command) {
  if (!eal_started_ || RouterOf(command) == nullptr) return;
  WantedFrames& wanted = Wanted(*RouterOf(command));
  if (const auto* add = std::get_if<command::Add>(&command)) {
    wanted.Add(add->router->config);
  } else if (const auto* replace = std::get_if<command::Replace>(&command)) {
    wanted.AddMac(replace->former_mac);
    wanted.Add(replace->wanted->config);  // the former configuration counts until event::Replaced
  } else if (const auto* speak = std::get_if<command::SpeakNextVrid>(&command)) {
    wanted.AddMac(speak->mac);
  } else if (const auto* stop = std::get_if<command::StopNextVrid>(&command)) {
    wanted.RemoveMac(stop->mac);
  } else if (const auto* forget = std::get_if<command::ForgetMac>(&command)) {
    wanted.RemoveMac(forget->mac);
  }
}

WantedFrames& Dataplane::Wanted(const VirtualRouter& router) { return *wanted_[PortOf(router.port).id.value()]; }

std::vector<std::string> Dataplane::ProgramFilters() {
  std::vector<std::string> notes;
  if (!eal_started_) return notes;
  for (size_t i = 0; i < ports_.size(); ++i) {
    PortInfo& port = ports_[i];
    if (!port.open) continue;  // OpenPort() programs all
    if (std::string note = SelectTraffic(port); !note.empty()) notes.push_back(std::move(note));
    const MulticastFilter before = port.filter;
    if (wanted_[i]->TakeGroupsChanged()) {
      const std::vector<MacAddress> groups = wanted_[i]->groups();
      const absl::StatusOr<MulticastFilter> filter = ReceiveGroups(port.dpdk, port.device, groups, !port.twin.empty());
      if (!filter.ok()) notes.emplace_back(filter.status().message());
      if (filter.ok()) port.filter = *filter;
      if (port.filter != before) {
        notes.push_back(absl::StrCat("device '", port.device, "': receive filter ", ToString(port.filter), " for ",
                                     groups.size(), " groups, was ", ToString(before)));
      }
    }
    if (!wanted_[i]->TakeMacsChanged() && port.filter == before) continue;
    const std::vector<MacAddress> macs = wanted_[i]->virtual_macs();
    virtual_macs_[i]->set_always_promiscuous(port.filter == MulticastFilter::kPromiscuous || port.twin_promiscuous);
    const absl::StatusOr<UnicastFilter> filter = virtual_macs_[i]->Set(macs);
    if (!filter.ok()) notes.emplace_back(filter.status().message());
    const bool promiscuous = filter.ok() && *filter == UnicastFilter::kPromiscuous;
    if (promiscuous && !port.promiscuous && port.filter != MulticastFilter::kPromiscuous && !port.twin_promiscuous) {
      notes.push_back(absl::StrCat("device '", port.device,
                                   "': promiscuous, because its address table does not accept ", macs.size(),
                                   " virtual MACs"));
    }
    port.promiscuous = promiscuous || virtual_macs_[i]->wanted_promiscuous();
  }
  return notes;
}

absl::Status Dataplane::SetPromiscuous(PortId id, bool on) {
  PortInfo& port = PortOf(id);
  if (!port.open) return absl::FailedPreconditionError(absl::StrCat("device '", port.device, "' is closed"));
  VirtualMacs& macs = *virtual_macs_[id.value()];
  macs.set_wanted_promiscuous(on);
  DPVRRP_ASSIGN_OR_RETURN(const UnicastFilter filter, macs.Set(wanted_[id.value()]->virtual_macs()));
  const bool is_on = rte_eth_promiscuous_get(port.dpdk.value()) == 1;
  port.promiscuous = is_on;
  if (on && !is_on) {
    macs.set_wanted_promiscuous(false);
    return absl::UnimplementedError(absl::StrCat("device '", port.device, "': its driver has no promiscuous mode"));
  }
  if (on || filter != UnicastFilter::kPromiscuous) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("device '", port.device, "' needs promiscuous mode for its groups or its virtual MACs"));
}

std::vector<IpAddress> Dataplane::KernelGroups(PortId port) const { return wanted_[port.value()]->kernel_groups(); }

// Other drivers have no packet sockets.
void Dataplane::FindSockets(PortInfo& port) {
  if (port.driver != "net_af_packet") return;
  PortSockets& sockets = *sockets_[port.id.value()];
  absl::Status status = sockets.Find(port.ifindex, port.rx_queues);
  if (status.ok() && port.kernel == KernelShare::kShared) {
    status = sockets.Select(wanted_[port.id.value()]->selection());
  }
  if (!status.ok()) port.warnings.emplace_back(status.message());
  DescribeFilter(port);
}

// Returns a message if the filter cannot be set, or if it selects every frame of other kinds than before.
std::string Dataplane::SelectTraffic(PortInfo& port) {
  WantedFrames& wanted = *wanted_[port.id.value()];
  if (port.kernel != KernelShare::kShared || !wanted.TakeSelectionChanged()) return "";
  PortSockets& sockets = *sockets_[port.id.value()];
  const std::vector<std::string> before = sockets.widened();
  const absl::Status status = sockets.Select(wanted.selection());
  DescribeFilter(port);
  if (!status.ok()) return absl::StrCat("device '", port.device, "': ", status.message());
  if (sockets.widened() == before) return "";
  return absl::StrCat("device '", port.device, "': the kernel's filter selects ",
                      sockets.widened().empty() ? "frames by address again"
                                                : absl::StrCat("every frame of these kinds, because too many addresses "
                                                               "are configured for a filter: ",
                                                               absl::StrJoin(sockets.widened(), ", ")));
}

void Dataplane::DescribeFilter(PortInfo& port) const {
  const PortSockets& sockets = *sockets_[port.id.value()];
  port.filter_instructions = sockets.instructions();
  port.filter_widened = sockets.widened();
}

}  // namespace dpvrrp
