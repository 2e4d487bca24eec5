// SPDX-License-Identifier: BSD-3-Clause
//
// The changes that a reload makes to one instance, and whether the running virtual router can apply them
// (docs/decisions/0019).
//
// Thread: control (pure functions).
#pragma once

#include <string>
#include <vector>

#include "config/model.h"

namespace dpvrrp {

struct InstanceChange {
  std::string name;
  // True if the running router applies the change and keeps its state. Otherwise the router is removed and added.
  // Another port, VLAN, VRID, family or version names another virtual router. An owner (priority 255) starts in its own
  // way, and so does a follower. With use_as_source, the kernel decides only when an address is added whether the
  // address can be a source.
  bool in_place = true;
  // The settings that differ, by their keys in the file: "priority 100 -> 120",
  // "virtual_addresses: + 10.99.0.101/24 on eth0". Secrets are never shown.
  std::vector<std::string> what;
  // The effects on the other gateways of the group, for example that they drop adverts until they are changed too.
  std::vector<std::string> warnings;

  bool empty() const { return what.empty(); }
  friend bool operator==(const InstanceChange&, const InstanceChange&) = default;
};

// Both configurations must have the same name.
InstanceChange ChangeOf(const InstanceConfig& running, const InstanceConfig& wanted);

}  // namespace dpvrrp
