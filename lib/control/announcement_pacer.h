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

// Some of an instance's addresses, to be announced.
struct Announcement {
  InstanceId instance;
  uint16_t first;  // in the advertised list
  uint16_t count;
};

// Lets announcements go no faster than one address in `interval` on each port: switches and hosts drop what comes
// faster than they learn. First announcements go before repeats. An address waits once at most in either, however often
// it is asked for, and keeps its place; so what waits is bounded by twice the number of addresses.
//
// Thread: control.
class AnnouncementPacer {
 public:
  enum class Urgency : uint8_t { kFirst, kRepeat };
  // An `interval` below this is kept on average over it, so that the control thread need not wake for each frame.
  static constexpr Nanoseconds kStep = std::chrono::milliseconds(1);

  void set_interval(Nanoseconds interval) { interval_ = interval; }  // 0: no pace
  void Add(PortId port, InstanceId instance, uint16_t index, Urgency urgency);
  // What of the instance waits, of its first `addresses`, goes only if it is added again.
  void Cancel(InstanceId instance, size_t addresses);
  // What may go now; neighbouring addresses that go at once are one announcement.
  std::vector<Announcement> Take(Instant now);
  Instant NextDeadline() const;

 private:
  using Address = std::pair<InstanceId, uint16_t>;
  struct Port {
    std::deque<Address> queues[2];  // by Urgency
    Instant free_at{};              // the next address may go
    bool empty() const { return queues[0].empty() && queues[1].empty(); }
  };

  // How far the pace may fall behind and make up for it.
  Nanoseconds Slack() const { return std::max(kStep - interval_, Nanoseconds(0)); }

  Nanoseconds interval_{0};
  absl::flat_hash_map<uint16_t, Port> ports_;       // those that have been used
  absl::flat_hash_map<Address, bool> in_queue_[2];  // by Urgency; false: cancelled
};

}  // namespace dpvrrp
