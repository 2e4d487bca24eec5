// SPDX-License-Identifier: BSD-3-Clause
//
// The damping of a tracked condition: `fall` bad observations in a row make it down, `rise` good ones make it up, and a
// change must last for a delay. The first observation of all decides at once.
//
// Pure: time is an argument and never decreases. Thread: any (values).
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace dpvrrp {

struct DampingRules {
  uint32_t rise = 1;  // at least 1, as `fall`
  uint32_t fall = 1;
  Nanoseconds up_delay{0};
  Nanoseconds down_delay{0};

  friend bool operator==(const DampingRules&, const DampingRules&) = default;
};

class Damper {
 public:
  // `initial` is the state before the first observation; absent: not known.
  Damper(const DampingRules& rules, std::optional<bool> initial) : rules_(rules), up_(initial) {}

  // One observation. True: the state has changed.
  bool Observe(bool good, Instant now);
  // Ends a delay that is over. True: the state has changed.
  bool OnTime(Instant now);
  Instant NextDeadline() const { return changes_at_; }
  // The delays and counts for what is observed from now on.
  void SetRules(const DampingRules& rules) { rules_ = rules; }

  std::optional<bool> is_up() const { return up_; }
  uint32_t contrary() const { return contrary_; }  // observations in a row that contradict the state

 private:
  DampingRules rules_;
  std::optional<bool> up_;
  uint32_t contrary_ = 0;
  Instant changes_at_ = kNever;
};

}  // namespace dpvrrp
