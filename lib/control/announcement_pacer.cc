// SPDX-License-Identifier: BSD-3-Clause
#include "control/announcement_pacer.h"

#include <algorithm>

namespace dpvrrp {

void AnnouncementPacer::Add(PortId port, InstanceId instance, uint16_t index, Urgency urgency) {
  const auto [waiting, is_new] = in_queue_[static_cast<size_t>(urgency)].try_emplace({instance, index}, true);
  waiting->second = true;
  if (is_new) ports_[port.value()].queues[static_cast<size_t>(urgency)].push_back({instance, index});
}

void AnnouncementPacer::Cancel(InstanceId instance, size_t addresses) {
  for (absl::flat_hash_map<Address, bool>& in_queue : in_queue_) {
    for (size_t i = 0; i < addresses && !in_queue.empty(); ++i) {
      const auto waiting = in_queue.find({instance, static_cast<uint16_t>(i)});
      if (waiting != in_queue.end()) waiting->second = false;
    }
  }
}

std::vector<Announcement> AnnouncementPacer::Take(Instant now) {
  std::vector<Announcement> ready;
  for (auto& [id, port] : ports_) {
    port.free_at = std::max(port.free_at, now - Slack());
    for (const size_t urgency : {size_t{0}, size_t{1}}) {
      std::deque<Address>& queue = port.queues[urgency];
      for (; !queue.empty() && port.free_at <= now; queue.pop_front()) {
        const auto waiting = in_queue_[urgency].find(queue.front());
        const bool cancelled = !waiting->second;
        in_queue_[urgency].erase(waiting);
        if (cancelled) continue;
        const auto [instance, index] = queue.front();
        if (!ready.empty() && ready.back().instance == instance && ready.back().first + ready.back().count == index) {
          ++ready.back().count;
        } else {
          ready.push_back({instance, index, 1});
        }
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
