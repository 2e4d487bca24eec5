// SPDX-License-Identifier: BSD-3-Clause
#include "control/reports.h"

#include <algorithm>
#include <array>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "control/controller.h"
#include "control/report_cells.h"

namespace dpvrrp {
namespace {

uint64_t Drops(const VirtualRouter& router) {
  uint64_t sum = 0;
  for (const Counter& counter : router.counters.drops) sum += counter.value();
  return sum;
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
  Table table{{"name", "port", "vlan", "vrid", "version", "family", "state", "since", "reason", "priority", "master",
               "master_priority", "auth", "received", "sent", "dropped"},
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
    table.rows.push_back(
        {name, instance.config.port, ToString(instance.config.vlan), Number(instance.config.vrid.value()),
         Number(static_cast<int64_t>(instance.config.version)), Text(ToString(instance.config.source_address.family())),
         Text(ToString(state)), Since(instance, snapshot, t),
         Text(ToString(snapshot == nullptr ? instance.reason : snapshot->machine.reason)),
         Number(instance.priority.value()), MasterAddress(instance, snapshot), MasterPriority(snapshot),
         Text(ToString(instance.config.auth.kind)), Count(instance.router->counters.adverts_received.value()),
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

Report ResponderReport(Controller& controller) {
  Table table{{"lcore", "arp_replies", "neighbour_advertisements", "echo_replies", "not_ours", "not_master",
               "not_accepted", "malformed", "limited", "queue_full", "peer_questions", "group_reports"},
              {}};
  const std::vector<WorkerStatus> workers = controller.services().Workers();
  for (size_t i = 0; i < controller.shards().size(); ++i) {
    const ResponderCounters& n = controller.shards()[i]->responder;
    table.rows.push_back({i < workers.size() ? Number(workers[i].lcore) : Null(), Count(n.arp_replies.value()),
                          Count(n.neighbour_advertisements.value()), Count(n.echo_replies.value()),
                          Count(n.not_ours.value()), Count(n.not_master.value()), Count(n.not_accepted.value()),
                          Count(n.malformed.value()), Count(n.limited.value()), Count(n.queue_full.value()),
                          Count(n.peer_questions.value()), Count(n.group_reports.value())});
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
