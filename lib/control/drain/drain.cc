// SPDX-License-Identifier: BSD-3-Clause
#include "control/drain/drain.h"

#include <algorithm>

#include "control/journal/journal.h"

namespace dpvrrp {
namespace {

constexpr int kStepsASecond = 10;  // or fewer, of one instance each
constexpr Nanoseconds kSearch = std::chrono::seconds(1);
// An instance that no peer takes over is master again by then, at the usual interval.
constexpr Nanoseconds kTakeOverTime = std::chrono::seconds(5);

}  // namespace

size_t Drain::Begin(int rate, ControlTime t) {
  rate_ = rate;
  if (!IsOn()) since_unix_ms_ = t.unix_ms;
  reported_ = false;
  // Those that are master are tried again. The others stay known, because undrain must release them.
  absl::erase_if(ordered_, [&](const auto& entry) {
    const ManagedInstance* instance = context_.registry.FindById(entry.first);
    return instance == nullptr || instance->state == State::kMaster;
  });
  queue_.clear();
  FindMasters();
  last_order_ = next_ = t.now;
  next_search_ = t.now + kSearch;
  return queue_.size();
}

size_t Drain::End(ControlTime t) {
  since_unix_ms_ = 0;
  due_.clear();
  queue_.clear();
  for (const auto& [name, instance] : context_.registry.instances()) {
    if (ordered_.contains(instance.id)) queue_.push_back(instance.id);
  }
  next_ = t.now;
  return queue_.size();
}

Drain::Stage Drain::StageOf(const ManagedInstance& instance) const {
  if (instance.state != State::kMaster) return Stage::kBackup;
  if (instance.priority == kPriorityOwner) return Stage::kOwner;
  const auto ordered = ordered_.find(instance.id);
  if (ordered == ordered_.end() || instance.since <= ordered->second) return Stage::kWaiting;
  return Stage::kNoPeer;
}

Drain::Counts Drain::Count() const {
  Counts counts;
  for (const auto& [name, instance] : context_.registry.instances()) {
    if (instance.removing || IsLed(instance)) continue;
    const Stage stage = StageOf(instance);
    counts.waiting += stage == Stage::kWaiting ? 1 : 0;
    counts.no_peer += stage == Stage::kNoPeer ? 1 : 0;
    counts.owners += stage == Stage::kOwner ? 1 : 0;
  }
  return counts;
}

// Masters that were not ordered to resign. Those that no peer took over are not tried again: each try interrupts them.
void Drain::FindMasters() {
  for (const auto& [name, instance] : context_.registry.instances()) {
    if (instance.removing || IsLed(instance) || instance.state != State::kMaster) continue;
    if (instance.priority != kPriorityOwner && !ordered_.contains(instance.id)) queue_.push_back(instance.id);
  }
}

std::vector<InstanceId> Drain::Step() {
  std::vector<InstanceId> step;
  const size_t most = static_cast<size_t>(std::max(1, rate_ / kStepsASecond));
  while (step.size() < most && !queue_.empty()) {
    const ManagedInstance* instance = context_.registry.FindById(queue_.front());
    const bool had_its_turn = ordered_.contains(queue_.front()) == IsOn();
    if (instance != nullptr && !instance->removing && !had_its_turn) step.push_back(instance->id);
    queue_.pop_front();
  }
  return step;
}

void Drain::Resign(ControlTime t) {
  if (queue_.empty() && next_search_ <= t.now) {
    FindMasters();
    next_search_ = t.now + kSearch;
  }
  for (const InstanceId id : Step()) {
    if (context_.registry.FindById(id)->state != State::kMaster) continue;  // it moved with its group
    ordered_[id] = last_order_ = t.now;
    due_.push_back(id);
  }
}

void Drain::Report(ControlTime t) {
  const Counts counts = Count();
  if (counts.waiting > 0) return;
  reported_ = true;
  context_.journal.Record(occurrence::Drained{counts.no_peer, counts.owners}, t.unix_ms);
}

void Drain::OnTime(ControlTime t) {
  if (t.now < next_) return;
  const Nanoseconds pause = Nanoseconds(std::chrono::seconds(1)) * std::max(1, rate_ / kStepsASecond) / rate_;
  if (IsOn()) {
    Resign(t);
    if (queue_.empty() && !reported_ && t.now - last_order_ >= kTakeOverTime) Report(t);
    next_ = queue_.empty() ? next_search_ : t.now + pause;
  } else {
    released_ = Step();
    for (const InstanceId id : released_) ordered_.erase(id);
    next_ = queue_.empty() ? kNever : t.now + pause;
  }
}

}  // namespace dpvrrp
