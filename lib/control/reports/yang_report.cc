// SPDX-License-Identifier: BSD-3-Clause
#include "control/reports/yang_report.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "control/instances/router_builder.h"
#include "control/questions/answers.h"
#include "control/reports/figures.h"
#include "control/reports/last_answer.h"
#include "observe/json_text.h"

namespace dpvrrp {
namespace {

constexpr size_t kMaxModelIpv4 = 16;  // max-elements of virtual-ipv4-address
constexpr size_t kMaxModelIpv6 = 2;   // and of virtual-ipv6-address

// An instance as it runs, or null `instance` for one that was not started.
struct Shown {
  const InstanceConfig* config = nullptr;
  const ManagedInstance* instance = nullptr;
};

struct Interface {
  std::vector<Shown> ipv4;
  std::vector<Shown> ipv6;
};
using Interfaces = std::map<SegmentName, Interface>;

Interfaces InterfacesOf(View& view) {
  Interfaces interfaces;
  const auto add = [&](const InstanceConfig& config, const ManagedInstance* instance) {
    Interface& interface = interfaces[{config.port, config.vlan}];
    (config.source_address.is_v4() ? interface.ipv4 : interface.ipv6).push_back({&config, instance});
  };
  for (const auto& [name, instance] : view.registry.instances()) {
    if (IsShown(instance)) add(instance.config, &instance);
  }
  for (const auto& [name, entry] : view.apply.not_started().entries()) add(entry.config, nullptr);
  return interfaces;
}

absl::string_view StateIdentity(State state) {
  switch (state) {
    case State::kBackup:
      return "ietf-vrrp:backup";
    case State::kMaster:
      return "ietf-vrrp:master";
    case State::kInitialize:
    case State::kFault:  // the model has no other word
      break;
  }
  return "ietf-vrrp:initialize";
}

// The event of the model that comes nearest.
absl::string_view EventIdentity(Reason reason) {
  switch (reason) {
    case Reason::kStartup:
      return "ietf-vrrp:vrrp-event-startup";
    case Reason::kOwnerStartup:
      return "ietf-vrrp:vrrp-event-owner-preempt";
    case Reason::kMasterTimeout:
    case Reason::kMasterResigned:
      return "ietf-vrrp:vrrp-event-master-timeout";
    case Reason::kPreempted:
      return "ietf-vrrp:vrrp-event-lower-priority-master";
    case Reason::kHigherPriority:
    case Reason::kHigherAddress:
      return "ietf-vrrp:vrrp-event-higher-priority-backup";
    case Reason::kShutdown:
    case Reason::kHandover:
      return "ietf-vrrp:vrrp-event-shutdown";
    case Reason::kPortDown:
      return "ietf-vrrp:vrrp-event-interface-down";
    case Reason::kAddressLost:
      return "ietf-vrrp:vrrp-event-no-virtual-ip-addresses";
    case Reason::kNone:
    case Reason::kOperatorTakeover:
    case Reason::kOperatorResign:
    case Reason::kTrackFault:
    case Reason::kPortStopped:
    case Reason::kGroupFault:
    case Reason::kFaultEnded:
    case Reason::kGroup:
      break;
  }
  return "ietf-vrrp:vrrp-event-none";
}

// Only of a master: the model's leaf says why the router is master.
absl::string_view MasterReason(State state, Reason reason) {
  if (state != State::kMaster) return "not-master";
  if (reason == Reason::kPreempted) return "preempted";
  return reason == Reason::kMasterTimeout || reason == Reason::kMasterResigned ? "no-response" : "priority";
}

void WriteIntervals(const InstanceConfig& config, JsonText& json) {
  if (config.version == VrrpVersion::kV3) {
    json.Key("advertise-interval-centi-sec").Number(config.advertisement_interval / std::chrono::milliseconds(10));
    return;
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(config.advertisement_interval);
  if (seconds == config.advertisement_interval && seconds.count() >= 1 && seconds.count() <= 254) {
    json.Key("advertise-interval-sec").Number(seconds.count());
  }
}

void WriteAddresses(const InstanceConfig& config, JsonText& json) {
  const bool is_v4 = config.source_address.is_v4();
  json.Key(is_v4 ? "virtual-ipv4-addresses" : "virtual-ipv6-addresses").BeginObject();
  json.Key(is_v4 ? "virtual-ipv4-address" : "virtual-ipv6-address").BeginArray();
  size_t room = is_v4 ? kMaxModelIpv4 : kMaxModelIpv6;
  for (const VirtualAddress& address : config.virtual_addresses) {
    if (address.excluded || room == 0) continue;  // an excluded address is not in the adverts
    --room;
    json.BeginObject().Key(is_v4 ? "ipv4-address" : "ipv6-address").Text(ToString(address.prefix.address)).End();
  }
  json.End().End();
}

void WriteConfig(const Shown& shown, JsonText& json) {
  const InstanceConfig& config = *shown.config;
  json.Key("vrid").Number(config.vrid.value());
  json.Key("version").Text(config.version == VrrpVersion::kV3 ? "ietf-vrrp:vrrp-v3" : "ietf-vrrp:vrrp-v2");
  json.Key("preempt").BeginObject();
  json.Key("enabled").Bool(config.preempt);
  const auto hold = std::chrono::ceil<std::chrono::seconds>(config.preempt_delay).count();
  json.Key("hold-time").Number(std::min<int64_t>(hold, UINT16_MAX));
  json.End();
  const Priority priority = shown.instance == nullptr ? config.priority : shown.instance->priority;
  if (priority != kPriorityOwner) json.Key("priority").Number(priority.value());
  if (config.version == VrrpVersion::kV3) json.Key("accept-mode").Bool(config.accept);
  WriteIntervals(config, json);
  WriteAddresses(config, json);
}

uint64_t DropsOfReason(const VirtualRouter& router, DropReason reason) {
  return router.counters.drops[static_cast<size_t>(reason)].value();
}

void WriteStatistics(View& view, const VirtualRouter& router, JsonText& json) {
  const VirtualRouterCounters& n = router.counters;
  json.Key("statistics").BeginObject();
  json.Key("discontinuity-datetime").Text(FormatTime(view.started.unix_ms));
  json.Key("master-transitions").Number(static_cast<uint32_t>(n.became_master.value()));
  json.Key("advertisement-rcvd").LongNumber(n.adverts_received.value());
  json.Key("advertisement-sent").LongNumber(n.adverts_sent.value());
  json.Key("priority-zero-pkts-rcvd").LongNumber(n.priority_zero_received.value());
  json.Key("priority-zero-pkts-sent").LongNumber(n.priority_zero_sent.value());
  json.Key("invalid-type-pkts-rcvd").LongNumber(DropsOfReason(router, DropReason::kBadType));
  json.Key("packet-length-errors").LongNumber(DropsOfReason(router, DropReason::kBadLength));
  json.End();
}

void WriteTimers(const ManagedInstance& instance, const KnownInstance& known, JsonText& json) {
  MachineConfig config = MachineConfigOf(instance.config);
  config.priority = known.priority;
  const Nanoseconds down = MasterDownInterval(config, known.machine);
  json.Key("master-down-interval").Number(down / std::chrono::milliseconds(10));
  json.Key("skew-time").Number(SkewTime(config, known.machine) / std::chrono::microseconds(1));
}

void WriteState(View& view, const Shown& shown, const Answers& answers, ControlTime t, JsonText& json) {
  json.Key("is-owner").Bool(shown.config->priority == kPriorityOwner);
  if (shown.instance == nullptr) {
    json.Key("state").Text(StateIdentity(State::kInitialize));
    return;
  }
  const LastAnswer answer(answers, *shown.instance, t);
  json.Key("state").Text(StateIdentity(answer.state()));
  const Value master = answer.MasterAddress();
  if (const auto* address = std::get_if<std::string>(&master)) json.Key("last-adv-source").Text(*address);
  if (answer.known() != nullptr) WriteTimers(*shown.instance, *answer.known(), json);
  json.Key("last-event").Text(EventIdentity(answer.reason()));
  json.Key("new-master-reason").Text(MasterReason(answer.state(), answer.reason()));
  WriteStatistics(view, *shown.instance->router, json);
}

void WriteFamily(View& view, absl::string_view key, const std::vector<Shown>& instances, const Answers& answers,
                 ControlTime t, JsonText& json) {
  if (instances.empty()) return;
  json.Key(key).BeginObject().Key("ietf-vrrp:vrrp").BeginObject().Key("vrrp-instance").BeginArray();
  for (const Shown& shown : instances) {
    json.BeginObject();
    WriteConfig(shown, json);
    WriteState(view, shown, answers, t, json);
    json.End();
  }
  json.End().End().End();
}

void WriteInterface(View& view, const SegmentName& name, const Interface& interface, const Answers& answers,
                    ControlTime t, JsonText& json) {
  const auto& [port, vlan] = name;
  const bool tagged = vlan != VlanStack{};
  const PortBinding* binding = view.registry.FindPort(port);
  json.BeginObject();
  json.Key("name").Text(tagged ? absl::StrCat(port, ":", ToString(vlan)) : port);
  json.Key("type").Text(tagged ? "iana-if-type:l2vlan" : "iana-if-type:ethernetCsmacd");
  json.Key("oper-status").Text(binding != nullptr && binding->up ? "up" : "down");
  json.Key("statistics").BeginObject().Key("discontinuity-time").Text(FormatTime(view.started.unix_ms)).End();
  WriteFamily(view, "ietf-ip:ipv4", interface.ipv4, answers, t, json);
  WriteFamily(view, "ietf-ip:ipv6", interface.ipv6, answers, t, json);
  json.End();
}

void WriteGlobal(View& view, const Interfaces& interfaces, JsonText& json) {
  size_t instances = 0;
  for (const auto& [name, interface] : interfaces) instances += interface.ipv4.size() + interface.ipv6.size();
  const Totals totals = view.tally.TotalsSinceStart();
  const auto drops = [&](DropReason reason) { return totals.drops[static_cast<size_t>(reason)]; };
  json.Key("ietf-vrrp:vrrp").BeginObject();
  json.Key("virtual-routers").Number(static_cast<int64_t>(instances));
  json.Key("interfaces").Number(static_cast<int64_t>(interfaces.size()));
  json.Key("statistics").BeginObject();
  json.Key("discontinuity-datetime").Text(FormatTime(view.started.unix_ms));
  json.Key("checksum-errors").LongNumber(drops(DropReason::kBadChecksum));
  json.Key("version-errors").LongNumber(drops(DropReason::kBadVersion));
  json.Key("vrid-errors").LongNumber(drops(DropReason::kUnknownVrid));
  json.Key("ip-ttl-errors").LongNumber(drops(DropReason::kBadTtl));
  json.End().End();
}

}  // namespace

std::string YangText(View& view, const Answers& answers, ControlTime t) {
  const Interfaces interfaces = InterfacesOf(view);
  JsonText json;
  json.BeginObject();
  json.Key("ietf-interfaces:interfaces").BeginObject().Key("interface").BeginArray();
  for (const auto& [name, interface] : interfaces) WriteInterface(view, name, interface, answers, t, json);
  json.End().End();
  WriteGlobal(view, interfaces, json);
  json.End();
  return json.Take() + "\n";
}

}  // namespace dpvrrp
