// SPDX-License-Identifier: BSD-3-Clause
//
// Controller: AH's sequence numbers. They are reserved ahead of the lcores, go on with the group after an absence, and
// end some day (ah/continuity.h).
#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "ah/continuity.h"
#include "control/controller.h"
#include "control/router_builder.h"

namespace dpvrrp {
namespace {

// In which a master uses less than a hundredth of kReserveAhead.
constexpr Nanoseconds kLookAtNumbers = std::chrono::seconds(60);

}  // namespace

// Before an lcore has the record.
void Controller::ResumeNumbers(const InstanceConfig& config, SequenceRecord& record, ControlTime t) {
  if (config.auth.kind == AuthKind::kAh) {
    // All others listen before they speak.
    const bool is_owner = config.priority == kPriorityOwner && FollowsGroup(config);
    const int64_t now = t.unix_ms / 1000;
    const int64_t left_at = record.left_at;
    if (is_owner && now < left_at) {
      Log(Severity::kWarning, &config, "sequence",
          absl::StrCat("the clock is ", left_at - now,
                       " s behind the time at which we were last here: how far the "
                       "group's numbers have gone on is not known"),
          t.unix_ms);
    }
    const uint64_t moved = is_owner ? CatchUpWithGroup(record, now, config.advertisement_interval) : 0;
    if (moved > 0) {
      Log(Severity::kInfo, &config, "sequence",
          absl::StrCat("AH sequence numbers go on ", moved, " further, where the group's may be after ", now - left_at,
                       " s without us"),
          t.unix_ms);
    }
    if (IsGmac(config.auth.algorithm)) record.sent = std::max<uint64_t>(record.sent, above_all_sent_);
    ReserveAhead(record, Reached(record, FollowsGroup(config)));
  }
  record.left_at = 0;
  outbox_.flush_records = true;  // the slot may be new, and a reservation of a run that was killed not on the disk
}

// A GMAC key betrays itself if it signs two adverts of one number. Numbers are kept by VRID, and whoever edits the file
// can give a VRID the key of another: so an instance with such a key begins above all numbers that there are.
uint64_t Controller::AboveAllSent() const {
  constexpr uint64_t kSentMeanwhile = 1000;  // by others, until the lcore hears of it
  return std::min<uint64_t>(services_.HighestSent() + kSentMeanwhile, UINT32_MAX - 1);
}

// Control looks often enough that an lcore waits only if a peer's number has jumped since.
void Controller::ReserveNumbers(ControlTime t) {
  look_at_numbers_at_ = t.now + kLookAtNumbers;
  for (auto& [name, instance] : instances_) {
    if (instance.record == nullptr || instance.removing || instance.config.auth.kind != AuthKind::kAh) continue;
    ReserveNumbers(instance, Reached(*instance.record, FollowsGroup(instance.config)));
  }
}

void Controller::ReserveNumbers(ManagedInstance& instance, uint64_t reached) {
  if (ReserveAhead(*instance.record, reached)) SendReserved(instance);
}

void Controller::SendReserved(ManagedInstance& instance) {
  // What is sent under the next VRID as well is recorded under this one; whoever finds only that one's record after a
  // crash must be above it.
  if (instance.next_record != nullptr) {
    instance.next_record->sent = std::max<uint64_t>(instance.next_record->sent, instance.record->reserved);
  }
  outbox_.flush_records = true;
  ShardCommand command;
  command.kind = ShardCommand::Kind::kReserved;
  command.router = instance.router;
  command.sequence = instance.record->reserved;
  outbox_.shard.push_back(command);
}

void Controller::OnNumbersWanted(const ShardEvent& event) {
  ManagedInstance* instance = FindById(event.instance);
  if (instance == nullptr || instance->removing) return;
  ReserveAhead(*instance->record, event.count);
  SendReserved(*instance);
}

void Controller::OnNumbersLow(const ShardEvent& event, ControlTime t) {
  const ManagedInstance* instance = FindById(event.instance);
  if (instance == nullptr) return;
  const double interval = std::chrono::duration<double>(instance->config.advertisement_interval).count();
  const auto days = static_cast<int64_t>(static_cast<double>(event.count) * interval / 86400);
  Log(Severity::kWarning, &instance->config, "sequence",
      absl::StrCat("AH sequence numbers run out: ", event.count, " are left, ", days,
                   " days of adverts; then none is sent. Move the virtual router to another VRID, whose numbers begin "
                   "at 1 (docs/operations.md)"),
      t.UnixMsAt(event.at));
}

}  // namespace dpvrrp
