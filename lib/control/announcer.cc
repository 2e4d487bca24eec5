// SPDX-License-Identifier: BSD-3-Clause
#include "control/announcer.h"

#include <algorithm>

namespace dpvrrp {

using Urgency = AnnouncementPacer::Urgency;

void Announcer::Configure(const GarpConfig& config) {
  if (config == config_) return;
  config_ = config;
  pacer_.set_interval(config.interval);
  for (auto& [instance, schedule] : schedules_) {
    deadlines_.erase({schedule.deadline, instance});
    schedule.refresh_at = config.refresh.count() == 0 ? kNever : schedule.since + config.refresh;
    SetDeadline(instance, schedule);
  }
}

void Announcer::OnMaster(InstanceId instance, PortId port, const std::vector<bool>& awaited, Instant now) {
  OnNotMaster(instance);
  Schedule& schedule = schedules_[instance];
  schedule.port = port;
  schedule.since = now;
  if (config_.refresh.count() > 0) schedule.refresh_at = now + config_.refresh;
  schedule.announced = awaited;
  schedule.announced.flip();
  AnnounceWhere(instance, schedule, schedule.announced, Urgency::kFirst);
  SetDeadline(instance, schedule);
}

void Announcer::OnNotMaster(InstanceId instance) {
  const auto it = schedules_.find(instance);
  if (it == schedules_.end()) return;
  deadlines_.erase({it->second.deadline, instance});
  pacer_.Cancel(instance, it->second.announced.size());
  schedules_.erase(it);
}

void Announcer::OnProgrammed(InstanceId instance, uint16_t index) {
  const auto it = schedules_.find(instance);
  if (it == schedules_.end() || index >= it->second.announced.size()) return;
  it->second.announced[index] = true;
  pacer_.Add(it->second.port, instance, index, Urgency::kFirst);
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
      AnnounceWhere(instance, schedule, late, Urgency::kFirst);
      schedule.announced.assign(schedule.announced.size(), true);
    }
    bool repeat = false;
    for (;
         schedule.next_repeat < config_.repeats.size() && schedule.since + config_.repeats[schedule.next_repeat] <= now;
         ++schedule.next_repeat) {
      repeat = true;
    }
    if (schedule.refresh_at <= now) {
      repeat = true;
      schedule.refresh_at = now + config_.refresh;
    }
    if (repeat) AnnounceWhere(instance, schedule, schedule.announced, Urgency::kRepeat);
    SetDeadline(instance, schedule);
  }
}

void Announcer::SetDeadline(InstanceId instance, Schedule& schedule) {
  schedule.deadline = schedule.refresh_at;
  if (!schedule.wait_over) schedule.deadline = std::min(schedule.deadline, schedule.since + kLongestWait);
  if (schedule.next_repeat < config_.repeats.size()) {
    schedule.deadline = std::min(schedule.deadline, schedule.since + config_.repeats[schedule.next_repeat]);
  }
  if (schedule.deadline != kNever) deadlines_.insert({schedule.deadline, instance});
}

Instant Announcer::NextDeadline() const {
  return std::min(pacer_.NextDeadline(), deadlines_.empty() ? kNever : deadlines_.begin()->first);
}

void Announcer::AnnounceWhere(InstanceId instance, const Schedule& schedule, const std::vector<bool>& which,
                              Urgency urgency) {
  for (size_t i = 0; i < which.size(); ++i) {
    if (which[i]) pacer_.Add(schedule.port, instance, static_cast<uint16_t>(i), urgency);
  }
}

}  // namespace dpvrrp
