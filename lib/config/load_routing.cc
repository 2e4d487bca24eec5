// SPDX-License-Identifier: BSD-3-Clause
//
// virtual_routes and virtual_rules of instances and templates.
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "config/draft.h"
#include "config/instance_rules.h"
#include "config/routing_rules.h"
#include "config/template_routing.h"

namespace dpvrrp::config_internal {
namespace {

constexpr absl::string_view kRoutes = "virtual_routes";
constexpr absl::string_view kRules = "virtual_rules";
constexpr absl::string_view kDefaultWord = "default";
constexpr absl::string_view kDestinationForm =
    "must be a prefix such as 10.50.0.0/16 or 2001:db8:50::/48, or \"default\"";
constexpr absl::string_view kSelectorForm = "must be a prefix such as 10.99.0.0/24 or 2001:db8::/64";
constexpr int64_t kHighestMetric = UINT32_MAX;
constexpr uint32_t kUsualPriority = 1000;

constexpr Choice<Family> kFamilies[] = {{"ipv4", Family::kIpv4}, {"ipv6", Family::kIpv6}};

absl::string_view OtherFamilyFault(Family family) {
  return family == Family::kIpv4 ? "must be IPv4, as the other addresses of its entry are"
                                 : "must be IPv6, as the other addresses of its entry are";
}

// Whose entries are read. An [[instance]] has plain values only: its schema refuses tables of steps.
struct EntryOwner {
  bool is_template = false;
  size_t tags = 0;  // VLAN tags of a [[template]]
};

// Opens an address. Null `at`: it is absent, or faulty and reported.
AddressValue OpenKey(const TableReader& entry, absl::string_view key) {
  const Node* node = entry.Find(key);
  if (node == nullptr) return {};
  AddressValue value = OpenAddress(*node, entry.faults());
  RefuseDeviceKeys(value, key);
  return value;
}

// Nothing: faulty and reported.
std::optional<IpPrefix> ReadPrefix(const TableReader& entry, absl::string_view key, const Node& node,
                                   absl::string_view form) {
  const absl::StatusOr<IpPrefix> prefix = ParseIpPrefix(node.text());
  if (!prefix.ok()) {
    entry.Refuse(key, node, form);
    return std::nullopt;
  }
  const IpPrefix masked = Masked(*prefix);
  if (masked != *prefix) {
    entry.Refuse(key, node, absl::StrCat("has bits outside of its prefix length: write ", ToString(masked)));
    return std::nullopt;
  }
  return *prefix;
}

// Reads an address of a host. `first` is unspecified if it is absent, or faulty and reported.
SteppingAddress ReadHost(const TableReader& route, absl::string_view key, size_t tags) {
  const AddressValue value = OpenKey(route, key);
  SteppingAddress host{key, value.at, {}, {}};
  if (value.at == nullptr) return host;
  const absl::StatusOr<IpAddress> address = ParseIpAddress(value.at->text());
  const absl::string_view fault = address.ok() ? HostAddressFault(*address) : kSourceAddressForm;
  if (!fault.empty()) {
    route.Refuse(key, *value.at, fault);
    return host;
  }
  host.first.address = *address;
  ReadSteps(value, tags, &host);
  return host;
}

TemplatePattern ReadInterface(const TableReader& entry, absl::string_view key, const EntryOwner& owner,
                              std::string* name) {
  const Node* node = entry.Find(key);
  if (node == nullptr) return {};
  *name = node->text();
  if (owner.is_template) return ReadPattern(entry, key, node, owner.tags);
  const absl::string_view fault = InterfaceNameFault(*name);
  if (!fault.empty()) entry.Refuse(key, *node, fault);
  return {node, true};
}

SteppingNumber ReadTable(const TableReader& entry, size_t tags, uint32_t* table) {
  const SteppingNumber number = ReadNumber(entry, "table", TableFault, tags);
  if (number.at != nullptr) *table = static_cast<uint32_t>(number.first);
  return number;
}

// `default` has the family of the other addresses.
IpPrefix DefaultRoute(const TableReader& route, const Node& to, const VirtualRoute& config) {
  const IpAddress& model = config.via.IsUnspecified() ? config.src : config.via;
  if (model.IsUnspecified() && !route.Has("via") && !route.Has("src")) {
    route.Refuse("to", to, "needs via or src: write 0.0.0.0/0 or ::/0 instead");
  }
  return {model.is_v4() ? IpAddress() : IpAddress::V6({}), 0};
}

// via and src are read.
SteppingAddress ReadDestination(const TableReader& route, size_t tags, const VirtualRoute& config) {
  const AddressValue value = OpenKey(route, "to");
  SteppingAddress to{"to", value.at, {}, {}};
  if (value.at == nullptr) return to;
  if (value.at->text() == kDefaultWord) {
    to.first = DefaultRoute(route, *value.at, config);
  } else if (const auto prefix = ReadPrefix(route, "to", *value.at, kDestinationForm)) {
    to.first = *prefix;
  } else {
    return to;
  }
  if (to.first.length == 0) {
    RefuseSteps(value, "a default route has no steps");
  } else {
    ReadSteps(value, tags, &to);
  }
  return to;
}

void CheckRoute(const TableReader& route, const RouteSteps& steps) {
  const Family family = steps.to.first.address.family();
  for (const SteppingAddress* address : {&steps.via, &steps.src}) {
    if (address->at == nullptr || address->first.address.family() == family) continue;
    route.Refuse(address->key, *address->at, OtherFamilyFault(family));
  }
  const absl::string_view fault = GatewayFault(steps.via.first.address, route.Has("device"));
  if (!fault.empty()) route.Refuse("via", *steps.via.at, fault);
}

// Null nodes: faulty, and that is reported.
RoutingNodes ReadRoute(const Node& node, const EntryOwner& owner, Faults& faults, VirtualRoute* out,
                       RouteSteps* steps) {
  const size_t errors = faults.errors();
  const TableReader route(node, owner.is_template ? kTemplateRouteRule : kVirtualRouteRule, faults);
  steps->via = ReadHost(route, "via", owner.tags);
  steps->src = ReadHost(route, "src", owner.tags);
  out->via = steps->via.first.address;
  out->src = steps->src.first.address;
  steps->device = ReadInterface(route, "device", owner, &out->device);
  steps->table = ReadTable(route, owner.tags, &out->table);
  steps->to = ReadDestination(route, owner.tags, *out);
  out->to = steps->to.first;
  if (!route.Has("via") && !route.Has("device")) faults.Error(node.at, "virtual_routes: needs via or device");
  if (faults.errors() == errors) CheckRoute(route, *steps);
  if (const auto metric = route.Integer("metric", {0, kHighestMetric})) out->metric = static_cast<uint32_t>(*metric);
  if (!out->to.address.is_v4() && out->metric == 0) out->metric = kDefaultIpv6Metric;
  if (faults.errors() != errors) return {};
  return {steps->to.at, steps->device.at};
}

// A rule has the family of its addresses. Without addresses it must be given.
void ReadFamily(const TableReader& rule, VirtualRule* out) {
  const std::optional<Family> given = rule.Choose("family", kFamilies);
  const bool has_address = rule.Has("from") || rule.Has("to");
  if (!has_address && !rule.Has("family")) {
    rule.faults().Error(rule.at(), "virtual_rules: needs family with iif alone, \"ipv4\" or \"ipv6\"");
  }
  if (!has_address && given) out->family = *given;
  if (has_address && given && *given != out->family) {
    rule.Refuse("family", *rule.Find("family"), "is not the family of its addresses");
  }
}

// The family of its addresses must be the one that the rule has so far. Nothing: any family.
SteppingAddress ReadSelector(const TableReader& rule, absl::string_view key, size_t tags,
                             std::optional<Family>* family) {
  const AddressValue value = OpenKey(rule, key);
  SteppingAddress selector{key, value.at, {{}, 0}, {}};
  if (value.at == nullptr) return selector;
  const std::optional<IpPrefix> prefix = ReadPrefix(rule, key, *value.at, kSelectorForm);
  if (!prefix) return selector;
  if (prefix->length == 0) {
    rule.Refuse(key, *value.at, "selects every packet: leave it out");
  } else if (*family && **family != prefix->address.family()) {
    rule.Refuse(key, *value.at, OtherFamilyFault(**family));
  } else {
    selector.first = *prefix;
    *family = prefix->address.family();
    ReadSteps(value, tags, &selector);
  }
  return selector;
}

// Null nodes: faulty, and that is reported.
RoutingNodes ReadRule(const Node& node, const EntryOwner& owner, Faults& faults, VirtualRule* out, RuleSteps* steps) {
  const size_t errors = faults.errors();
  const TableReader rule(node, owner.is_template ? kTemplateRuleRule : kVirtualRuleRule, faults);
  std::optional<Family> family;
  steps->from = ReadSelector(rule, "from", owner.tags, &family);
  steps->to = ReadSelector(rule, "to", owner.tags, &family);
  out->from = steps->from.first;
  out->to = steps->to.first;
  if (family) out->family = *family;
  steps->iif = ReadInterface(rule, "iif", owner, &out->iif);
  steps->table = ReadTable(rule, owner.tags, &out->table);
  steps->priority = ReadNumber(rule, "priority", RulePriorityFault, owner.tags);
  out->priority = steps->priority.at == nullptr ? kUsualPriority : static_cast<uint32_t>(steps->priority.first);
  if (!rule.Has("from") && !rule.Has("to") && !rule.Has("iif")) {
    faults.Error(node.at, "virtual_rules: needs from, to or iif");
  } else if (faults.errors() == errors) {
    ReadFamily(rule, out);
  }
  if (faults.errors() != errors) return {};
  for (const Node* at : {steps->from.at, steps->to.at, steps->iif.at}) {
    if (at != nullptr) return {at, steps->iif.at};
  }
  return {};
}

// Reads a list. An entry that is already in it is reported. Of the entries of a [[template]], those of the first
// instance are compared here.
template <typename T, typename S, typename Read>
void ReadEntries(const TableReader& reader, absl::string_view key, Read read, std::vector<T>* entries,
                 std::vector<RoutingNodes>* nodes, std::vector<S>* steps) {
  const Node* list = reader.Find(key);
  if (list == nullptr) return;
  if (list->items().size() > kMaxVirtualRoutes) {
    return reader.faults().Error(
        list->at, absl::StrCat(key, ": must be at most ", kMaxVirtualRoutes, ", got ", list->items().size()));
  }
  for (const Node* item : reader.Items(key, kTable, "a list of tables")) {
    T entry;
    const RoutingNodes read_from = read(*item, &entry, &steps->emplace_back());
    for (size_t i = 0; read_from.at != nullptr && i < entries->size(); ++i) {
      if ((*nodes)[i].at == nullptr || PlaceKey((*entries)[i]) != PlaceKey(entry)) continue;
      reader.Refuse(key, *read_from.at, absl::StrCat("is already given in line ", (*nodes)[i].at->at.line));
      break;
    }
    entries->push_back(std::move(entry));
    nodes->push_back(read_from);
  }
}

RoutingSteps ReadAllEntries(const TableReader& reader, const EntryOwner& owner, InstanceDraft* instance) {
  RoutingSteps steps;
  Faults& faults = reader.faults();
  const auto read_route = [&](const Node& node, VirtualRoute* out, RouteSteps* of_route) {
    return ReadRoute(node, owner, faults, out, of_route);
  };
  const auto read_rule = [&](const Node& node, VirtualRule* out, RuleSteps* of_rule) {
    return ReadRule(node, owner, faults, out, of_rule);
  };
  InstanceConfig& config = instance->config;
  ReadEntries(reader, kRoutes, read_route, &config.virtual_routes, &instance->virtual_routes, &steps.routes);
  ReadEntries(reader, kRules, read_rule, &config.virtual_rules, &instance->virtual_rules, &steps.rules);
  return steps;
}

}  // namespace

void ReadRouting(const TableReader& reader, InstanceDraft* instance) { ReadAllEntries(reader, {}, instance); }

RoutingSteps ReadTemplateRouting(const TableReader& reader, size_t tags, InstanceDraft* prototype) {
  return ReadAllEntries(reader, {true, tags}, prototype);
}

}  // namespace dpvrrp::config_internal
