// SPDX-License-Identifier: BSD-3-Clause
#include "control/addresses/announcer.h"

#include <algorithm>

namespace dpvrrp {

using Urgency = AnnouncementUrgency;

void Announcer::Configure(const GarpConfig& config) {
  if (config == config_) return;
  config_ = config;
  ports_.set_interval(config.interval);
  devices_.set_interval(std::max(config.interval, kLeastIntervalOnDevice));
  for (auto& [instance, schedule] : schedules_) {
    schedule.refresh_at = config.refresh.count() == 0 ? kNever : schedule.since + config.refresh;
    if (config.correction_interval.count() == 0) schedule.correct_at = kNever;
    SetDeadline(instance, schedule);
  }
}

void Announcer::SetOutlets(InstanceId instance, Outlets outlets) {
  if (outlets.empty()) {
    outlets_.erase(instance);
  } else {
    outlets_[instance] = std::move(outlets);
  }
}

void Announcer::Forget(InstanceId instance) {
  OnNotMaster(instance);
  outlets_.erase(instance);
}

void Announcer::OnMaster(InstanceId instance, PortId port, const std::vector<bool>& awaited, Instant now) {
  OnNotMaster(instance);
  Schedule& schedule = schedules_[instance];
  schedule.port = port;
  schedule.since = now;
  if (config_.refresh.count() > 0) schedule.refresh_at = now + config_.refresh;
  schedule.held = awaited;
  schedule.held.flip();
  AnnounceHeld(instance, schedule, Urgency::kFirst);
  SetDeadline(instance, schedule);
}

void Announcer::OnNotMaster(InstanceId instance) {
  const auto it = schedules_.find(instance);
  if (it == schedules_.end()) return;
  deadlines_.erase({it->second.deadline, instance});
  Cancel(instance, 0, it->second.held.size());
  schedules_.erase(it);
}

void Announcer::OnList(InstanceId instance, std::vector<bool> held) {
  const auto it = schedules_.find(instance);
  if (it == schedules_.end()) return;
  Cancel(instance, 0, it->second.held.size());  // by the former list
  it->second.held = std::move(held);
}

void Announcer::OnProgrammed(InstanceId instance, uint16_t index) {
  const auto it = schedules_.find(instance);
  if (it == schedules_.end() || index >= it->second.held.size()) return;
  it->second.held[index] = true;
  Add(instance, it->second, index, Urgency::kFirst);
}

void Announcer::OnLost(InstanceId instance, uint16_t index) {
  const auto it = schedules_.find(instance);
  if (it == schedules_.end() || index >= it->second.held.size()) return;
  it->second.held[index] = false;
  Cancel(instance, index, 1);
}

void Announcer::OnDeviceMac(InstanceId instance, uint16_t index) {
  const auto it = schedules_.find(instance);
  if (it == schedules_.end() || index >= it->second.held.size() || !it->second.held[index]) return;
  const std::string& device = OutletOf(instance, index).device;
  if (!device.empty()) devices_.Add(device, instance, index, Urgency::kFirst);
}

bool Announcer::Again(InstanceId instance, Nanoseconds spacing, bool twice, Instant now) {
  const auto it = schedules_.find(instance);
  if (it == schedules_.end() || config_.correction_interval.count() == 0) return false;
  Schedule& schedule = it->second;
  const bool early = schedule.corrected_at != Instant::min() && now - schedule.corrected_at < spacing;
  if (early) {
    schedule.correct_at = std::min(schedule.correct_at, schedule.corrected_at + spacing);
  } else {
    AnnounceHeld(instance, schedule, Urgency::kFirst);
    schedule.corrected_at = now;
    schedule.correct_at = twice ? now + config_.correction_interval : kNever;
  }
  SetDeadline(instance, schedule);
  return true;
}

void Announcer::OnTime(Instant now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const InstanceId instance = deadlines_.begin()->second;
    Schedule& schedule = schedules_.at(instance);
    bool due = false;
    for (;
         schedule.next_repeat < config_.repeats.size() && schedule.since + config_.repeats[schedule.next_repeat] <= now;
         ++schedule.next_repeat) {
      due = true;
    }
    if (schedule.refresh_at <= now) {
      due = true;
      schedule.refresh_at = now + config_.refresh;
    }
    if (schedule.correct_at <= now) {
      due = true;
      schedule.corrected_at = now;
      schedule.correct_at = kNever;
    }
    if (due) AnnounceHeld(instance, schedule, Urgency::kRepeat);
    SetDeadline(instance, schedule);
  }
}

void Announcer::SetDeadline(InstanceId instance, Schedule& schedule) {
  deadlines_.erase({schedule.deadline, instance});
  schedule.deadline = std::min(schedule.refresh_at, schedule.correct_at);
  if (schedule.next_repeat < config_.repeats.size()) {
    schedule.deadline = std::min(schedule.deadline, schedule.since + config_.repeats[schedule.next_repeat]);
  }
  if (schedule.deadline != kNever) deadlines_.insert({schedule.deadline, instance});
}

Instant Announcer::NextDeadline() const {
  const Instant waiting = std::min(ports_.NextDeadline(), devices_.NextDeadline());
  return std::min(waiting, deadlines_.empty() ? kNever : deadlines_.begin()->first);
}

void Announcer::AnnounceHeld(InstanceId instance, const Schedule& schedule, Urgency urgency) {
  for (size_t i = 0; i < schedule.held.size(); ++i) {
    if (schedule.held[i]) Add(instance, schedule, i, urgency);
  }
}

void Announcer::Add(InstanceId instance, const Schedule& schedule, size_t index, Urgency urgency) {
  const Outlet& outlet = OutletOf(instance, index);
  if (outlet.port) ports_.Add(schedule.port, instance, static_cast<uint16_t>(index), urgency);
  if (!outlet.device.empty()) devices_.Add(outlet.device, instance, static_cast<uint16_t>(index), urgency);
}

void Announcer::Cancel(InstanceId instance, size_t first, size_t count) {
  ports_.Cancel(instance, first, count);
  devices_.Cancel(instance, first, count);
}

const Outlet& Announcer::OutletOf(InstanceId instance, size_t index) const {
  static const Outlet kPort;
  const auto outlets = outlets_.find(instance);
  return outlets == outlets_.end() || index >= outlets->second.size() ? kPort : outlets->second[index];
}

}  // namespace dpvrrp
