// SPDX-License-Identifier: BSD-3-Clause
//
// The checks between tables: names that refer to each other, equal VRIDs on a segment, equal addresses on a device.
#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/port_interface.h"
#include "config/draft.h"
#include "config/instance_faults.h"

namespace dpvrrp::config_internal {
namespace {

// Reports "name 'gw': …" if an earlier table of the same kind has the name.
void CheckPortNamesDiffer(const std::vector<PortDraft>& ports, Faults& faults) {
  absl::flat_hash_map<absl::string_view, const Node*> seen;
  for (const PortDraft& port : ports) {
    if (port.name == nullptr) continue;
    const auto [first, is_new] = seen.emplace(port.config.name, port.name);
    if (is_new) continue;
    faults.Error(port.name->at, absl::StrCat("name ", Quoted(port.config.name), ": the port in line ",
                                             first->second->at.line, " already has this name"));
  }
}

void CheckInstanceNamesDiffer(const std::vector<InstanceDraft>& instances, Faults& faults) {
  InstanceFaults found(faults);
  absl::flat_hash_map<absl::string_view, const InstanceDraft*> seen;
  seen.reserve(instances.size());
  for (const InstanceDraft& instance : instances) {
    if (instance.name == nullptr) continue;
    const auto [first, is_new] = seen.emplace(instance.config.name, &instance);
    if (is_new) continue;
    const bool same = first->second->name == instance.name;
    found.Error(instance, *instance.name,
                same ? absl::StrCat("name ", Quoted(instance.name->text()),
                                    ": must differ from instance to instance: put {vlan} and {vrid} in it")
                     : absl::StrCat("name ", Quoted(instance.config.name), ": the instance in line ",
                                    first->second->name->at.line, " already has this name"));
  }
}

void CheckKeyringsUsed(const std::vector<KeyringDraft>& keyrings, Faults& faults) {
  for (const KeyringDraft& ring : keyrings) {
    if (ring.name == nullptr || ring.used) continue;
    faults.Warning(ring.name->at, absl::StrCat("keyring ", Quoted(ring.config->name), ": no instance uses it"));
  }
}

// From each other, and from the interfaces on which ports depend.
void CheckTwinsDiffer(const std::vector<PortDraft>& ports, Faults& faults) {
  absl::flat_hash_map<absl::string_view, const PortDraft*> seen;
  for (const PortDraft& port : ports) {
    if (port.config.twin.empty()) continue;
    const auto refuse = [&](const PortDraft& other, absl::string_view how) {
      faults.Error(port.twin->at, absl::StrCat("twin ", Quoted(port.config.twin), ": port ", Quoted(other.config.name),
                                               " ", how, " this interface"));
    };
    const auto [first, is_new] = seen.emplace(port.config.twin, &port);
    if (!is_new) refuse(*first->second, "has");
    for (const PortDraft& other : ports) {
      const std::vector<std::string> names = PortInterfacesOf(other.config.device).names;
      if (std::find(names.begin(), names.end(), port.config.twin) != names.end()) refuse(other, "stands on");
    }
  }
}

// DPDK's name of the device, without its arguments. PCI addresses may differ in upper and lower case.
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
                              " (line ", first->second->device->at.line, ") already uses this device"));
  }
}

void CheckPortsExist(const Draft& draft, Faults& faults) {
  InstanceFaults found(faults);
  absl::flat_hash_set<absl::string_view> names;
  for (const PortDraft& port : draft.ports) names.insert(port.config.name);
  for (const InstanceDraft& instance : draft.instances) {
    if (instance.port == nullptr || names.contains(instance.config.port)) continue;
    found.Error(instance, *instance.port,
                absl::StrCat("port ", Quoted(instance.config.port), ": no [[port]] has this name"));
  }
}

// "port 'lan'", "port 'lan' vlan 100.7".
std::string SegmentText(const InstanceConfig& config) {
  const std::string port = absl::StrCat("port ", Quoted(config.port));
  return config.vlan == VlanStack{} ? port : absl::StrCat(port, " vlan ", ToString(config.vlan));
}

// A VRID names one virtual router on a LAN; IPv4 and IPv6 count separately.
void CheckVridsDiffer(const std::vector<InstanceDraft>& instances, Faults& faults) {
  using Place = std::tuple<absl::string_view, uint16_t, uint16_t, Family, uint8_t>;
  InstanceFaults found(faults);
  absl::flat_hash_map<Place, const InstanceDraft*> seen;
  seen.reserve(instances.size());
  for (const InstanceDraft& instance : instances) {
    if (!instance.segment_good || instance.vrid == nullptr) continue;
    const InstanceConfig& config = instance.config;
    const Place place{config.port, config.vlan.outer, config.vlan.inner, config.source_address.family(),
                      config.vrid.value()};
    const auto [first, is_new] = seen.emplace(place, &instance);
    if (is_new) continue;
    found.Error(instance, *instance.vrid,
                absl::StrCat("vrid ", Quoted(int64_t{config.vrid.value()}), ": instance ",
                             Quoted(first->second->config.name), " (line ", first->second->vrid->at.line,
                             ") already has this VRID on ", SegmentText(config), " (RFC 3768 3)"));
  }
}

