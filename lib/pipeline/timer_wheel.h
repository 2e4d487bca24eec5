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
//   level 0: 256 slots of one tick   = 4.2 ms ahead
//   level 1: 256 slots of 256 ticks  = 1.07 s
//   level 2: 256 slots               = 275 s
//   level 3: 256 slots               = 19.5 h; what lies further is looked at again then
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
  static constexpr int kLevels = 4;
  static constexpr int kSlotBits = 8;
  static constexpr uint64_t kSlots = 1u << kSlotBits;
  static constexpr uint64_t kNoTick = ~uint64_t{0};
  static constexpr uint16_t kDueSlot = kLevels * kSlots;  // the list of what has expired

  static uint64_t TickAtOrAfter(Instant at);
  TimerNode& head(size_t slot) { return slots_[slot]; }
  void Link(size_t slot, TimerNode& node);
  void Unlink(TimerNode& node);
  void Place(TimerNode& node);
  void Redistribute(size_t slot);
  void MakeDue(size_t slot);
  void Advance(uint64_t tick);
  int NextOccupied(int level, uint64_t from) const;  // slot index >= from, or -1
  uint64_t NextOccupiedTick() const;

  uint64_t tick_;  // everything up to this tick is in the due list
  size_t armed_ = 0;
  std::array<TimerNode, kLevels * kSlots + 1> slots_{};                // list heads
  std::array<std::array<uint64_t, kSlots / 64>, kLevels> occupied_{};  // one bit a slot
};

}  // namespace dpvrrp
