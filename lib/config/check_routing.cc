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

// The value that a message is about. That of a [[template]] may differ from the text of the file.
std::string RouteText(const InstanceDraft& instance, size_t i) {
  if (!instance.generated) return instance.virtual_routes[i].at->text();
  return ToString(instance.config.virtual_routes[i].to);
}

std::string RuleText(const InstanceDraft& instance, size_t i) {
  if (!instance.generated) return instance.virtual_rules[i].at->text();
  const VirtualRule& rule = instance.config.virtual_rules[i];
  if (rule.from.length != 0) return ToString(rule.from);
  return rule.to.length != 0 ? ToString(rule.to) : rule.iif;
}

}  // namespace

// Two masters would take the route or the rule from each other: when one of them stops being master, it removes it. The
// entries of one [[instance]] differ, but those of a [[template]] may be alike after their steps.
void CheckRouting(const Draft& draft, Faults& faults) {
  InstanceFaults found(faults);
  absl::flat_hash_map<std::string, RoutingHolder> holders;  // by place
  for (const InstanceDraft& instance : draft.instances) {
    // The entry that already has this place. Null: the place was free, or ReadRouting() has reported it.
    const auto holder = [&](const RoutingEntry& entry, const Node* at) -> const RoutingHolder* {
      if (at == nullptr) return nullptr;
      const auto [first, is_new] = holders.emplace(PlaceKey(entry), RoutingHolder{&instance, at});
      const bool reported = first->second.instance == &instance && !instance.generated;
      return is_new || reported ? nullptr : &first->second;
    };
    const auto refuse = [&](absl::string_view key, const Node& at, absl::string_view value, const RoutingHolder& first,
                            absl::string_view has) {
      found.Error(
          instance, at,
          absl::StrCat(key, " ", Quoted(value), ": ",
                       first.instance == &instance ? absl::StrCat("is already given in line ", first.at->at.line)
                                                   : absl::StrCat(HolderText(first), " already has ", has)));
    };
    for (size_t i = 0; i < instance.virtual_routes.size(); ++i) {
      const VirtualRoute& route = instance.config.virtual_routes[i];
      const Node* at = instance.virtual_routes[i].at;
      if (const RoutingHolder* first = holder(route, at)) {
        refuse("virtual_routes", *at, RouteText(instance, i), *first,
               absl::StrCat("a route to it in table ", route.table, " with metric ", route.metric));
      }
    }
    for (size_t i = 0; i < instance.virtual_rules.size(); ++i) {
      const Node* at = instance.virtual_rules[i].at;
      if (const RoutingHolder* first = holder(instance.config.virtual_rules[i], at)) {
        refuse("virtual_rules", *at, RuleText(instance, i), *first, "this rule");
      }
    }
  }
}

}  // namespace dpvrrp::config_internal