// The data plane has a limited number of tables for tagged segments.
void CheckSegmentsFit(const std::vector<InstanceDraft>& instances, Faults& faults) {
  absl::flat_hash_set<std::tuple<absl::string_view, uint16_t, uint16_t>> segments;
  for (const InstanceDraft& instance : instances) {
    const VlanStack& vlan = instance.config.vlan;
    // A follower hears no adverts, so it needs no table.
    if (!instance.segment_good || vlan == VlanStack{} || !instance.config.leader.empty()) continue;
    segments.emplace(instance.config.port, vlan.outer, vlan.inner);
    if (segments.size() <= kMaxSegments) continue;
    return InstanceFaults(faults).Error(
        instance, *instance.segment,
        absl::StrCat("vlan: ", SegmentText(instance.config), " exceeds the limit of ", kMaxSegments, " VLAN segments"));
  }
}

// Two masters of one address would take it from each other. When one stops being master, the kernel would lose the
// address.
void CheckAddressesDiffer(const std::vector<InstanceDraft>& instances, Faults& faults) {
  struct Holder {
    const InstanceDraft* instance;
    const Node* at;
  };
  InstanceFaults found(faults);
  absl::flat_hash_map<std::pair<IpAddress, absl::string_view>, Holder> seen;
  for (const InstanceDraft& instance : instances) {
    for (size_t i = 0; i < instance.virtual_addresses.size(); ++i) {
      const VirtualAddress& address = instance.config.virtual_addresses[i];
      const Node* at = instance.virtual_addresses[i];
      if (at == nullptr || address.device.empty()) continue;
      const auto [first, is_new] =
          seen.emplace(std::pair(address.prefix.address, absl::string_view(address.device)), Holder{&instance, at});
      if (is_new || first->second.instance == &instance) continue;
      found.Error(instance, *at,
                  absl::StrCat(KeyOf(address), " ", Quoted(ToString(address.prefix)), ": instance ",
                               Quoted(first->second.instance->config.name), " (line ", first->second.at->at.line,
                               ") already has this address on device ", Quoted(address.device)));
    }
  }
}

// A virtual-MAC device on another device exists once for each VRID and family. It is set down when its instance is not
// master.
void CheckVirtualMacDevicesDiffer(const std::vector<InstanceDraft>& instances, Faults& faults) {
  InstanceFaults found(faults);
  absl::flat_hash_map<std::tuple<absl::string_view, Family, uint8_t>, const InstanceDraft*> seen;
  for (const InstanceDraft& instance : instances) {
    const InstanceConfig& config = instance.config;
    if (config.source_mac != SourceMac::kVirtual || instance.vrid == nullptr) continue;
    for (const VirtualAddress& address : config.virtual_addresses) {
      if (address.device.empty()) continue;
      const auto [first, is_new] = seen.emplace(
          std::tuple(absl::string_view(address.device), config.source_address.family(), config.vrid.value()),
          &instance);
      if (is_new || first->second == &instance) continue;
      found.Error(instance, *instance.vrid,
                  absl::StrCat("vrid ", Quoted(int64_t{config.vrid.value()}), ": instance ",
                               Quoted(first->second->config.name), " (line ", first->second->vrid->at.line,
                               ") already has this virtual MAC on device ", Quoted(address.device)));
      break;
    }
  }
}

// The IV of AES-GMAC is made of source and number. If two instances had one key, the same IV could occur twice, which
// reveals the key (RFC 4543 8; docs/decisions/0010).
void CheckGmacKeysDiffer(const std::vector<InstanceDraft>& instances, Faults& faults) {
  InstanceFaults found(faults);
  absl::flat_hash_map<absl::string_view, const InstanceDraft*> seen;  // by the key's bytes
  for (const InstanceDraft& instance : instances) {
    const AuthConfig& auth = instance.config.auth;
    if (auth.kind != AuthKind::kAh || !IsGmac(auth.algorithm) || auth.keyring == nullptr || instance.name == nullptr) {
      continue;
    }
    for (const KeyConfig& key : auth.keyring->keys) {
      const std::vector<uint8_t>& bytes = key.secret.bytes;
      if (bytes.empty()) continue;
      const auto [first, is_new] =
          seen.emplace(absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), &instance);
      if (is_new || first->second == &instance) continue;
      found.Error(instance, *instance.name,
                  absl::StrCat("name ", Quoted(instance.config.name), ": instance ", Quoted(first->second->config.name),
                               " has the same key for ", InfoOf(auth.algorithm).name,
                               ", which needs a key of its own for each instance (RFC 4543 8)"));
      break;
    }
  }
}

}  // namespace

void CrossCheck(const Draft& draft, Faults& faults) {
  CheckTwinsDiffer(draft.ports, faults);
  CheckPortNamesDiffer(draft.ports, faults);
  CheckDevicesDiffer(draft.ports, faults);
  CheckPortLcores(draft, faults);
  CheckBlocks(draft, faults);
  CheckKeyringsUsed(draft.keyrings, faults);
  CheckInstanceNamesDiffer(draft.instances, faults);
  CheckPortsExist(draft, faults);
  CheckVridsDiffer(draft.instances, faults);
  CheckSegmentsFit(draft.instances, faults);
  CheckAddressesDiffer(draft.instances, faults);
  CheckVirtualMacDevicesDiffer(draft.instances, faults);
  CheckGmacKeysDiffer(draft.instances, faults);
  CheckTracks(draft, faults);
  CheckGroups(draft, faults);
  CheckRouting(draft, faults);
  if (draft.instances.empty() && faults.errors() == 0)
    faults.Warning({}, "there is no [[instance]]: nothing is protected");
}

}  // namespace dpvrrp::config_internal
