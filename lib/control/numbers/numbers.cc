// SPDX-License-Identifier: BSD-3-Clause
#include "control/numbers/numbers.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "ah/continuity.h"
#include "ah/keep_numbers.h"
#include "base/status_macros.h"
#include "control/instances/router_builder.h"
#include "control/journal/journal.h"
#include "control/outbox.h"
#include "control/services.h"

namespace dpvrrp {
namespace {

// In this time a master uses less than a hundredth of kReserveAhead.
constexpr Nanoseconds kLookAgain = std::chrono::seconds(60);

// How far the numbers of a VRID that is not used alone are kept ahead. During a move: more than the move can use up,
// because the daemon may be killed in it. After a move: what an lcore sends before it receives the command.
constexpr uint32_t kAheadWhileMoving = 1'000'000;
constexpr uint32_t kAhead = 1000;

}  // namespace

// ---- Instances ----

void Numbers::OnConfiguration() { above_all_sent_ = AboveAllSent(); }

// A GMAC key is revealed if it signs two adverts with one number. Numbers are kept by VRID, and an edited file can give
// a VRID the key of another one. So an instance with such a key begins above all numbers that exist.
uint64_t Numbers::AboveAllSent() const {
  constexpr uint64_t kSentMeanwhile = 1000;  // by others, until the lcore has the command
  return std::min<uint64_t>(context_.services.HighestSent() + kSentMeanwhile, UINT32_MAX - 1);
}

absl::StatusOr<Numbers::Acquired> Numbers::Acquire(const InstanceConfig& config, ControlTime t) {
  const std::string key = RecordKey(config);
  if (key.empty()) return Acquired{};
  DPVRRP_ASSIGN_OR_RETURN(SequenceRecord* const record, context_.services.AcquireRecord(key));
  const Acquired acquired{record, record->left_at};
  Resume(config, *record, t);
  return acquired;
}

// Call this before an lcore has the record.
void Numbers::Resume(const InstanceConfig& config, SequenceRecord& record, ControlTime t) {
  if (config.auth.kind == AuthKind::kAh) {
    // All others listen before they speak.
    const bool is_owner = config.priority == kPriorityOwner && FollowsGroup(config);
    const int64_t now = t.unix_ms / 1000;
    const int64_t left_at = record.left_at;
    if (is_owner && now < left_at) {
      context_.journal.Record(config, occurrence::ClockBehindRecord{left_at - now}, t.unix_ms);
    }
    const uint64_t moved = is_owner ? CatchUpWithGroup(record, now, config.advertisement_interval) : 0;
    if (moved > 0) context_.journal.Record(config, occurrence::NumbersCaughtUp{moved, now - left_at}, t.unix_ms);
    if (IsGmac(config.auth.algorithm)) record.sent = std::max<uint64_t>(record.sent, above_all_sent_);
    ReserveAhead(record, Reached(record, FollowsGroup(config)));
  }
  record.left_at = 0;
  WriteRecords();  // the slot may be new
}

bool Numbers::Assign(const ManagedInstance& instance, const Acquired& acquired) {
  Entry& entry = entries_[instance.id];
  const bool is_other = entry.acquired.record != acquired.record;
  if (is_other) DropWaiting(instance);  // reservations of the former record
  entry.acquired = acquired;
  return is_other;
}

void Numbers::OnRouterSent(InstanceId id) {
  Entry& entry = entries_[id];
  entry.of_lcore = entry.acquired.record;
}

void Numbers::SendPending(const ManagedInstance& instance) {
  const Entry& entry = entries_[instance.id];
  const SequenceRecord* record = entry.acquired.record;
  if (record != nullptr && record->wanted > record->reserved) SendReserved(instance, entry);
}

uint64_t Numbers::GoAboveAll(const ManagedInstance& instance) {
  const uint64_t above = AboveAllSent();
  const Entry& entry = entries_[instance.id];
  if (ReserveAhead(*entry.acquired.record, above)) SendReserved(instance, entry);
  return above;
}

void Numbers::DropWaiting(const ManagedInstance& instance) { after_disk_.Drop(instance.router); }

void Numbers::OnRetired(const ManagedInstance& instance, ControlTime t) {
  SequenceRecord* record = RecordOf(instance.id);
  if (record != nullptr) record->left_at = static_cast<uint32_t>(std::max<int64_t>(t.unix_ms / 1000, 0));
}

void Numbers::Clear() {
  after_disk_ = {};
  entries_.clear();
}

SequenceRecord* Numbers::RecordOf(InstanceId id) const {
  const auto it = entries_.find(id);
  return it == entries_.end() ? nullptr : it->second.acquired.record;
}

bool Numbers::IsWithLcore(InstanceId id) const {
  const auto it = entries_.find(id);
  if (it == entries_.end()) return false;
  const SequenceRecord* record = it->second.acquired.record;
  return record != nullptr && record == it->second.of_lcore;
}

int64_t Numbers::NumbersOf(InstanceId id) const {
  const auto it = entries_.find(id);
  return it == entries_.end() ? 0 : it->second.acquired.numbers_of;
}

// ---- Reservations ----

// Control looks so often that an lcore waits only if a peer's number has jumped since the last look.
void Numbers::Reserve(ControlTime t) {
  look_at_ = t.now + kLookAgain;
  for (const auto& [name, instance] : context_.registry.instances()) {
    if (instance.removing || instance.config.auth.kind != AuthKind::kAh) continue;
    const Entry& entry = entries_[instance.id];
    SequenceRecord* record = entry.acquired.record;
    if (record == nullptr) continue;
    if (ReserveAhead(*record, Reached(*record, FollowsGroup(instance.config)))) SendReserved(instance, entry);
  }
}

void Numbers::OnTime(ControlTime t) {
  if (look_at_ <= t.now) Reserve(t);
}

// The lcore continues with its numbers until the disk has the new reservation.
void Numbers::SendReserved(const ManagedInstance& instance, const Entry& entry) {
  SequenceRecord& record = *entry.acquired.record;
  const uint32_t wanted = std::max(record.wanted, record.reserved);
  // Numbers that are sent under the next VRID too are recorded under this one. After a crash, a start that finds only
  // the next VRID's record must go on above them.
  if (entry.next != nullptr) entry.next->sent = std::max<uint64_t>(entry.next->sent, wanted);
  SendAfterDisk(command::AllowNumbers{instance.router, wanted}, &record);
}

uint64_t Numbers::WriteRecords() {
  if (context_.outbox.write_records == 0) context_.outbox.write_records = ++generation_;
  return context_.outbox.write_records;
}

void Numbers::SendAfterDisk(const ShardCommand& command, SequenceRecord* record) {
  after_disk_.Hold(command, WriteRecords(), record);
}

void Numbers::OnRecordsWritten(uint64_t generation) {
  for (const ShardCommand& command : after_disk_.Release(generation)) context_.outbox.shard.push_back(command);
}

void Numbers::OnNumbersWanted(const ManagedInstance& instance, uint64_t wanted) {
  const Entry& entry = entries_[instance.id];
  ReserveAhead(*entry.acquired.record, wanted);
  SendReserved(instance, entry);
}

void Numbers::OnNumbersLow(const ManagedInstance& instance, uint64_t left, int64_t unix_ms) {
  const double interval = std::chrono::duration<double>(instance.config.advertisement_interval).count();
  const auto days = static_cast<int64_t>(static_cast<double>(left) * interval / 86400);
  context_.journal.Record(instance.config, occurrence::NumbersLow{left, days}, unix_ms);
}

// ---- A move to another VRID ----

absl::StatusOr<Numbers::Next> Numbers::PrepareNext(const ManagedInstance& instance, Vrid vrid) {
  Next next;
  const InstanceConfig& config = instance.config;
  const std::string key = RecordKey(config, vrid);
  if (key.empty()) return next;
  // Numbers that this VRID has seen before must not be used again.
  DPVRRP_ASSIGN_OR_RETURN(SequenceRecord* const record, context_.services.AcquireRecord(key));
  next.sequence = record->sent;
  if (config.auth.kind == AuthKind::kAh) {
    next.record = record;
    next.sequence = Reached(*record, FollowsGroup(config));
  }
  auto& heard = entries_[instance.id].heard;
  heard.push_back(std::make_unique<const SequenceRecord>(*record));
  next.heard = heard.back().get();
  return next;
}

void Numbers::BeginNext(const ManagedInstance& instance, Vrid vrid, const Next& next,
                        const command::SpeakNextVrid& speak, ControlTime t) {
  Entry& entry = entries_[instance.id];
  if (next.record != nullptr) {
    entry.next = next.record;
    SequenceRecord& own = *entry.acquired.record;
    ReserveAhead(own, std::max(Reached(own, false), next.sequence));
    SendReserved(instance, entry);
  }
  KeepFor(instance, vrid, true, t);
  if (next.record != nullptr) {
    SendAfterDisk(speak);
  } else {
    context_.outbox.shard.push_back(speak);
  }
}

bool Numbers::HasBegunNext(const ManagedInstance& instance) const { return !after_disk_.HoldsMove(instance.router); }

bool Numbers::CancelNext(const ManagedInstance& instance) {
  entries_[instance.id].next = nullptr;
  return after_disk_.DropMove(instance.router);
}

void Numbers::AdoptNext(const ManagedInstance& instance, Vrid left, ControlTime t) {
  entries_[instance.id].next = nullptr;
  const std::string key = RecordKey(instance.config);
  if (key.empty()) return;
  const absl::Status moved = context_.services.MoveRecord(RecordKey(instance.config, left), key);
  if (moved.ok()) {
    KeepFor(instance, left, false, t);
  } else {
    context_.journal.Record(instance.config, occurrence::VridNumbersNotKept{std::string(moved.message())}, t.unix_ms);
  }
  WriteRecords();  // until then the record of the next VRID counts, which was kept ahead
}

void Numbers::KeepFor(const ManagedInstance& instance, Vrid vrid, bool while_moving, ControlTime t) {
  const std::string key = RecordKey(instance.config, vrid);
  if (key.empty()) return;
  const absl::StatusOr<SequenceRecord*> live = context_.services.AcquireRecord(RecordKey(instance.config));
  const absl::StatusOr<SequenceRecord*> kept = context_.services.AcquireRecord(key);
  if (live.ok() && kept.ok()) return KeepNumbers(**live, **kept, while_moving ? kAheadWhileMoving : kAhead);
  const absl::Status& fault = live.ok() ? kept.status() : live.status();
  context_.journal.Record(instance.config, occurrence::VridNumbersNotKept{std::string(fault.message())}, t.unix_ms);
}

}  // namespace dpvrrp
