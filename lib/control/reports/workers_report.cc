// SPDX-License-Identifier: BSD-3-Clause
//
// `show workers` and `show responder`.
#include "control/compose/parts.h"
#include "control/reports/report_cells.h"
#include "control/reports/reports.h"

namespace dpvrrp {

Report WorkersReport(View& view, ControlTime t) {
  Table table{{"lcore", "icv_engine", "turns", "rests", "longest_turn_us", "latest_wake_us", "received", "handed_over",
               "accepted", "not_accepted", "sent", "lost", "scheduling", "state", "since", "why"},
              {},
              "lcore state why received accepted not_accepted sent lost longest_turn_us since"};
  for (const WorkerStatus& worker : view.workers.Workers()) {
    const bool running = worker.state == WorkerStatus::State::kRunning;
    table.rows.push_back({Number(worker.lcore), worker.icv_engine, Count(worker.turns), Count(worker.rests),
                          Count(worker.longest_turn_us), Count(worker.latest_wake_us), Count(worker.received),
                          Count(worker.handed_over), Count(worker.accepted), Count(worker.not_accepted),
                          Count(worker.sent), Count(worker.lost), worker.scheduling, Text(ToString(worker.state)),
                          running ? Null() : Text(FormatTime(t.UnixMsAt(worker.since))),
                          running ? Null() : Text(worker.why)});
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

Report ResponderReport(View& view) {
  Table table{{"lcore", "arp_replies", "neighbour_advertisements", "echo_replies", "not_ours", "not_master",
               "not_accepted", "malformed", "limited", "queue_full", "peer_questions", "group_reports"},
              {},
              "lcore arp_replies neighbour_advertisements echo_replies limited queue_full not_master not_ours"};
  const std::vector<WorkerStatus> workers = view.workers.Workers();
  for (size_t i = 0; i < view.shards.size(); ++i) {
    const ResponderCounters& n = view.shards[i]->responder;
    table.rows.push_back({i < workers.size() ? Number(workers[i].lcore) : Null(), Count(n.arp_replies.value()),
                          Count(n.neighbour_advertisements.value()), Count(n.echo_replies.value()),
                          Count(n.not_ours.value()), Count(n.not_master.value()), Count(n.not_accepted.value()),
                          Count(n.malformed.value()), Count(n.limited.value()), Count(n.queue_full.value()),
                          Count(n.peer_questions.value()), Count(n.group_reports.value())});
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

}  // namespace dpvrrp
