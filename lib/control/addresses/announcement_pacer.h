// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/time.h"
#include "base/types.h"

namespace dpvrrp {

// Addresses of one instance that are to be announced.
struct Announcement {
  InstanceId instance;
  uint16_t first;  // in the advertised list
  uint16_t count;
};

enum class AnnouncementUrgency : uint8_t { kFirst, kRepeat };

// Limits the announcements to one address in `interval` on each lane, because switches and hosts drop frames that are
// faster than they can learn. A lane is a port (PortId) or a kernel device (its name). First announcements are sent
// before repeats. An address waits at most once as a first announcement and once as a repeat, and keeps its place. So
// at most twice the number of addresses waits.
//
// Thread: control.
template <typename Lane>
class AnnouncementPacer {
 public:
  using Urgency = AnnouncementUrgency;
  // An `interval` below this is kept on average over it, so that the control thread need not wake for each frame.
  static constexpr Nanoseconds kStep = std::chrono::milliseconds(1);

  void set_interval(Nanoseconds interval) { interval_ = interval; }  // 0: no pace
  void Add(const Lane& lane, InstanceId instance, uint16_t index, Urgency urgency);
  // Of the instance's `count` addresses from `first` on, those that wait are not sent unless they are added again.
  void Cancel(InstanceId instance, size_t first, size_t count);
  // The addresses that may be sent now. Neighbouring ones are one announcement.
  std::vector<Announcement> Take(Instant now);
  Instant NextDeadline() const;

 private:
  using Address = std::pair<InstanceId, uint16_t>;
  struct Waiting {
    std::deque<Address> queues[2];  // by Urgency
    Instant free_at{};              // the next address may be sent
    bool empty() const { return queues[0].empty() && queues[1].empty(); }
  };

  // How far the announcements may fall behind the pace and then be sent faster.
  Nanoseconds Slack() const { return std::max(kStep - interval_, Nanoseconds(0)); }

  Nanoseconds interval_{0};
  absl::flat_hash_map<Lane, Waiting> lanes_;        // that are in use
  absl::flat_hash_map<Address, bool> in_queue_[2];  // by Urgency; false: cancelled
};

}  // namespace dpvrrp
