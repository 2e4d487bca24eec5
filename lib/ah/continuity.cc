// SPDX-License-Identifier: BSD-3-Clause
#include "ah/continuity.h"

#include <algorithm>
#include <atomic>

#include "ah/ordered_store.h"

namespace dpvrrp {
namespace {

// left_at is in whole seconds, and after a crash it can be one second old.
constexpr Nanoseconds kLeftAtError = std::chrono::seconds(2);
constexpr uint64_t kOutOfTurn = 64;       // adverts, plus
constexpr uint64_t kOutOfTurnShare = 16;  // one in this many
constexpr uint64_t kAbsenceShare = 64;    // of the remaining numbers

uint64_t Load(uint64_t& word) { return std::atomic_ref<uint64_t>(word).load(std::memory_order_relaxed); }

}  // namespace

uint64_t Reached(SequenceRecord& record, bool follows_group) {
  uint64_t reached = Load(record.sent);
  if (!follows_group) return reached;
  for (SequenceRecord::Sender& sender : record.senders) {
    const uint64_t heard = Load(sender.highest);
    if (heard < UINT32_MAX) reached = std::max(reached, heard);
  }
  return reached;
}

bool ReserveAhead(SequenceRecord& record, uint64_t reached) {
  const auto limited = [](uint64_t number) { return static_cast<uint32_t>(std::min<uint64_t>(number, UINT32_MAX)); };
  if (std::max(record.reserved, record.wanted) >= limited(reached + kReserveAhead / 2)) return false;
  internal::StoreInOrder(record.wanted, limited(reached + kReserveAhead));
  return true;
}

void Reserved(SequenceRecord& record, uint32_t wanted) {
  if (wanted > record.reserved) internal::StoreInOrder(record.reserved, wanted);
}

uint64_t AfterAbsence(uint64_t last, Nanoseconds away, Nanoseconds interval) {
  if (last == 0 || last >= UINT32_MAX || away < interval) return last;
  const auto in_turn = static_cast<uint64_t>(away / interval) + 1;
  return last + std::min(in_turn + in_turn / kOutOfTurnShare + kOutOfTurn, (UINT32_MAX - last) / kAbsenceShare);
}

uint64_t CatchUpWithGroup(SequenceRecord& record, int64_t unix_seconds, Nanoseconds interval) {
  if (record.left_at == 0 || unix_seconds < record.left_at) return 0;
  const uint64_t sent = record.sent;
  const uint64_t reached = Reached(record, true);
  const auto away = std::chrono::seconds(std::min<int64_t>(unix_seconds - record.left_at, UINT32_MAX)) + kLeftAtError;
  const uint64_t now = AfterAbsence(reached, away, interval);
  if (now <= reached) return 0;
  internal::StoreInOrder(record.sent, now);
  return now - sent;
}

}  // namespace dpvrrp
