// SPDX-License-Identifier: BSD-3-Clause
#include <array>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/count_text.h"
#include "control/compose/parts.h"
#include "control/reports/report_cells.h"
#include "control/reports/reports.h"

namespace dpvrrp {

namespace {

std::array<int64_t, kStateCount> StatesOf(View& view) {
  std::array<int64_t, kStateCount> states{};
  for (const auto& [name, instance] : view.registry.instances()) ++states[static_cast<size_t>(instance.state)];
  return states;
}

}  // namespace

std::string StatusLine(View& view) {
  const std::array<int64_t, kStateCount> states = StatesOf(view);
  std::string line = CountText(view.registry.instances().size(), "instance");
  const auto add = [&](State state, absl::string_view word) {
    const int64_t count = states[static_cast<size_t>(state)];
    if (count > 0) absl::StrAppend(&line, ", ", count, " ", word);
  };
  add(State::kMaster, "master");
  add(State::kBackup, "backup");
  add(State::kFault, "in Fault");
  add(State::kInitialize, "in Initialize");
  const size_t not_started = view.apply.not_started().entries().size();
  if (not_started > 0) absl::StrAppend(&line, ", ", not_started, " not started");
  return line;
}

Report StatusReport(View& view, ControlTime t) {
  const std::array<int64_t, kStateCount> states = StatesOf(view);
  const auto not_started = static_cast<int64_t>(view.apply.not_started().entries().size());
  uint64_t received = 0, accepted = 0, sent = 0, dropped = 0;
  for (const ShardCounters* shard : view.shards) {
    received += shard->frames_received.value();
    accepted += shard->adverts_accepted.value();
    sent += shard->adverts_sent.value();
    for (const Counter& counter : shard->drops) dropped += counter.value();
  }
  const ProcessStatus process = view.services.Process();
  std::vector<std::string> ports;
  for (const PortBinding& port : view.registry.ports()) ports.push_back(port.name);
  Record record{{
      {"version", Text(DPVRRP_VERSION)},
      {"uptime_seconds", Number(std::chrono::duration_cast<std::chrono::seconds>(t.now - view.started.now).count())},
      {"started", FormatTime(view.started.unix_ms)},
      {"instances", Number(static_cast<int64_t>(view.registry.instances().size()) + not_started)},
      {"master", Number(states[static_cast<size_t>(State::kMaster)])},
      {"backup", Number(states[static_cast<size_t>(State::kBackup)])},
      {"initialize", Number(states[static_cast<size_t>(State::kInitialize)] + not_started)},
      {"fault", Number(states[static_cast<size_t>(State::kFault)])},
      {"not_started", Number(not_started)},
      {"transitions", Count(view.transitions)},
      {"ports", absl::StrJoin(ports, " ")},
      {"workers", Number(static_cast<int64_t>(view.shards.size()))},
      {"icv_engine", view.icv_engine},
      {"scheduling", process.scheduling},
      {"log_lines_dropped", Count(process.log_lines_dropped)},
      {"frames_received", Count(received)},
      {"adverts_accepted", Count(accepted)},
      {"adverts_sent", Count(sent)},
      {"frames_not_accepted", Count(dropped)},
  }};
  return Report{{Section{"", std::move(record)}}, ""};
}

Report ClientsReport(View& view) {
  Table table{{"client", "pid", "user", "uid", "connected_seconds", "idle_seconds", "request"}, {}};
  for (const ClientStatus& client : view.services.Clients()) {
    table.rows.push_back({Number(static_cast<int64_t>(client.number)), client.pid == 0 ? Null() : Number(client.pid),
                          client.user.empty() ? Null() : Value(client.user), Number(client.uid),
                          Number(client.connected_seconds), Number(client.idle_seconds),
                          client.request.empty() ? Null() : Value(client.request)});
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

}  // namespace dpvrrp
