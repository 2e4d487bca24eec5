// SPDX-License-Identifier: BSD-3-Clause
#include "agent/program_queue.h"

#include <algorithm>

namespace dpvrrp {

void ProgramQueue::Add(Job job) {
  const LaneKey key(job.request.queue, job.request.queue.empty() ? job.ticket : 0);
  Lane& lane = lanes_[key];
  if (!lane.busy && lane.jobs.empty()) ready_.push_back(key);
  lane.jobs.push_back(std::move(job));
  ++waiting_;
}

std::optional<ProgramQueue::Job> ProgramQueue::Next(Instant now) {
  if (ready_.empty() || running_.size() >= at_once_) return std::nullopt;
  LaneKey key = std::move(ready_.front());
  ready_.pop_front();
  Lane& lane = lanes_[key];
  Job job = std::move(lane.jobs.front());
  lane.jobs.pop_front();
  lane.busy = true;
  --waiting_;
  running_[job.ticket] = {.lane = std::move(key), .due = now + job.request.timeout};
  return job;
}

void ProgramQueue::Ended(Ticket ticket) {
  const auto found = running_.find(ticket);
  if (found == running_.end()) return;
  const bool given_up = found->second.step == Step::kGiveUp && found->second.due == kNever;
  if (given_up) --given_up_;
  if (!given_up) Release(found->second.lane);
  running_.erase(found);
}

// The lane's next job may run.
void ProgramQueue::Release(const LaneKey& key) {
  const auto found = lanes_.find(key);
  if (found == lanes_.end()) return;
  found->second.busy = false;
  if (found->second.jobs.empty()) {
    lanes_.erase(found);
  } else {
    ready_.push_back(key);
  }
}

std::vector<ProgramQueue::Due> ProgramQueue::TakeDue(Instant now) {
  std::vector<Due> steps;
  for (auto& [ticket, running] : running_) {
    if (running.due > now) continue;
    steps.push_back({ticket, running.step});
    switch (running.step) {
      case Step::kTerminate:
        running.step = Step::kKill;
        running.due = now + running.grace;
        break;
      case Step::kKill:
        running.step = Step::kGiveUp;
        running.due = now + kGiveUpAfter;
        break;
      case Step::kGiveUp:
        running.due = kNever;
        ++given_up_;
        Release(running.lane);
        break;
    }
  }
  return steps;
}

Instant ProgramQueue::next_due() const {
  Instant next = kNever;
  for (const auto& [ticket, running] : running_) next = std::min(next, running.due);
  return next;
}

void ProgramQueue::EndAll(Instant now, Nanoseconds grace) {
  for (auto& [key, lane] : lanes_) lane.jobs.clear();
  ready_.clear();
  std::erase_if(lanes_, [](const auto& entry) { return !entry.second.busy; });
  waiting_ = 0;
  for (auto& [ticket, running] : running_) {
    if (running.step != Step::kTerminate) continue;
    running.due = now;
    running.grace = grace;
  }
}

}  // namespace dpvrrp
