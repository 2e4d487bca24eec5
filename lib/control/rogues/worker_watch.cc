// SPDX-License-Identifier: BSD-3-Clause
#include "control/rogues/worker_watch.h"

#include <string>

#include "control/journal/journal.h"

namespace dpvrrp {

std::vector<WorkerStatus> WorkerWatch::Workers() const {
  std::vector<WorkerStatus> workers = context_.services.Workers();
  health_.Annotate(workers);
  return workers;
}

std::vector<bool> WorkerWatch::Sample(ControlTime t) {
  const std::vector<WorkerStatus> before = Workers();
  for (const size_t i : health_.Sample(before, t.now)) {
    std::vector<std::string> programs;
    if (health_.wants_cpu(i, before[i])) programs = context_.services.ProgramsOn(before[i].thread_cpu);
    health_.SetReason(i, before[i], programs);
    std::vector<WorkerStatus> after = before;
    health_.Annotate(after);
    RecordChange(before[i], after[i], t);
  }
  std::vector<bool> stalled;
  for (size_t i = 0; i < before.size(); ++i) stalled.push_back(health_.stalled(i));
  return stalled;
}

void WorkerWatch::RecordChange(const WorkerStatus& before, const WorkerStatus& now, ControlTime t) {
  if (now.state == before.state) return;
  if (now.state == WorkerStatus::State::kStalled) {
    context_.journal.Record(occurrence::WorkerStalled{now.lcore, t.UnixMsAt(now.since), now.why}, t.unix_ms);
  } else if (before.state == WorkerStatus::State::kStalled) {
    context_.journal.Record(occurrence::WorkerRunsAgain{now.lcore, t.now - before.since}, t.unix_ms);
  }
}

}  // namespace dpvrrp
