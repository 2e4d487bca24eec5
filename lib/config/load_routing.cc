// SPDX-License-Identifier: BSD-3-Clause
//
// virtual_routes and virtual_rules of instances and templates.
#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "config/draft.h"
#include "config/instance_rules.h"

namespace dpvrrp::config_internal {
namespace {

constexpr absl::string_view kRoutes = "virtual_routes";
constexpr absl::string_view kRules = "virtual_rules";
constexpr absl::string_view kDefaultWord = "default";
constexpr absl::string_view kDestinationForm =
    "must be a prefix such as 10.50.0.0/16 or 2001:db8:50::/48, or \"default\"";
constexpr absl::string_view kSelectorForm = "must be a prefix such as 10.99.0.0/24 or 2001:db8::/64";
constexpr int64_t kHighestNumber = UINT32_MAX;
constexpr uint32_t kUsualPriority = 1000;
constexpr uint32_t kLocalTable = 255;  // RT_TABLE_LOCAL

constexpr Choice<Family> kFamilies[] = {{"ipv4", Family::kIpv4}, {"ipv6", Family::kIpv6}};

absl::string_view OtherFamilyFault(Family family) {
  return family == Family::kIpv4 ? "must be IPv4, as the other addresses of its entry are"
                                 : "must be IPv6, as the other addresses of its entry are";
}

// The prefix without the bits that are outside of its length.
IpPrefix Masked(const IpPrefix& prefix) {
  IpAddress::Bytes bytes = prefix.address.bytes();
  for (size_t i = 0; i < prefix.address.size(); ++i) {
    const int kept = std::clamp(prefix.length - static_cast<int>(8 * i), 0, 8);
    bytes[i] = static_cast<uint8_t>(bytes[i] & (0xff00 >> kept));
  }
  if (!prefix.address.is_v4()) return {IpAddress::V6(bytes), prefix.length};
  return {IpAddress::V4(static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
                        static_cast<uint32_t>(bytes[2]) << 8 | bytes[3]),
          prefix.length};
}

// Reads a prefix. Nothing: it is absent, or faulty and reported.
std::optional<IpPrefix> ReadPrefix(const TableReader& entry, absl::string_view key, absl::string_view form) {
  const Node* node = entry.Find(key);
  if (node == nullptr) return std::nullopt;
  const absl::StatusOr<IpPrefix> prefix = ParseIpPrefix(node->text());
  if (!prefix.ok()) {
    entry.Refuse(key, *node, form);
    return std::nullopt;
  }
  const IpPrefix masked = Masked(*prefix);
  if (masked != *prefix) {
    entry.Refuse(key, *node, absl::StrCat("has bits outside of its prefix length: write ", ToString(masked)));
    return std::nullopt;
  }
  return *prefix;
}

// Reads an address of a host. Unspecified: it is absent, or faulty and reported.
IpAddress ReadAddressOf(const TableReader& route, absl::string_view key) {
  const Node* node = route.Find(key);
  if (node == nullptr) return {};
  const absl::StatusOr<IpAddress> address = ParseIpAddress(node->text());
  const absl::string_view fault = address.ok() ? HostAddressFault(*address) : kSourceAddressForm;
  if (fault.empty()) return *address;
  route.Refuse(key, *node, fault);
  return {};
}

void ReadInterface(const TableReader& entry, absl::string_view key, bool is_pattern, std::string* name) {
  const Node* node = entry.Find(key);
  if (node == nullptr) return;
  *name = node->text();
  const absl::string_view fault = is_pattern ? "" : InterfaceNameFault(*name);
  if (!fault.empty()) entry.Refuse(key, *node, fault);
}

void ReadTable(const TableReader& entry, uint32_t* table) {
  const auto number = entry.Integer("table", {1, kHighestNumber});
  if (!number) return;
  *table = static_cast<uint32_t>(*number);
  if (*table == kLocalTable)
    entry.Refuse("table", *entry.Find("table"), "is the kernel's own table of local addresses");
}

// `default` has the family of the other addresses.
void ReadDestination(const TableReader& route, VirtualRoute* out) {
  const Node* to = route.Find("to");
  if (to == nullptr) return;
  if (to->text() != kDefaultWord) {
    if (const auto prefix = ReadPrefix(route, "to", kDestinationForm)) out->to = *prefix;
    return;
  }
  const IpAddress& model = out->via.IsUnspecified() ? out->src : out->via;
  if (model.IsUnspecified() && !route.Has("via") && !route.Has("src")) {
    route.Refuse("to", *to, "needs via or src: write 0.0.0.0/0 or ::/0 instead");
  }
  out->to = {model.is_v4() ? IpAddress() : IpAddress::V6({}), 0};
}

void CheckRoute(const TableReader& route, const VirtualRoute& config) {
  const Family family = config.to.address.family();
  for (const absl::string_view key : {"via", "src"}) {
    const IpAddress& address = key == "via" ? config.via : config.src;
    if (address.IsUnspecified() || address.family() == family) continue;
    route.Refuse(key, *route.Find(key), OtherFamilyFault(family));
  }
  if (config.via.IsLinkLocalV6() && !route.Has("device")) {
    route.Refuse("via", *route.Find("via"), "is link-local, so it needs a device");
  }
}

// Null nodes: faulty, and that is reported.
RoutingNodes ReadRoute(const Node& node, bool are_patterns, Faults& faults, VirtualRoute* out) {
  const size_t errors = faults.errors();
  const TableReader route(node, kVirtualRouteRule, faults);
  out->via = ReadAddressOf(route, "via");
  out->src = ReadAddressOf(route, "src");
  ReadInterface(route, "device", are_patterns, &out->device);
  ReadTable(route, &out->table);
  ReadDestination(route, out);
  if (!route.Has("via") && !route.Has("device")) faults.Error(node.at, "virtual_routes: needs via or device");
  if (faults.errors() == errors) CheckRoute(route, *out);
  if (const auto metric = route.Integer("metric", {0, kHighestNumber})) out->metric = static_cast<uint32_t>(*metric);
  if (!out->to.address.is_v4() && out->metric == 0) out->metric = kDefaultIpv6Metric;
  if (faults.errors() != errors) return {};
  return {route.Find("to"), route.Find("device")};
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

void ReadSelectors(const TableReader& rule, VirtualRule* out) {
  std::optional<Family> family;
  for (const absl::string_view key : {"from", "to"}) {
    const std::optional<IpPrefix> prefix = ReadPrefix(rule, key, kSelectorForm);
    if (!prefix) continue;
    if (prefix->length == 0) {
      rule.Refuse(key, *rule.Find(key), "selects every packet: leave it out");
      continue;
    }
    if (family && *family != prefix->address.family()) {
      rule.Refuse(key, *rule.Find(key), OtherFamilyFault(*family));
      continue;
    }
    family = out->family = prefix->address.family();
    (key == "from" ? out->from : out->to) = *prefix;
  }
}

// Null nodes: faulty, and that is reported.
RoutingNodes ReadRule(const Node& node, bool are_patterns, Faults& faults, VirtualRule* out) {
  const size_t errors = faults.errors();
  const TableReader rule(node, kVirtualRuleRule, faults);
  ReadSelectors(rule, out);
  ReadInterface(rule, "iif", are_patterns, &out->iif);
  ReadTable(rule, &out->table);
  out->priority = kUsualPriority;
  if (const auto priority = rule.Integer("priority", {1, kHighestNumber})) {
    out->priority = static_cast<uint32_t>(*priority);
  }
  if (!rule.Has("from") && !rule.Has("to") && !rule.Has("iif")) {
    faults.Error(node.at, "virtual_rules: needs from, to or iif");
  } else if (faults.errors() == errors) {
    ReadFamily(rule, out);
  }
  if (faults.errors() != errors) return {};
  for (const absl::string_view key : {"from", "to", "iif"}) {
    if (rule.Find(key) != nullptr) return {rule.Find(key), rule.Find("iif")};
  }
  return {};
}

// Reads a list. An entry that is already in it is reported.
template <typename T, typename Read>
void ReadEntries(const TableReader& reader, absl::string_view key, Read read, std::vector<T>* entries,
                 std::vector<RoutingNodes>* nodes) {
  const Node* list = reader.Find(key);
  if (list == nullptr) return;
  if (list->items().size() > kMaxVirtualRoutes) {
    return reader.faults().Error(
        list->at, absl::StrCat(key, ": must be at most ", kMaxVirtualRoutes, ", got ", list->items().size()));
  }
  for (const Node* item : reader.Items(key, kTable, "a list of tables")) {
    T entry;
    const RoutingNodes read_from = read(*item, &entry);
    for (size_t i = 0; read_from.at != nullptr && i < entries->size(); ++i) {
      if ((*nodes)[i].at == nullptr || PlaceKey((*entries)[i]) != PlaceKey(entry)) continue;
      reader.Refuse(key, *read_from.at, absl::StrCat("is already given in line ", (*nodes)[i].at->at.line));
      break;
    }
    entries->push_back(std::move(entry));
    nodes->push_back(read_from);
  }
}

}  // namespace

void ReadRouting(const TableReader& reader, bool are_patterns, InstanceDraft* instance) {
  Faults& faults = reader.faults();
  ReadEntries(
      reader, kRoutes, [&](const Node& node, VirtualRoute* out) { return ReadRoute(node, are_patterns, faults, out); },
      &instance->config.virtual_routes, &instance->virtual_routes);
  ReadEntries(
      reader, kRules, [&](const Node& node, VirtualRule* out) { return ReadRule(node, are_patterns, faults, out); },
      &instance->config.virtual_rules, &instance->virtual_rules);
}

}  // namespace dpvrrp::config_internal
