// SPDX-License-Identifier: BSD-3-Clause
#include "control/instances/registry.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "control/instances/router_builder.h"
#include "pipeline/segment_owner.h"

namespace dpvrrp {

bool UsesRing(const ManagedInstance& instance, const std::string& name) {
  const auto& ring = instance.config.auth.keyring;
  return ring != nullptr && !name.empty() && ring->name == name;
}

const PortBinding* Registry::FindPort(const std::string& name) const {
  const auto port = std::ranges::find(ports_, name, &PortBinding::name);
  return port == ports_.end() ? nullptr : &*port;
}

const PortBinding& Registry::PortOf(PortId id) const {
  const auto port = std::ranges::find(ports_, id, &PortBinding::id);
  DPVRRP_CHECK(port != ports_.end());
  return *port;
}

PortBinding& Registry::PortOf(PortId id) {
  const auto port = std::ranges::find(ports_, id, &PortBinding::id);
  DPVRRP_CHECK(port != ports_.end());
  return *port;
}

size_t Registry::WorkerOf(PortId id, const VlanStack& vlan) const {
  const auto port = std::ranges::find(ports_, id, &PortBinding::id);
  if (port == ports_.end()) return 0;
  return port->workers[SegmentOwner(vlan, port->workers.size())];
}

const ManagedInstance* Registry::Find(const std::string& name) const {
  const auto it = instances_.find(name);
  return it == instances_.end() || it->second.removing ? nullptr : &it->second;
}

ManagedInstance* Registry::Find(const std::string& name) {
  const auto it = instances_.find(name);
  return it == instances_.end() || it->second.removing ? nullptr : &it->second;
}

const ManagedInstance* Registry::FindById(InstanceId id) const {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : it->second;
}

ManagedInstance* Registry::FindById(InstanceId id) {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : it->second;
}

ManagedInstance& Registry::Add(ManagedInstance instance) {
  const InstanceId id = instance.id;
  std::string name = instance.config.name;
  places_.insert(SequenceKey(instance.config));
  const auto [it, is_new] = instances_.emplace(std::move(name), std::move(instance));
  DPVRRP_CHECK(is_new);
  by_id_[id] = &it->second;
  return it->second;
}

void Registry::Remove(InstanceId id) {
  const auto it = by_id_.find(id);
  if (it == by_id_.end()) return;
  const std::string name = it->second->config.name;
  by_id_.erase(it);
  instances_.erase(name);
}

void Registry::Clear() {
  by_id_.clear();
  places_.clear();
  instances_.clear();
}

}  // namespace dpvrrp
