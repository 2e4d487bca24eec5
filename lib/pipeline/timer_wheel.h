// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace dpvrrp {

// A timer that lies inside what it wakes. Owned by that object; must be disarmed before it goes away.
struct TimerNode {
  TimerNode* prev = nullptr;  // both null: not armed
  TimerNode* next = nullptr;
  Instant at{};       // when it was asked to fire
  uint16_t slot = 0;  // the wheel's own; of a due timer it may be the one it was due from

  bool armed() const { return next != nullptr; }
};

// Hierarchical timing wheel (Varghese and Lauck): arming, disarming and firing are O(1) whatever the number of timers,
// so hundreds of thousands of virtual routers cost what one does. A timer fires at the first poll after its time and at
// most one tick (16.4 us) late, never early.
//
//   level 0:  256 slots of 16.4 us = 4.2 ms ahead
//   level 1: 4096 slots of 4.2 ms  = 17.2 s
//   level 2:  256 slots of 17.2 s  = 73 min
//   level 3:  256 slots of 73 min  = 13 days; what lies further is looked at again then
//
// When a slot's time comes its timers move down, all at once. Level 1 is as long as it is so that the timers of common
// intervals (5 s and less, three of which make a Master_Down_Interval) never lie higher: a slot of 17 s could hold
// those of every instance, and everybody's adverts would wait while they move.
//
// Thread: one lcore. Never allocates.
class TimerWheel {
 public:
  static constexpr int kTickShift = 14;  // 2^14 ns

  explicit TimerWheel(Instant start);
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  // Arms or re-arms. A time that has passed fires within a tick.
  void Arm(TimerNode& node, Instant at);
  void Disarm(TimerNode& node);
  // One timer whose time has come, disarmed; null: none. The memory of the next one is asked for. `now` never goes
  // back.
  TimerNode* PopExpired(Instant now);
  // Nothing fires before this; kNever if nothing is armed. May be early by a level's slot.
  Instant NextCheck() const;
  size_t armed() const { return armed_; }

 private:
  struct Level {
    int shift;     // a slot is 2^shift ticks
    int bits;      // there are 2^bits of them
    size_t first;  // index of the first in slots_

    constexpr uint64_t slots() const { return uint64_t{1} << bits; }
    constexpr size_t SlotOf(uint64_t tick) const { return first + ((tick >> shift) & (slots() - 1)); }
  };
  static constexpr std::array<Level, 4> kLevels = {{{0, 8, 0}, {8, 12, 256}, {20, 8, 4352}, {28, 8, 4608}}};
  static constexpr uint16_t kDueSlot = 4864;  // the list of what has expired
  static constexpr uint64_t kNoTick = ~uint64_t{0};

  static uint64_t TickAtOrAfter(Instant at);
  TimerNode& head(size_t slot) { return slots_[slot]; }
  void Link(size_t slot, TimerNode& node);
  void Unlink(TimerNode& node);
  void Place(TimerNode& node);
  void Redistribute(size_t slot);
  void MakeDue(size_t slot);
  void Advance(uint64_t tick);
  uint64_t& OccupiedWord(size_t slot) { return occupied_[slot / 64]; }
  // The first occupied slot of slots_[from, end), or `end`.
  size_t NextOccupied(size_t from, size_t end) const;
  uint64_t NextOccupiedTick() const;

  uint64_t tick_;  // everything up to this tick is in the due list
  size_t armed_ = 0;
  std::array<TimerNode, kDueSlot + 1> slots_{};     // list heads
  std::array<uint64_t, kDueSlot / 64> occupied_{};  // one bit a slot
};

}  // namespace dpvrrp
