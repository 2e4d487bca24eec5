// SPDX-License-Identifier: BSD-3-Clause
#include "control/reports.h"

#include <algorithm>
#include <array>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "control/controller.h"

namespace dpvrrp {
namespace {

double Seconds(Nanoseconds d) { return static_cast<double>(d.count() / 1'000'000) / 1000.0; }  // to the millisecond

Value Number(int64_t n) { return n; }

absl::string_view AuthText(AuthKind kind) {
  static constexpr std::array<absl::string_view, 3> kNames = {"none", "simple", "ah"};
  return kNames[static_cast<size_t>(kind)];
}

// The address of whoever is master as far as we know: ourselves, the one last heard, or nobody yet.
Value MasterAddress(const ManagedInstance& instance, const InstanceSnapshot* snapshot) {
  if (snapshot == nullptr) return Null();
  if (snapshot->machine.state == State::kMaster) return Text(ToString(instance.config.source_address));
  if (!snapshot->machine.knows_master()) return Null();
  return Text(ToString(snapshot->machine.master_address));
}

Value MasterPriority(const InstanceSnapshot* snapshot) {
  if (snapshot == nullptr) return Null();
  if (snapshot->machine.state == State::kMaster) return Number(snapshot->priority.value());
  if (!snapshot->machine.knows_master()) return Null();
  return Number(snapshot->machine.master_priority.value());
}

// Null before the first transition. The lcore's word is newer than the last event.
Value Since(const ManagedInstance& instance, const InstanceSnapshot* snapshot, ControlTime t) {
  const Reason reason = snapshot == nullptr ? instance.reason : snapshot->machine.reason;
  if (reason == Reason::kNone) return Null();
  return FormatTime(snapshot == nullptr ? instance.since_unix_ms : t.UnixMsAt(snapshot->machine.since));
}

uint64_t Drops(const VirtualRouter& router) {
  uint64_t sum = 0;
  for (const Counter& counter : router.counters.drops) sum += counter.value();
  return sum;
}

Record CountersRecord(const VirtualRouter& router) {
  const VirtualRouterCounters& n = router.counters;
  return Record{{
      {"adverts_received", Count(n.adverts_received.value())},
      {"adverts_sent", Count(n.adverts_sent.value())},
      {"priority_zero_received", Count(n.priority_zero_received.value())},
      {"priority_zero_sent", Count(n.priority_zero_sent.value())},
      {"became_master", Count(n.became_master.value())},
      {"sequence_exhausted", Count(n.sequence_exhausted.value())},
  }};
}

Table InstanceDrops(const VirtualRouter& router) {
  Table table{{"reason", "frames", "meaning"}, {}};
  for (const DropReasonInfo& row : AllDropReasons()) {
    const uint64_t count = router.counters.drops[static_cast<size_t>(row.reason)].value();
    if (count > 0) table.rows.push_back({Text(row.name), Count(count), Text(row.meaning)});
  }
  return table;
}

Table AddressTable(const Controller& controller, const ManagedInstance& instance) {
  static constexpr std::array<absl::string_view, 3> kPresence = {"absent", "programmed", "foreign"};
  Table table{{"address", "device", "kernel", "error"}, {}};
  const std::vector<VipReconciler::Vip>& vips = controller.vips().vips(instance.id);
  for (size_t i = 0; i < instance.config.virtual_addresses.size(); ++i) {
    const auto vip = std::find_if(vips.begin(), vips.end(), [&](const auto& v) { return v.index == i; });
    const std::string address = ToString(instance.config.virtual_addresses[i].prefix);
    if (vip == vips.end()) {
      table.rows.push_back({address, Null(), Text("advertised only"), Null()});
    } else {
      table.rows.push_back({address, vip->device, Text(kPresence[static_cast<size_t>(vip->presence)]),
                            vip->error.empty() ? Null() : Value(vip->error)});
    }
  }
  return table;
}

Table SenderTableReport(const InstanceSnapshot& snapshot, Instant at) {
  Table table{{"address", "sequence", "accepted", "silent_seconds"}, {}};
  for (const Sender& sender : std::span(snapshot.senders).first(snapshot.sender_count)) {
    const bool heard = sender.accepted > 0;  // else only remembered from an earlier run
    table.rows.push_back({ToString(sender.address), Number(sender.window.highest()), Count(sender.accepted),
                          heard ? Value(Seconds(at - sender.last_seen)) : Null()});
  }
  return table;
}

std::vector<Value> EventRow(const LogEvent& event) {
  return {Number(static_cast<int64_t>(event.number)),
          FormatTime(event.unix_ms),
          Text(ToString(event.severity)),
          event.instance.empty() ? Null() : Value(event.instance),
          event.instance.empty() ? Null() : Value(event.port),
          event.instance.empty() ? Null() : Value(event.vlan),
          event.kind,
          event.text};
}

const std::vector<std::string>& EventColumns() {
  static const std::vector<std::string> kColumns = {"number", "time", "severity", "instance",
                                                    "port",   "vlan", "kind",     "text"};
  return kColumns;
}

}  // namespace

const InstanceSnapshot* FindSnapshot(const InstanceQuery* answer, InstanceId id) {
  if (answer == nullptr) return nullptr;
  const auto it = std::find_if(answer->found.begin(), answer->found.end(),
                               [&](const InstanceSnapshot& snapshot) { return snapshot.id == id; });
  return it == answer->found.end() ? nullptr : &*it;
}

Report StatusReport(Controller& controller, ControlTime t) {
  std::array<int64_t, 3> states{};
  for (const auto& [name, instance] : controller.instances()) ++states[static_cast<size_t>(instance.state)];
  uint64_t received = 0, accepted = 0, sent = 0, dropped = 0;
  for (const ShardCounters* shard : controller.shards()) {
    received += shard->frames_received.value();
    accepted += shard->adverts_accepted.value();
    sent += shard->adverts_sent.value();
    for (const Counter& counter : shard->drops) dropped += counter.value();
  }
  std::vector<std::string> ports;
  for (const PortBinding& port : controller.ports()) ports.push_back(port.name);
  Record record{{
      {"version", Text(DPVRRP_VERSION)},
      {"uptime_seconds",
       Number(std::chrono::duration_cast<std::chrono::seconds>(t.now - controller.started().now).count())},
      {"started", FormatTime(controller.started().unix_ms)},
      {"instances", Number(static_cast<int64_t>(controller.instances().size()))},
      {"master", Number(states[static_cast<size_t>(State::kMaster)])},
      {"backup", Number(states[static_cast<size_t>(State::kBackup)])},
      {"initialize", Number(states[static_cast<size_t>(State::kInitialize)])},
      {"transitions", Count(controller.transitions())},
      {"ports", absl::StrJoin(ports, " ")},
      {"workers", Number(static_cast<int64_t>(controller.shards().size()))},
      {"icv_engine", controller.icv_engine()},
      {"frames_received", Count(received)},
      {"adverts_accepted", Count(accepted)},
      {"adverts_sent", Count(sent)},
      {"frames_not_accepted", Count(dropped)},
  }};
  return Report{{Section{"", std::move(record)}}, ""};
}

Report InstancesReport(Controller& controller, const InstanceFilter& filter, const InstanceQuery* answer,
                       ControlTime t) {
  Table table{{"name", "port", "vlan", "vrid", "state", "since", "reason", "priority", "master", "master_priority",
               "auth", "received", "sent", "dropped"},
              {}};
  absl::flat_hash_map<InstanceId, const InstanceSnapshot*> snapshots;
  if (answer != nullptr) {
    for (const InstanceSnapshot& snapshot : answer->found) snapshots[snapshot.id] = &snapshot;
  }
  for (const auto& [name, instance] : controller.instances()) {
    if (instance.router == nullptr || instance.removing) continue;  // leaving
    const auto it = snapshots.find(instance.id);
    const InstanceSnapshot* snapshot = it == snapshots.end() ? nullptr : it->second;
    const State state = snapshot == nullptr ? instance.state : snapshot->machine.state;
    if (!filter.Matches(instance.config, state)) continue;
    table.rows.push_back({name, instance.config.port, ToString(instance.config.vlan),
                          Number(instance.config.vrid.value()), Text(ToString(state)), Since(instance, snapshot, t),
                          Text(ToString(snapshot == nullptr ? instance.reason : snapshot->machine.reason)),
                          Number(instance.priority.value()), MasterAddress(instance, snapshot),
                          MasterPriority(snapshot), Text(AuthText(instance.config.auth.kind)),
                          Count(instance.router->counters.adverts_received.value()),
                          Count(instance.router->counters.adverts_sent.value()), Count(Drops(*instance.router))});
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

Report SegmentsReport(Controller& controller) {
  struct Sum {
    int64_t instances = 0;
    std::array<int64_t, 3> states{};
    uint64_t received = 0, sent = 0, dropped = 0;
  };
  std::map<std::pair<absl::string_view, VlanStack>, Sum> segments;
  for (const auto& [name, instance] : controller.instances()) {
    if (instance.router == nullptr || instance.removing) continue;
    Sum& sum = segments[{instance.config.port, instance.config.vlan}];
    ++sum.instances;
    ++sum.states[static_cast<size_t>(instance.state)];
    sum.received += instance.router->counters.adverts_received.value();
    sum.sent += instance.router->counters.adverts_sent.value();
    sum.dropped += Drops(*instance.router);
  }
  Table table{{"port", "vlan", "instances", "master", "backup", "initialize", "received", "sent", "dropped"}, {}};
  for (const auto& [segment, sum] : segments) {
    const auto in = [&sum = sum](State state) { return Number(sum.states[static_cast<size_t>(state)]); };
    table.rows.push_back({Text(segment.first), ToString(segment.second), Number(sum.instances), in(State::kMaster),
                          in(State::kBackup), in(State::kInitialize), Count(sum.received), Count(sum.sent),
                          Count(sum.dropped)});
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

Report InstanceReport(Controller& controller, const ManagedInstance& instance, const InstanceSnapshot* snapshot,
                      Instant snapshot_at, ControlTime t) {
  const InstanceConfig& config = instance.config;
  // The lcore's word is newer than the last event.
  const State state = snapshot == nullptr ? instance.state : snapshot->machine.state;
  const Reason reason = snapshot == nullptr ? instance.reason : snapshot->machine.reason;
  Record record{{
      {"name", config.name},
      {"port", config.port},
      {"vlan", ToString(config.vlan)},
      {"version", Number(static_cast<int64_t>(config.version))},
      {"vrid", Number(config.vrid.value())},
      {"virtual_mac", ToString(VirtualMac(Family::kIpv4, config.vrid))},
      {"state", Text(ToString(state))},
      {"reason", Text(ToString(reason))},
      {"since", Since(instance, snapshot, t)},
      {"priority", Number(instance.priority.value())},
      {"configured_priority", Number(config.priority.value())},
      {"preempt", config.preempt},
      {"advertisement_interval_seconds", Seconds(config.advertisement_interval)},
      {"source_address", ToString(config.source_address)},
      {"source_mac", Text(config.source_mac == SourceMac::kVirtual ? "virtual" : "port")},
      {"authentication", Text(AuthText(config.auth.kind))},
  }};
  if (config.auth.kind == AuthKind::kAh) {
    record.fields.push_back({"algorithm", Text(InfoOf(config.auth.algorithm).name)});
    record.fields.push_back(
        {"icv_rule", Text(config.auth.icv_rule == IcvRule::kKeepalived ? "keepalived" : "rfc4302")});
  }
  Report report;
  if (snapshot != nullptr) {
    const Machine& machine = snapshot->machine;
    const Nanoseconds down = MasterDownInterval(config.version, instance.priority, config.advertisement_interval);
    const Nanoseconds skew = SkewTime(config.version, instance.priority, config.advertisement_interval);
    record.fields.push_back({"master", MasterAddress(instance, snapshot)});
    record.fields.push_back({"master_priority", MasterPriority(snapshot)});
    record.fields.push_back({"master_down_interval_seconds", Seconds(down)});
    record.fields.push_back({"skew_time_seconds", Seconds(skew)});
    const bool runs = machine.deadline != kNever;
    const Value left = runs ? Value(Seconds(machine.deadline - snapshot_at)) : Null();
    record.fields.push_back({"adver_timer_seconds", machine.state == State::kMaster ? left : Null()});
    record.fields.push_back({"master_down_timer_seconds", machine.state == State::kBackup ? left : Null()});
    record.fields.push_back({"held_back_by_resign", machine.hold_backup});
    if (config.auth.kind == AuthKind::kAh) {
      record.fields.push_back({"sequence_sent", Number(snapshot->sequence_sent)});
      record.fields.push_back({"sequence_heard", Number(snapshot->sequence_heard)});
      record.fields.push_back({"senders_evicted", Count(snapshot->evictions)});
    }
  }
  report.sections.push_back({"instance", std::move(record)});
  report.sections.push_back({"virtual_addresses", AddressTable(controller, instance)});
  if (snapshot != nullptr && config.auth.kind == AuthKind::kAh) {
    report.sections.push_back({"senders", SenderTableReport(*snapshot, snapshot_at)});
  }
  if (instance.router != nullptr) {
    report.sections.push_back({"counters", CountersRecord(*instance.router)});
    report.sections.push_back({"drops", InstanceDrops(*instance.router)});
  }
  return report;
}

Report DropsReport(Controller& controller) {
  std::vector<std::pair<uint64_t, const DropReasonInfo*>> counts;
  for (const DropReasonInfo& row : AllDropReasons()) {
    if (row.reason == DropReason::kNone) continue;
    uint64_t sum = 0;
    for (const ShardCounters* shard : controller.shards()) sum += shard->drops[static_cast<size_t>(row.reason)].value();
    counts.emplace_back(sum, &row);
  }
  std::stable_partition(counts.begin(), counts.end(), [](const auto& entry) { return entry.first > 0; });
  Table table{{"reason", "frames", "meaning"}, {}};
  for (const auto& [count, row] : counts) table.rows.push_back({Text(row->name), Count(count), Text(row->meaning)});
  return Report{{Section{"", std::move(table)}}, ""};
}

Report PortsReport(Controller& controller) {
  Table table{{"name", "device", "driver", "mac", "link", "filter", "lcores", "steering", "received", "missed", "sent",
               "send_errors"},
              {}};
  for (const PortStatus& port : controller.services().Ports()) {
    table.rows.push_back({port.name, port.device, port.driver, ToString(port.mac), Text(port.up ? "up" : "down"),
                          port.filter, absl::StrJoin(port.lcores, ","), port.steering, Count(port.received),
                          Count(port.missed), Count(port.sent), Count(port.send_errors)});
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

Report WorkersReport(Controller& controller) {
  Table table{{"lcore", "icv_engine", "turns", "rests", "longest_turn_us", "latest_wake_us", "received", "handed_over",
               "accepted", "not_accepted", "sent", "lost"},
              {}};
  for (const WorkerStatus& worker : controller.services().Workers()) {
    table.rows.push_back({Number(worker.lcore), worker.icv_engine, Count(worker.turns), Count(worker.rests),
                          Count(worker.longest_turn_us), Count(worker.latest_wake_us), Count(worker.received),
                          Count(worker.handed_over), Count(worker.accepted), Count(worker.not_accepted),
                          Count(worker.sent), Count(worker.lost)});
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

Report EventsReport(const EventLog& log, size_t latest) {
  Table table{EventColumns(), {}};
  const std::deque<LogEvent>& events = log.events();
  for (size_t i = events.size() - std::min(latest, events.size()); i < events.size(); ++i) {
    table.rows.push_back(EventRow(events[i]));
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

std::string EventAsText(const LogEvent& event) {
  const auto text = [&](const std::string& of) { return event.instance.empty() ? "-" : of; };
  return absl::StrFormat("%d  %s  %s  %s  %s  %s  %s  %s\n", event.number, FormatTime(event.unix_ms),
                         ToString(event.severity), text(event.instance), text(event.port), text(event.vlan), event.kind,
                         event.text);
}

std::string EventAsJson(const LogEvent& event) {
  Record record;
  std::vector<Value> row = EventRow(event);
  for (size_t i = 0; i < row.size(); ++i) record.fields.push_back({EventColumns()[i], std::move(row[i])});
  return RenderJson(Report{{Section{"", std::move(record)}}, ""});
}

}  // namespace dpvrrp
