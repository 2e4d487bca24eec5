// SPDX-License-Identifier: BSD-3-Clause
#include "control/addresses/announcement_pacer.h"

#include <algorithm>
#include <string>

namespace dpvrrp {

template <typename Lane>
void AnnouncementPacer<Lane>::Add(const Lane& lane, InstanceId instance, uint16_t index, Urgency urgency) {
  const auto [waiting, is_new] = in_queue_[static_cast<size_t>(urgency)].try_emplace({instance, index}, true);
  waiting->second = true;
  if (is_new) lanes_[lane].queues[static_cast<size_t>(urgency)].push_back({instance, index});
}

template <typename Lane>
void AnnouncementPacer<Lane>::Cancel(InstanceId instance, size_t first, size_t count) {
  for (absl::flat_hash_map<Address, bool>& in_queue : in_queue_) {
    for (size_t i = first; i < first + count && !in_queue.empty(); ++i) {
      const auto waiting = in_queue.find({instance, static_cast<uint16_t>(i)});
      if (waiting != in_queue.end()) waiting->second = false;
    }
  }
}

template <typename Lane>
std::vector<Announcement> AnnouncementPacer<Lane>::Take(Instant now) {
  std::vector<Announcement> ready;
  for (auto& [name, lane] : lanes_) {
    lane.free_at = std::max(lane.free_at, now - Slack());
    for (const size_t urgency : {size_t{0}, size_t{1}}) {
      std::deque<Address>& queue = lane.queues[urgency];
      for (; !queue.empty() && lane.free_at <= now; queue.pop_front()) {
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
        lane.free_at += interval_;
      }
    }
  }
  absl::erase_if(lanes_, [&](const auto& lane) {  // a new one would be equal
    return lane.second.empty() && lane.second.free_at <= now - Slack();
  });
  return ready;
}

template <typename Lane>
Instant AnnouncementPacer<Lane>::NextDeadline() const {
  Instant next = kNever;
  for (const auto& [name, lane] : lanes_) {
    if (!lane.empty()) next = std::min(next, lane.free_at + Slack());
  }
  return next;
}

template class AnnouncementPacer<PortId>;
template class AnnouncementPacer<std::string>;

}  // namespace dpvrrp
