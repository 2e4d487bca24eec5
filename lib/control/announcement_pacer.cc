// SPDX-License-Identifier: BSD-3-Clause
#include "control/announcement_pacer.h"

#include <algorithm>

namespace dpvrrp {

void AnnouncementPacer::Add(PortId port, Announcement announcement, Urgency urgency) {
  std::deque<Announcement>& queue = ports_[port.value()].queues[static_cast<size_t>(urgency)];
  const auto add = [&](Announcement part) {
    if (urgency == Urgency::kRepeat && !repeating_.insert({part.instance, part.first}).second) return;
    queue.push_back(part);
  };
  if (interval_.count() == 0) return add(announcement);  // gone with the next Take()
  for (uint16_t i = 0; i < announcement.count; ++i) {
    add({announcement.instance, static_cast<uint16_t>(announcement.first + i), 1});
  }
}

std::vector<Announcement> AnnouncementPacer::Take(Instant now, const std::function<bool(InstanceId)>& is_wanted) {
  std::vector<Announcement> ready;
  for (auto& [id, port] : ports_) {
    port.free_at = std::max(port.free_at, now - Slack());
    for (const Urgency urgency : {Urgency::kFirst, Urgency::kRepeat}) {
      std::deque<Announcement>& queue = port.queues[static_cast<size_t>(urgency)];
      for (; !queue.empty() && port.free_at <= now; queue.pop_front()) {
        const Announcement& next = queue.front();
        if (urgency == Urgency::kRepeat) repeating_.erase({next.instance, next.first});
        if (!is_wanted(next.instance)) continue;
        ready.push_back(next);
        port.free_at += interval_;
      }
    }
  }
  return ready;
}

Instant AnnouncementPacer::NextDeadline() const {
  Instant next = kNever;
  for (const auto& [id, port] : ports_) {
    if (!port.empty()) next = std::min(next, port.free_at + Slack());
  }
  return next;
}

}  // namespace dpvrrp
