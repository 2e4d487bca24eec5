// SPDX-License-Identifier: BSD-3-Clause
//
// Checks the routes and rules of all instances against each other.
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "config/instance_faults.h"

namespace dpvrrp::config_internal {
namespace {

struct RoutingHolder {
  const InstanceDraft* instance;
  const Node* at;
};

std::string HolderText(const RoutingHolder& holder) {
  return absl::StrCat("instance ", Quoted(holder.instance->config.name), " (line ", holder.at->at.line, ")");
}

}  // namespace

// Two masters would take the route or the rule from each other: when one of them stops being master, it removes it.
void CheckRouting(const Draft& draft, Faults& faults) {
  InstanceFaults found(faults);
  absl::flat_hash_map<std::string, RoutingHolder> holders;  // by place
  for (const InstanceDraft& instance : draft.instances) {
    for (size_t i = 0; i < instance.virtual_routes.size(); ++i) {
      const VirtualRoute& route = instance.config.virtual_routes[i];
      const Node* at = instance.virtual_routes[i].at;
      if (at == nullptr) continue;
      const auto [first, is_new] = holders.emplace(PlaceKey(route), RoutingHolder{&instance, at});
      if (is_new || first->second.instance == &instance) continue;
      found.Error(instance, *at,
                  absl::StrCat("virtual_routes ", Quoted(at->text()), ": ", HolderText(first->second),
                               " already has a route to it in table ", route.table, " with metric ", route.metric));
    }
    for (size_t i = 0; i < instance.virtual_rules.size(); ++i) {
      const Node* at = instance.virtual_rules[i].at;
      if (at == nullptr) continue;
      const auto [first, is_new] =
          holders.emplace(PlaceKey(instance.config.virtual_rules[i]), RoutingHolder{&instance, at});
      if (is_new || first->second.instance == &instance) continue;
      found.Error(instance, *at,
                  absl::StrCat("virtual_rules ", Quoted(at->text()), ": ", HolderText(first->second),
                               " already has this rule"));
    }
  }
}

}  // namespace dpvrrp::config_internal
