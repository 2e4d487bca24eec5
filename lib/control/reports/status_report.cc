// SPDX-License-Identifier: BSD-3-Clause
#include <array>
#include <chrono>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/count_text.h"
#include "cli/terminal.h"
#include "control/compose/parts.h"
#include "control/reports/figures.h"
#include "control/reports/report_cells.h"
#include "control/reports/reports.h"

namespace dpvrrp {

namespace {

std::array<int64_t, kStateCount> StatesOf(View& view) {
  std::array<int64_t, kStateCount> states{};
  for (const auto& [name, instance] : view.registry.instances()) ++states[static_cast<size_t>(instance.state)];
  return states;
}

// What the operator has typed, without what the client has put in front.
std::string WithoutScreen(absl::string_view line) {
  Terminal ignored;
  TakeTerminal(&line, &ignored);
  return std::string(line);
}

}  // namespace

std::string DrainText(View& view) {
  if (!view.drain.IsOn()) return "no";
  const Drain::Counts counts = view.drain.Count();
  if (counts.waiting > 0) return absl::StrCat("waiting for ", CountText(counts.waiting, "master"));
  const size_t left = counts.no_peer + counts.owners;
  return left == 0 ? "yes" : absl::StrCat("yes, but ", left, left == 1 ? " is" : " are", " master: see show drain");
}

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
  const Totals totals = view.tally.TotalsNow();
  const std::optional<int64_t> cleared = view.tally.cleared_unix_ms();
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
      {"transitions", Count(totals.transitions)},
      {"ports", absl::StrJoin(ports, " ")},
      {"workers", Number(static_cast<int64_t>(view.shards.size()))},
      {"icv_engine", view.icv_engine},
      {"scheduling", process.scheduling},
      {"log_level", process.log_level},
      {"log_lines_dropped", Count(process.log_lines_dropped)},
      {"frames_received", Count(totals.received)},
      {"adverts_accepted", Count(totals.accepted)},
      {"adverts_sent", Count(totals.sent)},
      {"frames_not_accepted", Count(totals.not_accepted)},
      {"counters_cleared", cleared ? Value(FormatTime(*cleared)) : Null()},
      {"drained", Text(DrainText(view))},
  }};
  return Report{{Section{"", std::move(record)}}, ""};
}

Report MemoryReport(View& view) {
  const ProcessStatus process = view.services.Process();
  const auto mib = [](uint64_t bytes) -> Value {
    if (bytes == 0) return Null();
    return static_cast<double>(bytes / 1024 * 10 / 1024) / 10;
  };
  const EventLog& events = view.journal.events();
  Record record{{
      {"resident_mib", mib(process.resident)},
      {"resident_peak_mib", mib(process.resident_peak)},
      {"locked_mib", mib(process.locked)},
      {"shared_mib", mib(process.shared)},
      {"instances", Count(view.registry.instances().size())},
      {"events_kept", Count(events.events().size())},
      {"events_at_most", Count(events.capacity())},
      {"clients", Count(view.services.Clients().size())},
  }};
  return Report{{Section{"", std::move(record)}}, ""};
}

Report DrainReport(View& view) {
  Table table{{"name", "port", "vlan", "vrid", "why", "since"}, {}, "name why since"};
  if (view.drain.IsOn()) {
    for (const auto& [name, instance] : view.registry.instances()) {
      if (instance.removing || !instance.config.leader.empty()) continue;
      const Drain::Stage stage = view.drain.StageOf(instance);
      if (stage == Drain::Stage::kBackup) continue;
      const absl::string_view why = stage == Drain::Stage::kWaiting ? "it has not resigned yet"
                                    : stage == Drain::Stage::kNoPeer
                                        ? "no peer takes over"
                                        : "it is the owner of its addresses (priority 255)";
      table.rows.push_back({name, instance.config.port, ToString(instance.config.vlan),
                            Number(instance.config.vrid.value()), Text(why), FormatTime(instance.since_unix_ms)});
    }
  }
  Report report{{Section{"", std::move(table)}}, ""};
  report.footer =
      absl::StrCat("drained: ", DrainText(view),
                   view.drain.IsOn() ? absl::StrCat(", since ", FormatTime(view.drain.since_unix_ms())) : "");
  return report;
}

Report ClientsReport(View& view) {
  Table table{{"client", "pid", "user", "uid", "connected_seconds", "idle_seconds", "request", "socket"},
              {},
              "client user pid idle_seconds request socket"};
  for (const ClientStatus& client : view.services.Clients()) {
    table.rows.push_back({Number(static_cast<int64_t>(client.number)), client.pid == 0 ? Null() : Number(client.pid),
                          client.user.empty() ? Null() : Value(client.user), Number(client.uid),
                          Number(client.connected_seconds), Number(client.idle_seconds),
                          client.request.empty() ? Null() : Value(WithoutScreen(client.request)),
                          Text(client.read_only ? "read-only" : "admin")});
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

}  // namespace dpvrrp
