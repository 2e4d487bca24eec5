// SPDX-License-Identifier: BSD-3-Clause
//
// The registry of control: the ports, the configuration in force, and every instance by name, by id and by place. An
// instance has here its identity, configuration, state and handle. Everything else about it is in the part that uses
// it, by InstanceId.
//
// Thread: control.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/natural_order.h"
#include "base/time.h"
#include "base/types.h"
#include "config/model.h"
#include "control/instances/port_binding.h"
#include "pipeline/virtual_router.h"
#include "vrrp/machine.h"

namespace dpvrrp {

// One instance as control knows it. The lcore decides the state; control follows its events.
struct ManagedInstance {
  InstanceConfig config;
  InstanceId id;
  PortId port;
  VirtualRouter* router = nullptr;         // a handle: only `counters`, port and tags may be read
  Priority priority;                       // effective: of all sources (control/priority)
  Holds holds;                             // by its tracks and its group, as the lcore has them
  std::vector<IpAddress> allowed_senders;  // in force; an operator may have changed the file's
  State state = State::kInitialize;
  Reason reason = Reason::kNone;
  int64_t since_unix_ms = 0;  // in this state
  Instant since{};
  bool removing = false;  // the lcore has the command to remove it and has not handed it back
};

// Whether the instance uses the named keyring.
bool UsesRing(const ManagedInstance& instance, const std::string& name);

class Registry {
 public:
  using Instances = std::map<std::string, ManagedInstance, NaturalLess>;  // by name

  explicit Registry(std::vector<PortBinding> ports) : ports_(std::move(ports)) {}

  // ---- The configuration file, as it was last brought into force ----

  const Config& config() const { return config_; }
  Config& config() { return config_; }

  // ---- Ports ----

  const std::vector<PortBinding>& ports() const { return ports_; }
  // Null: no port of this name was started.
  const PortBinding* FindPort(const std::string& name) const;
  const PortBinding& PortOf(PortId id) const;  // which must be one of ports()
  PortBinding& PortOf(PortId id);
  // The index of the worker that owns the segment.
  size_t WorkerOf(PortId port, const VlanStack& vlan) const;

  // ---- Instances ----

  const Instances& instances() const { return instances_; }
  Instances& instances() { return instances_; }
  // Null: there is none, or it is being removed.
  const ManagedInstance* Find(const std::string& name) const;
  ManagedInstance* Find(const std::string& name);
  // Null: there is none. One that is being removed is found.
  const ManagedInstance* FindById(InstanceId id) const;
  ManagedInstance* FindById(InstanceId id);

  InstanceId NextId() { return InstanceId(next_id_++); }
  // The instance also takes its place. Its name and its place must be free.
  ManagedInstance& Add(ManagedInstance instance);
  // Its places stay taken until Release().
  void Remove(InstanceId id);
  void Clear();

  // ---- Places: SequenceKey() of an instance; an instance that moves to another VRID has two ----

  bool IsTaken(const std::string& place) const { return places_.contains(place); }
  void Take(const std::string& place) { places_.insert(place); }
  void Release(const std::string& place) { places_.erase(place); }

 private:
  std::vector<PortBinding> ports_;
  Config config_;
  Instances instances_;
  absl::flat_hash_map<InstanceId, ManagedInstance*> by_id_;
  absl::flat_hash_set<std::string> places_;
  uint32_t next_id_ = 1;
};

}  // namespace dpvrrp
