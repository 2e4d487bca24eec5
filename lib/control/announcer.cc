// SPDX-License-Identifier: BSD-3-Clause
#include "control/announcer.h"

#include <algorithm>

namespace dpvrrp {

void Announcer::OnMaster(InstanceId instance, const std::vector<bool>& awaited, Instant now) {
  OnNotMaster(instance);
  Schedule& schedule = schedules_[instance];
  schedule.since = now;
  schedule.announced = awaited;
  schedule.announced.flip();
  AnnounceWhere(instance, schedule.announced);
  SetDeadline(instance, schedule);
}

void Announcer::OnNotMaster(InstanceId instance) {
  const auto it = schedules_.find(instance);
  if (it == schedules_.end()) return;
  deadlines_.erase({it->second.deadline, instance});
  schedules_.erase(it);
}

void Announcer::OnProgrammed(InstanceId instance, uint16_t index) {
  const auto it = schedules_.find(instance);
  if (it == schedules_.end() || index >= it->second.announced.size()) return;
  it->second.announced[index] = true;
  ready_.push_back({instance, index, 1});
}

void Announcer::OnTime(Instant now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const InstanceId instance = deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    Schedule& schedule = schedules_.at(instance);
    if (!schedule.wait_over && schedule.since + kLongestWait <= now) {
      schedule.wait_over = true;
      std::vector<bool> late = schedule.announced;
      late.flip();
      AnnounceWhere(instance, late);
      schedule.announced.assign(schedule.announced.size(), true);
    }
    bool repeat = false;
    for (; schedule.next_repeat < kRepeats.size() && schedule.since + kRepeats[schedule.next_repeat] <= now;
         ++schedule.next_repeat) {
      repeat = true;
    }
    if (repeat) AnnounceWhere(instance, schedule.announced);
    SetDeadline(instance, schedule);
  }
}

void Announcer::SetDeadline(InstanceId instance, Schedule& schedule) {
  schedule.deadline = schedule.wait_over ? kNever : schedule.since + kLongestWait;
  if (schedule.next_repeat < kRepeats.size()) {
    schedule.deadline = std::min(schedule.deadline, schedule.since + kRepeats[schedule.next_repeat]);
  }
  if (schedule.deadline != kNever) deadlines_.insert({schedule.deadline, instance});
}

Instant Announcer::NextDeadline() const { return deadlines_.empty() ? kNever : deadlines_.begin()->first; }

// Neighbouring addresses go in one announcement.
void Announcer::AnnounceWhere(InstanceId instance, const std::vector<bool>& which) {
  for (size_t i = 0; i < which.size(); ++i) {
    if (!which[i]) continue;
    size_t end = i;
    while (end < which.size() && which[end]) ++end;
    ready_.push_back({instance, static_cast<uint16_t>(i), static_cast<uint16_t>(end - i)});
    i = end;
  }
}

std::vector<Announcer::Announcement> Announcer::Take() { return std::exchange(ready_, {}); }

}  // namespace dpvrrp
