// SPDX-License-Identifier: BSD-3-Clause
//
// virtual_routes and virtual_rules, in the words of `ip route` and `ip rule`.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "config/instance_rules.h"
#include "keepalived/addresses.h"

namespace dpvrrp::keepalived {
namespace {

// The words of one line. Each reader takes what it knows; `fault` is the first thing that it does not.
class Line {
 public:
  Line(const Context& context, const Statement& statement) : context_(context), statement_(statement) {}

  bool done() const { return at_ >= statement_.words.size() || !fault.empty(); }
  std::string Next() { return at_ < statement_.words.size() ? statement_.words[at_++] : ""; }

  std::optional<IpAddress> Address(absl::string_view word) {
    const absl::StatusOr<IpAddress> address = ParseIpAddress(Next());
    if (!address.ok()) fault = absl::StrCat(word, " must be an address");
    return address.ok() ? std::optional(*address) : std::nullopt;
  }

  std::optional<uint32_t> Number(absl::string_view word) {
    uint32_t number = 0;
    const std::string text = Next();
    if (absl::SimpleAtoi(text, &number) || (absl::StartsWith(text, "0x") && absl::SimpleHexAtoi(text, &number)))
      return number;
    fault = absl::StrCat(word, " must be a number");
    return std::nullopt;
  }

  // A routing table by number or name.
  std::optional<uint32_t> Table() {
    const std::string text = Next();
    uint32_t number = 0;
    if (text == "main") return 254;
    if (text == "default") return 253;
    const std::optional<uint32_t> known = context_.host.table ? context_.host.table(text) : std::nullopt;
    if (known) number = *known;
    if (!known && !absl::SimpleAtoi(text, &number)) {
      fault = absl::StrCat("the number of table '", text, "' is not known: write the number");
    } else if (number == 0 || number == 255) {
      fault = "table local cannot have virtual routes";
    }
    return number;
  }

  void Fail(std::string reason) {
    if (fault.empty()) fault = std::move(reason);
  }

  std::string fault;
  std::vector<std::string> dropped;

