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
  if (slot != kDueSlot) OccupiedWord(slot) |= uint64_t{1} << (slot % 64);
}

void TimerWheel::Unlink(TimerNode& node) {
  node.prev->next = node.next;
  node.next->prev = node.prev;
  const size_t slot = node.slot;
  if (slot != kDueSlot && head(slot).next == &head(slot)) OccupiedWord(slot) &= ~(uint64_t{1} << (slot % 64));
  node.prev = node.next = nullptr;
}

void TimerWheel::Place(TimerNode& node) {
  const uint64_t at = TickAtOrAfter(node.at);
  if (at <= tick_) return Link(kDueSlot, node);
  // The lowest level on which the node lies less than one turn ahead. Beyond the last, the furthest slot: it is placed
  // anew when that comes by.
  constexpr Level kLast = kLevels.back();
  const uint64_t furthest = tick_ + ((kLast.slots() - 1) << kLast.shift);
  const uint64_t tick = std::min(at, furthest);
  const Level* level = kLevels.data();
  while ((tick >> level->shift) - (tick_ >> level->shift) >= level->slots()) ++level;
  Link(level->SlotOf(tick), node);
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
  OccupiedWord(slot) &= ~(uint64_t{1} << (slot % 64));
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

size_t TimerWheel::NextOccupied(size_t from, size_t end) const {
  for (size_t i = from; i < end; i = (i / 64 + 1) * 64) {
    const uint64_t word = occupied_[i / 64] >> (i % 64);
    if (word != 0) return i + static_cast<size_t>(std::countr_zero(word));  // levels end where words do
  }
  return end;
}

// The next tick at which a slot of any level has to be looked at; kNoTick: none has.
uint64_t TimerWheel::NextOccupiedTick() const {
  uint64_t earliest = kNoTick;  // over all levels: a higher one's next slot may come before level 0's
  for (const Level& level : kLevels) {
    const uint64_t here = tick_ >> level.shift;
    const size_t end = level.first + level.slots();
    uint64_t turn = here & ~(level.slots() - 1);
    size_t next = NextOccupied(level.SlotOf(tick_) + 1, end);
    if (next == end) {
      next = NextOccupied(level.first, end);
      turn += level.slots();
    }
    if (next == end) continue;
    earliest = std::min(earliest, (turn + (next - level.first)) << level.shift);
  }
  return earliest;
}

// Goes from occupied slot to occupied slot, so a long sleep costs no more than a short one.
void TimerWheel::Advance(uint64_t tick) {
  for (uint64_t next = NextOccupiedTick(); next <= tick; next = NextOccupiedTick()) {
    tick_ = next;
    for (size_t i = kLevels.size() - 1; i > 0; --i) {  // from above, so that what comes down can go on down
      const Level& level = kLevels[i];
      if ((tick_ & ((uint64_t{1} << level.shift) - 1)) == 0) Redistribute(level.SlotOf(tick_));
    }
    MakeDue(kLevels[0].SlotOf(tick_));
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
