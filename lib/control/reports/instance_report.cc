// SPDX-License-Identifier: BSD-3-Clause
//
// `show instance NAME`. Where RFC 8347 has a word, it is used: accept, preempt delay (its hold-time), the master down
// interval and skew time that a backup uses now.
#include <algorithm>
#include <array>
#include <iterator>
#include <span>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "control/compose/parts.h"
#include "control/instances/router_builder.h"
#include "control/reports/report_cells.h"
#include "control/reports/reports.h"
#include "wire/ipv6.h"

namespace dpvrrp {
namespace {

using Fields = std::vector<Field>;

void Append(Fields& to, Fields more) { std::move(more.begin(), more.end(), std::back_inserter(to)); }

Value SecondsOrNull(Nanoseconds d) { return d.count() == 0 ? Null() : ExactSeconds(d); }

Fields TimerFields(const InstanceConfig& config) {
  Fields fields = {
      {"preempt", config.preempt},
      {"preempt_delay_seconds", ExactSeconds(config.preempt_delay)},
      {"startup_delay_seconds", ExactSeconds(config.startup_delay)},
      {"advertisement_interval_seconds", ExactSeconds(config.advertisement_interval)},
      {"down_timer_adverts", Number(config.down_timer_adverts)},
  };
  if (config.version == VrrpVersion::kV3) {
    fields.push_back({"max_learned_interval_seconds", SecondsOrNull(config.max_learned_interval)});
  }
  Append(fields, {
                     {"lower_prio_no_advert", config.lower_prio_no_advert},
                     {"higher_prio_send_advert", config.higher_prio_send_advert},
                 });
  return fields;
}

Value AddressesOrNull(const std::vector<IpAddress>& addresses) {
  if (addresses.empty()) return Null();
  return absl::StrJoin(addresses, " ", [](std::string* out, const IpAddress& a) { out->append(ToString(a)); });
}

Fields AddressingFields(const ManagedInstance& instance) {
  const InstanceConfig& config = instance.config;
  const Family family = config.source_address.family();
  Fields fields = {
      {"source_address", ToString(config.source_address)},
      {"source_mac", Text(config.source_mac == SourceMac::kVirtual ? "virtual" : "port")},
  };
  if (config.unicast_peers.empty()) {
    fields.push_back({"group", ToString(config.group.IsUnspecified() ? VrrpGroup(family) : config.group)});
  } else {
    fields.push_back({"unicast_ttl", Number(config.unicast_ttl)});
  }
  if (config.version == VrrpVersion::kV3 && family == Family::kIpv4) {
    fields.push_back({"checksum", Text(config.checksum == ChecksumRule::kRfc5798 ? "rfc5798" : "rfc9568")});
    fields.push_back({"v2_coexistence", config.v2_coexistence});
  }
  Append(fields, {
                     {"strict", config.strict},
                     {"leader", config.leader.empty() ? Null() : Value(config.leader)},
                     {"responder", config.responder},
                     {"accept", config.accept || config.priority == kPriorityOwner},
                     {"allowed_senders", AddressesOrNull(instance.allowed_senders)},
                 });
  return fields;
}

// The ids of the keys, no secret. The ring is the one in force: without keys that commands have dropped, and without
// keys outside their validity period.
Fields KeyFields(const KeyringConfig& ring) {
  const auto id = [](std::string* out, const KeyConfig& key) { absl::StrAppend(out, key.id); };
  return {
      {"keyring", ring.name.empty() ? Null() : Value(ring.name)},
      {"signing_key", Number(ring.sign)},
      {"accepted_keys", absl::StrJoin(ring.keys, " ", id)},
  };
}

Fields AuthenticationFields(const AuthConfig& auth) {
  Fields fields = {{"authentication", Text(ToString(auth.kind))}};
  if (auth.kind == AuthKind::kAh) {
    Append(fields, {
                       {"algorithm", Text(InfoOf(auth.algorithm).name)},
                       {"icv_rule", Text(auth.icv_rule == IcvRule::kKeepalived ? "keepalived" : "rfc4302")},
                       {"spi", auth.spi == 0 ? Text("source-address") : SpiCell(auth.spi)},
                       {"replay_window", Number(auth.replay_window)},
                       {"restart_policy", Text(auth.restart_policy == RestartPolicy::kReadmit ? "readmit" : "refuse")},
                   });
  }
  if (auth.kind == AuthKind::kAuthHmac) {
    const TrailerRules& rules = auth.trailer;
    Append(fields, {{"mode", Text(ToString(rules.mode))}, {"anti_replay", Text(ToString(rules.anti_replay))}});
    if (rules.anti_replay == AntiReplay::kTime) fields.push_back({"time_window_seconds", Number(rules.time_window)});
  }
  if (HasKeys(auth.kind)) Append(fields, KeyFields(*auth.keyring));
  return fields;
}

// The intervals are those of now: a VRRPv3 backup has learned its master's.
Fields MachineFields(const ManagedInstance& instance, const LastAnswer& answer) {
  const KnownInstance& snapshot = *answer.known();
  const Machine& machine = snapshot.machine;
  MachineConfig config = MachineConfigOf(instance.config);
  config.priority = snapshot.priority;
  const Value left = machine.deadline == kNever ? Null() : Seconds(machine.deadline - snapshot.at);
  Fields fields = {
      {"master", answer.MasterAddress()},
      {"master_priority", answer.MasterPriority()},
      {"master_interval_seconds", ExactSeconds(MasterInterval(config, machine))},
      {"master_down_interval_seconds", ExactSeconds(MasterDownInterval(config, machine))},
      {"skew_time_seconds", ExactSeconds(SkewTime(config, machine))},
      {"startup_timer_seconds", machine.state == State::kInitialize ? left : Null()},
      {"adver_timer_seconds", machine.state == State::kMaster ? left : Null()},
      {"master_down_timer_seconds", machine.state == State::kBackup ? left : Null()},
      {"held_back_by_resign", machine.hold_backup},
  };
  if (HasKeys(instance.config.auth.kind)) {
    Append(fields, {
                       {"sequence_sent", Count(snapshot.sequence_sent)},
                       {"sequence_heard", Count(snapshot.sequence_heard)},
                       {"senders_evicted", Count(snapshot.evictions)},
                   });
  }
  return fields;
}

Record InstanceRecord(View& view, const ManagedInstance& instance, const LastAnswer& answer) {
  const Vrid next = view.moves.NextOf(instance.id);
  const InstanceConfig& config = instance.config;
  const Family family = config.source_address.family();
  Record record{{
      {"name", config.name},
      {"port", config.port},
      {"vlan", ToString(config.vlan)},
      {"version", Number(static_cast<int64_t>(config.version))},
      {"family", Text(ToString(family))},
      {"vrid", Number(config.vrid.value())},
      {"virtual_mac", ToString(VirtualMac(family, config.vrid))},
      {"next_vrid", next == Vrid(0) ? Null() : Number(next.value())},
      {"state", Text(ToString(answer.state()))},
      {"reason", Text(ToString(answer.reason()))},
      {"since", answer.Since()},
      {"priority", Number(instance.priority.value())},
      {"configured_priority", Number(config.priority.value())},
  }};
  Append(record.fields, TimerFields(config));
  Append(record.fields, AddressingFields(instance));
  Append(record.fields, AuthenticationFields(config.auth));
  if (answer.known() != nullptr) Append(record.fields, MachineFields(instance, answer));
  record.fields.push_back({"age_seconds", answer.Age()});
  return record;
}

Table AddressTable(View& view, const ManagedInstance& instance) {
  static constexpr std::array<absl::string_view, 3> kPresence = {"absent", "programmed", "foreign"};
  Table table{{"address", "advertised", "device", "kernel", "error"}, {}};
  const std::vector<VipReconciler::Vip>& vips = view.addresses.vips().vips(instance.id);
  for (size_t i = 0; i < instance.config.virtual_addresses.size(); ++i) {
    const VirtualAddress& address = instance.config.virtual_addresses[i];
    const auto vip = std::find_if(vips.begin(), vips.end(), [&](const auto& v) { return v.index == i; });
    if (vip == vips.end()) {
      table.rows.push_back({ToString(address.prefix), !address.excluded, Null(),
                            address.excluded ? Null() : Text("advertised only"), Null()});
    } else {
      table.rows.push_back({ToString(address.prefix), !address.excluded, vip->device,
                            Text(kPresence[static_cast<size_t>(vip->presence)]),
                            vip->error.empty() ? Null() : Value(vip->error)});
    }
  }
  return table;
}

// Of those with a kernel device.
Record HoldingRecord(View& view, const ManagedInstance& instance) {
  return {{
      {"holding", Text(ToString(view.addresses.HoldingOf(instance.id)))},
      {"address_loss", Text(ToString(instance.config.address_loss))},
      {"use_as_source", instance.config.use_as_source || instance.config.priority == kPriorityOwner},
  }};
}

Value AddressOrNull(const IpAddress& address) { return address.IsUnspecified() ? Null() : Value(ToString(address)); }
Value PrefixOrNull(const IpPrefix& prefix) { return prefix.length == 0 ? Null() : Value(ToString(prefix)); }
Value NameOrNull(const std::string& name) { return name.empty() ? Null() : Value(name); }

// "missing": the instance is master, and the kernel does not have it.
Value PresenceCell(const Routes::Entry& entry) {
  if (entry.presence == Routes::Presence::kPresent) return Text("programmed");
  if (entry.presence == Routes::Presence::kForeign) return Text("foreign");
  return Text(entry.wanted ? "missing" : "absent");
}

Table RouteTable(const std::vector<Routes::Entry>& entries) {
  Table table{{"to", "via", "device", "src", "table", "metric", "kernel", "error"}, {}};
  for (const Routes::Entry& entry : entries) {
    const auto* route = std::get_if<VirtualRoute>(&entry.what);
    if (route == nullptr) continue;
    table.rows.push_back({ToString(route->to), AddressOrNull(route->via), NameOrNull(route->device),
                          AddressOrNull(route->src), Number(route->table), Number(route->metric), PresenceCell(entry),
                          NameOrNull(entry.error)});
  }
  return table;
}

Table RuleTable(const std::vector<Routes::Entry>& entries) {
  Table table{{"from", "to", "iif", "family", "table", "priority", "kernel", "error"}, {}};
  for (const Routes::Entry& entry : entries) {
    const auto* rule = std::get_if<VirtualRule>(&entry.what);
    if (rule == nullptr) continue;
    table.rows.push_back({PrefixOrNull(rule->from), PrefixOrNull(rule->to), NameOrNull(rule->iif),
                          Text(ToString(rule->family)), Number(rule->table), Number(rule->priority),
                          PresenceCell(entry), NameOrNull(entry.error)});
  }
  return table;
}

Table PeerTable(const std::vector<UnicastPeer>& peers) {
  Table table{{"address", "next_hop", "min_ttl", "max_ttl"}, {}};
  for (const UnicastPeer& peer : peers) {
    table.rows.push_back({ToString(peer.address), ToString(peer.next_hop), Number(peer.min_ttl), Number(peer.max_ttl)});
  }
  return table;
}

Table SenderTableReport(const KnownInstance& known) {
  Table table{{"address", "sequence", "accepted", "silent_seconds"}, {}};
  for (const KnownSender& sender : known.senders) {
    const bool heard = sender.accepted > 0;  // else only remembered from an earlier run
    table.rows.push_back({ToString(sender.address), Count(sender.highest), Count(sender.accepted),
                          heard ? Seconds(known.at - sender.last_seen) : Null()});
  }
  return table;
}

Record CountersRecord(const InstanceCounts& n, const InstanceConfig& config) {
  Record record{{
      {"adverts_received", Count(n.adverts_received)},
      {"adverts_sent", Count(n.adverts_sent)},
      {"priority_zero_received", Count(n.priority_zero_received)},
      {"priority_zero_sent", Count(n.priority_zero_sent)},
      {"became_master", Count(n.became_master)},
      {"sequence_exhausted", Count(n.sequence_exhausted)},
      {"conflicts", Count(n.conflicts)},
      {"probes", Count(n.probes)},
      {"other_masters", Count(n.other_masters)},
      {"oversleeps", Count(n.oversleeps)},
  }};
  if (!config.unicast_peers.empty()) record.fields.push_back({"peer_unresolved", Count(n.peer_unresolved)});
  return record;
}

Table InstanceDrops(const InstanceCounts& counts) {
  Table table{{"reason", "frames", "meaning"}, {}};
  for (const DropReasonInfo& row : AllDropReasons()) {
    const uint64_t count = counts.drops[static_cast<size_t>(row.reason)];
    if (count > 0) table.rows.push_back({Text(row.name), Count(count), Text(row.meaning)});
  }
  return table;
}

Table InstanceRemarks(const InstanceCounts& counts) {
  Table table{{"remark", "adverts", "meaning"}, {}};
  for (const RemarkInfo& row : AllRemarks()) {
    const uint64_t count = counts.remarks[static_cast<size_t>(row.remark)];
    if (count > 0) table.rows.push_back({Text(row.name), Count(count), Text(row.meaning)});
  }
  return table;
}

}  // namespace

Report InstanceReport(View& view, const ManagedInstance& instance, const LastAnswer& answer) {
  const InstanceConfig& config = instance.config;
  Report report;
  report.sections.push_back({"instance", InstanceRecord(view, instance, answer)});
  report.sections.push_back({"virtual_addresses", AddressTable(view, instance)});
  if (!view.addresses.vips().vips(instance.id).empty()) {
    report.sections.push_back({"kernel_addresses", HoldingRecord(view, instance)});
  }
  const std::vector<Routes::Entry>& entries = view.routes.EntriesOf(instance.id);
  if (Table routes = RouteTable(entries); !routes.rows.empty()) {
    report.sections.push_back({"virtual_routes", std::move(routes)});
  }
  if (Table rules = RuleTable(entries); !rules.rows.empty()) {
    report.sections.push_back({"virtual_rules", std::move(rules)});
  }
  if (Table tracks = TracksOfInstance(view, instance.id); !tracks.rows.empty()) {
    report.sections.push_back({"tracks", std::move(tracks)});
  }
  if (!config.unicast_peers.empty()) report.sections.push_back({"unicast_peers", PeerTable(config.unicast_peers)});
  if (answer.known() != nullptr && HasKeys(config.auth.kind)) {
    report.sections.push_back({"senders", SenderTableReport(*answer.known())});
  }
  if (instance.router != nullptr) {
    const InstanceCounts counts = view.tally.CountsOf(instance);
    report.sections.push_back({"counters", CountersRecord(counts, config)});
    report.sections.push_back({"drops", InstanceDrops(counts)});
    report.sections.push_back({"remarks", InstanceRemarks(counts)});
  }
  return report;
}

}  // namespace dpvrrp