 private:
  const Context& context_;
  const Statement& statement_;
  size_t at_ = 0;
};

void SayDropped(const Context& context, const Statement& statement, const Line& line) {
  for (const std::string& word : line.dropped)
    context.notes.Add(statement, Verdict::kChanged, absl::StrCat("without ", word));
}

struct Route {
  std::string to, device;  // `to` as it is written
  std::optional<IpAddress> via, src;
  std::optional<uint32_t> table, metric;
};

bool IsOneOf(absl::string_view word, std::initializer_list<absl::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void ReadRouteWord(const std::string& word, Line* line, Route* route) {
  if (IsOneOf(word, {"to", "unicast", "inet", "inet6", "add", "append", "prepend"})) return;
  if (IsOneOf(word, {"via", "gw"})) {
    std::string text = line->Next();
    if (IsOneOf(text, {"inet", "inet6"})) text = line->Next();
    const absl::StatusOr<IpAddress> address = ParseIpAddress(text);
    if (!address.ok()) return line->Fail("via must be an address");
    route->via = *address;
  } else if (word == "dev") {
    route->device = line->Next();
    if (!IsInterface(route->device)) line->Fail("dev must be an interface");
  } else if (word == "src") {
    route->src = line->Address(word);
  } else if (word == "table") {
    route->table = line->Table();
  } else if (IsOneOf(word, {"metric", "priority", "preference"})) {
    route->metric = line->Number(word);
  } else if (word == "no_track") {
    line->dropped.push_back(word);
  } else if (IsOneOf(word, {"scope", "proto", "protocol"})) {
    line->dropped.push_back(word);
    line->Next();
  } else if (word == "default" && route->to.empty()) {
    route->to = word;
  } else if (route->to.empty() && ParseIpPrefix(word).ok()) {
    route->to = word;
  } else {
    line->Fail(absl::StrCat("'", word, "' of a route is not supported"));
  }
}

// Whether an address has bits behind its prefix length, which the kernel refuses.
bool HasHostBits(const IpPrefix& prefix) {
  const IpAddress::Bytes bytes = prefix.address.bytes();
  for (size_t bit = prefix.length; bit < prefix.address.size() * 8; ++bit) {
    if ((bytes[bit / 8] >> (7 - bit % 8) & 1) != 0) return true;
  }
  return false;
}

std::string PrefixFault(absl::string_view word, const std::string& text) {
  const absl::StatusOr<IpPrefix> prefix = ParseIpPrefix(text);
  if (!prefix.ok()) return absl::StrCat(word, " must be a prefix");
  return HasHostBits(*prefix) ? absl::StrCat("'", text, "' has bits outside of its prefix length") : "";
}

constexpr const char* kTooMany = "an instance has at most 255 of them";
constexpr size_t kMostEntries = 255;
constexpr uint32_t kIpv6Metric = 1024;    // of a route without a metric
constexpr uint32_t kRulePriority = 1000;  // of a rule without a priority

// The destination; `default` has the family of its addresses. Requires a route without a fault.
IpPrefix Destination(const Route& route) {
  if (route.to != "default") return *ParseIpPrefix(route.to);
  const bool is_v4 = (route.via ? *route.via : *route.src).is_v4();
  return *ParseIpPrefix(is_v4 ? "0.0.0.0/0" : "::/0");
}

// Two routes with the same key are one route for the kernel.
std::string RouteKey(const Route& route) {
  const IpPrefix to = Destination(route);
  uint32_t metric = route.metric.value_or(0);
  if (!to.address.is_v4() && metric == 0) metric = kIpv6Metric;
  return absl::StrCat("route ", ToString(to), " ", route.table.value_or(254), " ", metric);
}

std::string RouteFault(const Route& route) {
  if (route.to.empty()) return "a route needs a destination";
  if (!route.via && route.device.empty()) return "a route needs via or dev";
  if (route.via && route.via->IsLinkLocalV6() && route.device.empty()) return "a link-local gateway needs dev";
  if (route.to == "default" && !route.via && !route.src)
    return "write 0.0.0.0/0 or ::/0: there is no address that shows the family";
  const std::string fault = route.to == "default" ? "" : PrefixFault("the destination", route.to);
  if (!fault.empty()) return fault;
  const Family family = Destination(route).address.family();
  for (const auto& [word, address] : {std::pair("via", route.via), std::pair("src", route.src)}) {
    if (!address) continue;
    if (address->family() != family) return absl::StrCat(word, " is not of the family of the destination");
    if (!config_internal::HostAddressFault(*address).empty())
      return absl::StrCat(word, " must be the address of a host");
  }
  return "";
}

struct Rule {
  std::optional<IpPrefix> from, to;
  std::string iif;
  std::optional<Family> family;  // as the words say; absent: they do not
  std::optional<uint32_t> table, priority;

  Family family_here() const {
    if (from) return from->address.family();
    return to ? to->address.family() : family.value_or(Family::kIpv4);
  }
};

// from PREFIX, to PREFIX. All addresses are no condition.
std::optional<IpPrefix> ReadSelector(const std::string& word, Line* line) {
  const std::string text = line->Next();
  if (text == "all" || text == "any" || text == "default") return std::nullopt;
  const std::string fault = PrefixFault(word, text);
  if (!fault.empty()) line->Fail(fault);
  const absl::StatusOr<IpPrefix> prefix = ParseIpPrefix(text);
  return prefix.ok() && prefix->length != 0 ? std::optional(*prefix) : std::nullopt;
}

void ReadRuleWord(const std::string& word, Line* line, Rule* rule) {
  if (word == "from" || word == "to") {
    (word == "from" ? rule->from : rule->to) = ReadSelector(word, line);
  } else if (word == "iif" || (word == "dev" && rule->iif.empty())) {
    rule->iif = line->Next();
    if (!IsInterface(rule->iif)) line->Fail(absl::StrCat(word, " must be an interface"));
  } else if (word == "table" || word == "lookup") {
    rule->table = line->Table();
  } else if (IsOneOf(word, {"priority", "preference", "pref", "order"})) {
    rule->priority = line->Number(word);
    if (rule->priority == 0u) line->Fail(absl::StrCat(word, " must be 1 or more"));
  } else if (word == "inet" || word == "inet6") {
    rule->family = word == "inet" ? Family::kIpv4 : Family::kIpv6;
  } else if (word == "no_track") {
    line->dropped.push_back(word);
  } else {
    line->Fail(absl::StrCat("'", word, "' of a rule is not supported"));
  }
}

std::string RuleFault(const Rule& rule) {
  if (!rule.table) return "a rule needs a table";
  if (!rule.from && !rule.to && rule.iif.empty()) return "a rule needs from, to or iif";
  if (rule.from && rule.to && rule.from->address.family() != rule.to->address.family())
    return "from and to are not of one family";
  if (rule.family && *rule.family != rule.family_here()) return "its addresses are not of the family that it names";
  return "";
}

// Two rules with the same key are one rule for the kernel.
std::string RuleKey(const Rule& rule) {
  const auto text = [](const std::optional<IpPrefix>& prefix) { return prefix ? ToString(*prefix) : "all"; };
  return absl::StrCat("rule ", rule.family_here() == Family::kIpv4 ? 4 : 6, " ", text(rule.from), " ", text(rule.to),
                      " ", rule.iif, " ", *rule.table, " ", rule.priority.value_or(kRulePriority));
}

std::string RuleValue(const Rule& rule) {
  std::string value = "{";
  const auto append = [&](absl::string_view key, const std::string& text) {
    absl::StrAppend(&value, value.size() == 1 ? " " : ", ", key, " = ", text);
  };
  if (rule.from) append("from", TomlString(ToString(*rule.from)));
  if (rule.to) append("to", TomlString(ToString(*rule.to)));
  if (!rule.iif.empty()) append("iif", TomlString(rule.iif));
  if (!rule.from && !rule.to) append("family", rule.family_here() == Family::kIpv4 ? "\"ipv4\"" : "\"ipv6\"");
  append("table", absl::StrCat(*rule.table));
  if (rule.priority) append("priority", absl::StrCat(*rule.priority));
  return absl::StrCat(value, " }");
}

}  // namespace

std::vector<TomlItem> RouteItems(const Context& context, const Prepared& instance, std::set<std::string>* taken) {
  std::vector<TomlItem> items;
  for (const Statement* statement : instance.from->routes) {
    Line line(context, *statement);
    Route route;
    while (!line.done()) ReadRouteWord(line.Next(), &line, &route);
    if (line.fault.empty()) line.fault = RouteFault(route);
    if (line.fault.empty() && items.size() == kMostEntries) line.fault = kTooMany;
    if (line.fault.empty() && !taken->insert(RouteKey(route)).second)
      line.fault = "another route has this destination, table and metric";
    if (!line.fault.empty()) {
      context.notes.Say(*statement, Verdict::kUnsupported, line.fault);
      continue;
    }
    std::string value = absl::StrCat("{ to = \"", route.to, "\"");
    if (route.via) absl::StrAppend(&value, ", via = \"", ToString(*route.via), "\"");
    if (!route.device.empty()) absl::StrAppend(&value, ", device = ", TomlString(route.device));
    if (route.src) absl::StrAppend(&value, ", src = \"", ToString(*route.src), "\"");
    if (route.table && *route.table != 254) absl::StrAppend(&value, ", table = ", *route.table);
    if (route.metric) absl::StrAppend(&value, ", metric = ", *route.metric);
    SayDropped(context, *statement, line);
    items.push_back(ItemOf(absl::StrCat(value, " }"), statement));
  }
  return items;
}

std::vector<TomlItem> RuleItems(const Context& context, const Prepared& instance, std::set<std::string>* taken) {
  std::vector<TomlItem> items;
  for (const Statement* statement : instance.from->rules) {
    Line line(context, *statement);
    Rule rule;
    while (!line.done()) ReadRuleWord(line.Next(), &line, &rule);
    if (line.fault.empty()) line.fault = RuleFault(rule);
    if (line.fault.empty() && items.size() == kMostEntries) line.fault = kTooMany;
    if (line.fault.empty() && !taken->insert(RuleKey(rule)).second) line.fault = "another rule is the same";
    if (!line.fault.empty()) {
      context.notes.Say(*statement, Verdict::kUnsupported, line.fault);
      continue;
    }
    if (!rule.priority) context.notes.Add(*statement, Verdict::kChanged, "the priority is 1000");
    SayDropped(context, *statement, line);
    items.push_back(ItemOf(RuleValue(rule), statement));
  }
  return items;
}

}  // namespace dpvrrp::keepalived
