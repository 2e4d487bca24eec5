// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace dpvrrp {

TimerWheel::TimerWheel(Instant start) : tick_(static_cast<uint64_t>(start.time_since_epoch().count()) >> kTickShift) {
  for (TimerNode& h : slots_) h.prev = h.next = &h;
}

// Rounded up, so that a node's tick is never reached before its time.
uint64_t TimerWheel::TickAtOrAfter(Instant at) {
  const auto ns = static_cast<uint64_t>(at.time_since_epoch().count());
  return (ns + (uint64_t{1} << kTickShift) - 1) >> kTickShift;
}

void TimerWheel::Link(size_t slot, TimerNode& node) {
  TimerNode& h = head(slot);
  node.slot = static_cast<uint16_t>(slot);
  node.prev = h.prev;
  node.next = &h;
  h.prev->next = &node;
  h.prev = &node;
  if (slot != kDueSlot) occupied_[slot >> kSlotBits][(slot & (kSlots - 1)) / 64] |= uint64_t{1} << (slot % 64);
}

void TimerWheel::Unlink(TimerNode& node) {
  node.prev->next = node.next;
  node.next->prev = node.prev;
  const size_t slot = node.slot;
  if (slot != kDueSlot && head(slot).next == &head(slot)) {
    occupied_[slot >> kSlotBits][(slot & (kSlots - 1)) / 64] &= ~(uint64_t{1} << (slot % 64));
  }
  node.prev = node.next = nullptr;
}

void TimerWheel::Place(TimerNode& node) {
  const uint64_t at = TickAtOrAfter(node.at);
  if (at <= tick_) return Link(kDueSlot, node);
  // The lowest level on which the node lies less than one turn ahead. Beyond the last, the furthest slot: it is placed
  // anew when that comes by.
  const uint64_t furthest =
      tick_ + (uint64_t{1} << (kLevels * kSlotBits)) - (uint64_t{1} << ((kLevels - 1) * kSlotBits));
  const uint64_t tick = std::min(at, furthest);
  int level = 0;
  while ((tick >> (level * kSlotBits)) - (tick_ >> (level * kSlotBits)) >= kSlots) ++level;
  Link(static_cast<size_t>(level) * kSlots + ((tick >> (level * kSlotBits)) & (kSlots - 1)), node);
}

void TimerWheel::Arm(TimerNode& node, Instant at) {
  Disarm(node);
  node.at = at;
  Place(node);
  ++armed_;
}

void TimerWheel::Disarm(TimerNode& node) {
  if (!node.armed()) return;
  Unlink(node);
  --armed_;
}

// Moves a whole list to the end of the due one without a look at its timers, which may be far away in memory.
void TimerWheel::MakeDue(size_t slot) {
  TimerNode& from = head(slot);
  TimerNode& due = head(kDueSlot);
  if (from.next == &from) return;
  from.next->prev = due.prev;
  due.prev->next = from.next;
  from.prev->next = &due;
  due.prev = from.prev;
  from.prev = from.next = &from;
  occupied_[slot >> kSlotBits][(slot & (kSlots - 1)) / 64] &= ~(uint64_t{1} << (slot % 64));
}

void TimerWheel::Redistribute(size_t slot) {
  TimerNode& h = head(slot);
  while (h.next != &h) {
    TimerNode& node = *h.next;
    __builtin_prefetch(node.next->next);
    Unlink(node);
    Place(node);
  }
}

int TimerWheel::NextOccupied(int level, uint64_t from) const {
  for (uint64_t i = from; i < kSlots; i = (i / 64 + 1) * 64) {
    const uint64_t word = occupied_[static_cast<size_t>(level)][i / 64] >> (i % 64);
    if (word != 0) return static_cast<int>(i + static_cast<uint64_t>(std::countr_zero(word)));
  }
  return -1;
}

// The next tick at which a slot of any level has to be looked at; kNoTick: none has.
uint64_t TimerWheel::NextOccupiedTick() const {
  uint64_t earliest = kNoTick;  // over all levels: a higher one's next slot may come before level 0's
  for (int level = 0; level < kLevels; ++level) {
    const uint64_t here = tick_ >> (level * kSlotBits);
    uint64_t turn = here & ~(kSlots - 1);
    int next = NextOccupied(level, (here & (kSlots - 1)) + 1);
    if (next < 0) {
      next = NextOccupied(level, 0);
      turn += kSlots;
    }
    if (next < 0) continue;
    earliest = std::min(earliest, (turn + static_cast<uint64_t>(next)) << (level * kSlotBits));
  }
  return earliest;
}

// Goes from occupied slot to occupied slot, so a long sleep costs no more than a short one.
void TimerWheel::Advance(uint64_t tick) {
  for (uint64_t next = NextOccupiedTick(); next <= tick; next = NextOccupiedTick()) {
    tick_ = next;
    for (int level = kLevels - 1; level > 0; --level) {  // from above, so that what comes down can go on down
      const uint64_t unit = uint64_t{1} << (level * kSlotBits);
      if (tick_ % unit == 0) Redistribute(static_cast<size_t>(level) * kSlots + ((tick_ / unit) & (kSlots - 1)));
    }
    MakeDue(tick_ & (kSlots - 1));
  }
  tick_ = tick;
}

TimerNode* TimerWheel::PopExpired(Instant now) {
  const uint64_t tick = static_cast<uint64_t>(now.time_since_epoch().count()) >> kTickShift;
  if (tick > tick_) Advance(tick);
  TimerNode& due = head(kDueSlot);
  if (due.next == &due) return nullptr;
  TimerNode* node = due.next;
  __builtin_prefetch(node->next);
  Disarm(*node);
  return node;
}

Instant TimerWheel::NextCheck() const {
  if (armed_ == 0) return kNever;
  if (slots_[kDueSlot].next != &slots_[kDueSlot]) return Instant(Nanoseconds(tick_ << kTickShift));
  return Instant(Nanoseconds(NextOccupiedTick() << kTickShift));
}

}  // namespace dpvrrp
