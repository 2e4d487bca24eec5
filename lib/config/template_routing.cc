// SPDX-License-Identifier: BSD-3-Clause
#include "config/template_routing.h"

#include "absl/strings/str_cat.h"
#include "config/instance_rules.h"
#include "config/routing_rules.h"

namespace dpvrrp::config_internal {
namespace {

// Makes the values of one instance. A value that does not change has been checked when it was read.
class RoutingMaker {
 public:
  RoutingMaker(const TemplatePoint& point, ValueCheck check) : point_(point), check_(check) {}

  void Make(const RouteSteps& from, VirtualRoute* route) const {
    MakePrefix(from.to, &route->to);
    MakeHost(from.via, &route->via);
    MakeHost(from.src, &route->src);
    MakeNumber(from.table, TableFault, &route->table);
    MakeInterface("device", from.device, &route->device);
    if (from.via.steps.any()) {
      check_("via", *from.via.at, ToString(route->via), GatewayFault(route->via, from.device.at != nullptr));
    }
  }

  void Make(const RuleSteps& from, VirtualRule* rule) const {
    MakePrefix(from.from, &rule->from);
    MakePrefix(from.to, &rule->to);
    MakeInterface("iif", from.iif, &rule->iif);
    MakeNumber(from.table, TableFault, &rule->table);
    MakeNumber(from.priority, RulePriorityFault, &rule->priority);
  }

 private:
  // Nothing: it does not change, or the steps exceed the range, and that is reported.
  std::optional<IpAddress> Step(const SteppingAddress& from) const {
    if (!from.steps.any()) return std::nullopt;
    const std::optional<IpAddress> address = from.At(point_);
    if (!address) check_(from.key, *from.at, from.at->text(), from.RangeFault());
    return address;
  }

  void MakePrefix(const SteppingAddress& from, IpPrefix* prefix) const {
    const std::optional<IpAddress> address = Step(from);
    if (!address) return;
    *prefix = {*address, from.first.length};
    if (Masked(*prefix) == *prefix) return;
    check_(from.key, *from.at, ToString(*prefix),
           absl::StrCat("has bits outside of its prefix length: its steps must be multiples of ",
                        ToString(PrefixDistance(address->family(), prefix->length))));
  }

  void MakeHost(const SteppingAddress& from, IpAddress* host) const {
    const std::optional<IpAddress> address = Step(from);
    if (!address) return;
    *host = *address;
    check_(from.key, *from.at, ToString(*host), HostAddressFault(*host));
  }

  void MakeNumber(const SteppingNumber& from, absl::string_view (*fault)(int64_t), uint32_t* number) const {
    if (!from.steps.any()) return;
    const int64_t stepped = from.At(point_);
    check_(from.key, *from.at, absl::StrCat(stepped), fault(stepped));
    *number = static_cast<uint32_t>(stepped);
  }

  void MakeInterface(absl::string_view key, const TemplatePattern& from, std::string* name) const {
    if (from.at == nullptr) return;
    *name = from.Fill(point_);
    check_(key, *from.at, *name, InterfaceNameFault(*name));
  }

  const TemplatePoint& point_;
  ValueCheck check_;
};

}  // namespace

void MakeRouting(const RoutingSteps& from, const TemplatePoint& point, ValueCheck check, InstanceConfig* config) {
  const RoutingMaker maker(point, check);
  for (size_t i = 0; i < from.routes.size(); ++i) maker.Make(from.routes[i], &config->virtual_routes[i]);
  for (size_t i = 0; i < from.rules.size(); ++i) maker.Make(from.rules[i], &config->virtual_rules[i]);
}

}  // namespace dpvrrp::config_internal
