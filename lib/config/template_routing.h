// SPDX-License-Identifier: BSD-3-Clause
//
// Routes and rules of a [[template]]: what changes in them from instance to instance.
//
// Thread: control.
#pragma once

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "config/draft.h"
#include "config/stepping_address.h"
#include "config/stepping_number.h"
#include "config/template_pattern.h"

namespace dpvrrp::config_internal {

// The keys of one entry. Of an absent key `at` is null, and it does not change.
struct RouteSteps {
  SteppingAddress to, via, src;
  SteppingNumber table;
  TemplatePattern device;
};
struct RuleSteps {
  SteppingAddress from, to;
  SteppingNumber table, priority;
  TemplatePattern iif;
};
struct RoutingSteps {
  std::vector<RouteSteps> routes;  // one for each of the instance's
  std::vector<RuleSteps> rules;    // likewise
};

// Reads virtual_routes and virtual_rules of a template that has `tags` VLAN tags. `prototype` gets those of the first
// instance, with the patterns of its devices.
RoutingSteps ReadTemplateRouting(const TableReader& reader, size_t tags, InstanceDraft* prototype);

// Receives each value of an instance with the rule that it breaks, which may be empty.
using ValueCheck =
    absl::FunctionRef<void(absl::string_view key, const Node& node, absl::string_view value, absl::string_view fault)>;
// Changes the prototype's routes and rules in `config` to those of one instance.
void MakeRouting(const RoutingSteps& from, const TemplatePoint& point, ValueCheck check, InstanceConfig* config);

}  // namespace dpvrrp::config_internal
