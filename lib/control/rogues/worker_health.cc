// SPDX-License-Identifier: BSD-3-Clause
#include "control/rogues/worker_health.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace dpvrrp {
namespace {

using WorkerState = WorkerStatus::State;

constexpr size_t kNamedPrograms = 3;

// "stress (pid 11), cc1plus (pid 12), make (pid 13) and 4 more".
std::string Named(std::span<const std::string> programs) {
  const size_t named = std::min(programs.size(), kNamedPrograms);
  std::string text = absl::StrJoin(programs.begin(), programs.begin() + static_cast<ptrdiff_t>(named), ", ");
  if (programs.size() > named) absl::StrAppend(&text, " and ", programs.size() - named, " more");
  return text;
}

// Why a thread does not run, by its state in proc(5).
std::string ReasonOf(const WorkerStatus& worker, std::span<const std::string> programs) {
  const std::string cpu = absl::StrCat("CPU ", worker.thread_cpu);
  switch (worker.thread_state) {
    case 'R':
      if (!programs.empty()) return absl::StrCat("it wants to run, but ", cpu, " is taken by ", Named(programs));
      return absl::StrCat("it wants to run, but ", cpu,
                          " is taken: by a program that is not visible to the daemon, by a CPU quota of its control "
                          "group, or by the hypervisor");
    case 'D':
      return "it waits in the kernel, for a device or a disk (state D)";
    case 'S':
      return "it sleeps in a system call that does not return (state S)";
    case 'T':
    case 't':
      return "a signal or a debugger has stopped it (state T)";
    default:
      return "the state of its thread cannot be read";
  }
}

}  // namespace

absl::string_view ToString(WorkerState state) {
  switch (state) {
    case WorkerState::kSlow:
      return "slow";
    case WorkerState::kStalled:
      return "stalled";
    case WorkerState::kRunning:
      break;
  }
  return "running";
}

WorkerState WorkerHealth::Judge(Seen& seen, const WorkerStatus& status, Instant now) {
  const double elapsed = std::chrono::duration<double, std::nano>(now - seen.sampled_at).count();
  const bool counts_waiting = status.thread_waited_ns >= seen.waited_ns;
  seen.waited_share = counts_waiting ? static_cast<double>(status.thread_waited_ns - seen.waited_ns) / elapsed : 0;
  seen.waited_ns = status.thread_waited_ns;
  seen.sampled_at = now;
  if (status.turns == seen.turns) {
    if (++seen.still >= kStillSamples) return WorkerState::kStalled;
    return seen.state == WorkerState::kStalled ? WorkerState::kStalled : WorkerState::kRunning;
  }
  seen.turns = status.turns;
  seen.turned_at = now;
  seen.still = 0;
  return seen.waited_share > kSlowShare ? WorkerState::kSlow : WorkerState::kRunning;
}

std::vector<size_t> WorkerHealth::Sample(std::span<const WorkerStatus> workers, Instant now) {
  std::vector<size_t> changed;
  while (seen_.size() < workers.size()) {
    Seen seen;
    seen.since = seen.turned_at = seen.sampled_at = now;
    seen.turns = workers[seen_.size()].turns;
    seen.waited_ns = workers[seen_.size()].thread_waited_ns;
    seen_.push_back(std::move(seen));
  }
  for (size_t i = 0; i < workers.size(); ++i) {
    Seen& seen = seen_[i];
    if (now - seen.sampled_at < kShortestSample) continue;
    const Instant turned_before = seen.turned_at;
    const WorkerState state = Judge(seen, workers[i], now);
    if (state != seen.state) {
      seen.since = state == WorkerState::kStalled ? turned_before : now;
      seen.state = state;
      seen.why.clear();
      seen.reason_at = now;
      changed.push_back(i);
    } else if (state == WorkerState::kStalled && now - seen.reason_at >= kReasonStands) {
      seen.reason_at = now;
      changed.push_back(i);
    }
  }
  return changed;
}

void WorkerHealth::SetReason(size_t worker, const WorkerStatus& status, std::span<const std::string> programs) {
  Seen& seen = seen_[worker];
  if (seen.state == WorkerState::kStalled) seen.why = ReasonOf(status, programs);
  if (seen.state == WorkerState::kSlow) {
    seen.why = absl::StrFormat("it waited %.0f %% of the time for CPU %d", 100 * seen.waited_share, status.thread_cpu);
    if (!programs.empty()) absl::StrAppend(&seen.why, ", which is taken by ", Named(programs));
  }
  if (seen.state != WorkerState::kRunning && status.command_ring_full) {
    absl::StrAppend(&seen.why, "; its command ring is full, so orders wait");
  }
}

void WorkerHealth::Annotate(std::span<WorkerStatus> workers) const {
  for (size_t i = 0; i < std::min(workers.size(), seen_.size()); ++i) {
    workers[i].state = seen_[i].state;
    workers[i].since = seen_[i].since;
    workers[i].why = seen_[i].why;
  }
}

}  // namespace dpvrrp
