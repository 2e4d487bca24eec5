// SPDX-License-Identifier: BSD-3-Clause
//
// What no table can know of itself: names that refer to each other and VRIDs that meet on a segment.
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "config/draft.h"

namespace dpvrrp::config_internal {
namespace {

// "name 'gw': …" where an earlier table of the same kind has the name.
template <typename T>
void CheckNamesDiffer(const std::vector<T>& drafts, absl::string_view kind, Faults& faults) {
  absl::flat_hash_map<std::string, const Node*> seen;
  for (const T& draft : drafts) {
    if (draft.name == nullptr) continue;
    const auto [first, is_new] = seen.emplace(draft.config.name, draft.name);
    if (is_new) continue;
    faults.Error(draft.name->at, absl::StrCat("name ", Quoted(draft.config.name), ": the ", kind, " in line ",
                                              first->second->at.line, " has it already"));
  }
}

// DPDK's name of the device, without its arguments; PCI addresses may differ in case.
std::string DeviceName(const PortConfig& port) {
  return absl::AsciiStrToLower(absl::string_view(port.device).substr(0, port.device.find(',')));
}

void CheckDevicesDiffer(const std::vector<PortDraft>& ports, Faults& faults) {
  absl::flat_hash_map<std::string, const PortDraft*> seen;
  for (const PortDraft& port : ports) {
    if (port.device == nullptr) continue;
    const auto [first, is_new] = seen.emplace(DeviceName(port.config), &port);
    if (is_new) continue;
    faults.Error(port.device->at,
                 absl::StrCat("device ", Quoted(port.config.device), ": port ", Quoted(first->second->config.name),
                              " (line ", first->second->device->at.line, ") has it already"));
  }
}

void CheckPortsExist(const Draft& draft, Faults& faults) {
  absl::flat_hash_set<std::string> names;
  for (const PortDraft& port : draft.ports) names.insert(port.config.name);
  for (const InstanceDraft& instance : draft.instances) {
    if (instance.port == nullptr || names.contains(instance.config.port)) continue;
    faults.Error(instance.port->at, absl::StrCat("port ", Quoted(instance.config.port), ": no [[port]] has this name"));
  }
}

// A VRID names one virtual router on a LAN; IPv4 and IPv6 count separately.
void CheckVridsDiffer(const std::vector<InstanceDraft>& instances, Faults& faults) {
  using Segment = std::tuple<std::string, uint16_t, uint16_t, Family>;
  absl::flat_hash_map<std::pair<Segment, Vrid>, const InstanceDraft*> seen;
  for (const InstanceDraft& instance : instances) {
    if (instance.port == nullptr || instance.vrid == nullptr) continue;
    const InstanceConfig& config = instance.config;
    const Segment segment{config.port, config.vlan.outer, config.vlan.inner, config.source_address.family()};
    const auto [first, is_new] = seen.emplace(std::pair(segment, config.vrid), &instance);
    if (is_new) continue;
    faults.Error(instance.vrid->at,
                 absl::StrCat("vrid ", Quoted(int64_t{config.vrid.value()}), ": instance ",
                              Quoted(first->second->config.name), " (line ", first->second->vrid->at.line,
                              ") has it already on port ", Quoted(config.port), " (RFC 3768 3)"));
  }
}

}  // namespace

void CrossCheck(const Draft& draft, Faults& faults) {
  CheckNamesDiffer(draft.ports, "port", faults);
  CheckDevicesDiffer(draft.ports, faults);
  CheckPortLcores(draft, faults);
  CheckNamesDiffer(draft.instances, "instance", faults);
  CheckPortsExist(draft, faults);
  CheckVridsDiffer(draft.instances, faults);
  if (draft.instances.empty()) faults.Warning({}, "there is no [[instance]]: nothing is protected");
}

}  // namespace dpvrrp::config_internal
