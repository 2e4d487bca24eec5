// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/time.h"
#include "base/types.h"

namespace dpvrrp {

// Some of an instance's addresses, to be announced.
struct Announcement {
  InstanceId instance;
  uint16_t first;  // in the advertised list
  uint16_t count;
};

// Lets announcements go no faster than one address in `interval` on each port: switches and hosts drop what comes
// faster than they learn. First announcements go before repeats; a repeat that still waits when the next one is due is
// not queued again.
//
// Thread: control.
class AnnouncementPacer {
 public:
  enum class Urgency : uint8_t { kFirst, kRepeat };
  // An `interval` below this is kept on average over it, so that the control thread need not wake for each frame.
  static constexpr Nanoseconds kStep = std::chrono::milliseconds(1);

  void set_interval(Nanoseconds interval) { interval_ = interval; }  // 0: no pace
  void Add(PortId port, Announcement announcement, Urgency urgency);
  // What may go now. `is_wanted` says whether an instance's announcements still mean something; others are dropped.
  std::vector<Announcement> Take(Instant now, const std::function<bool(InstanceId)>& is_wanted);
  Instant NextDeadline() const;

 private:
  struct Port {
    std::deque<Announcement> queues[2];  // by Urgency
    Instant free_at{};                   // the next address may go
    bool empty() const { return queues[0].empty() && queues[1].empty(); }
  };

  // How far the pace may fall behind and make up for it.
  Nanoseconds Slack() const { return std::max(kStep - interval_, Nanoseconds(0)); }

  Nanoseconds interval_{0};
  absl::flat_hash_map<uint16_t, Port> ports_;                       // those that have been used
  absl::flat_hash_set<std::pair<InstanceId, uint16_t>> repeating_;  // by first address; in a queue
};

}  // namespace dpvrrp
