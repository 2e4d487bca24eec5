// SPDX-License-Identifier: BSD-3-Clause
//
// The authenticated senders of one instance, each with its replay window.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "ah/replay_window.h"
#include "ah/sequence_record.h"
#include "base/address.h"
#include "base/time.h"
#include "base/types.h"

namespace dpvrrp {

// The last number that the record has for a sender; 0: none.
uint64_t HighestOf(const SequenceRecord& record, const IpAddress& sender);

// One authenticated sender of an instance. If it is restored and not heard yet, accepted is 0 and the times are not
// valid.
struct Sender {
  ReplayWindow window;
  IpAddress address;
  Instant first_seen{};   // in this run
  Instant last_seen{};    // of the last advert that passed the ICV
  uint64_t accepted = 0;  // adverts that passed the ICV
};
static_assert(sizeof(Sender) == 64);  // one cache line

// The inbound associations of one virtual router: one replay window for each authenticated source (design 6.2;
// conformance AH-27, AH-31). An entry is made only after a valid ICV. If the table is full, the sender with the longest
// silence is evicted. So a sender without the key can neither create nor evict an entry. A sender that was restored
// from the record and not heard in this run counts as silent longest. An evicted sender is forgotten: if more than
// kMaxSenders senders of one instance have the key, a captured advert of an evicted sender would pass again.
// evictions() counts these cases.
//
// Thread: the lcore that owns the instance. Never allocates.
class SenderTable {
 public:
  // `record` must outlive the table. Its senders are restored: the recorded numbers and all lower ones are refused.
  // `window` is the number of sequence numbers that are distinguished for each sender:
  // kMinReplayWindow..kMaxReplayWindow, a multiple of 64. A window larger than ReplayWindow::kSize needs memory, which
  // is allocated here.
  // With `keeps_group` false RaiseGroup() does nothing.
  explicit SenderTable(SequenceRecord& record, size_t window = ReplayWindow::kSize, bool keeps_group = true);

  // How far a member's number may be behind the group's highest: two masters that have not heard each other yet both
  // increment the number for a moment.
  static constexpr uint64_t kGroupSlack = 4;

  // Call before the ICV. An unknown sender passes unless the number is 0, or too far behind the group's.
  DropReason Check(const IpAddress& sender, uint64_t sequence) const { return CheckOf(Find(sender), sequence); }
  // Whether a known sender would probably send this number next. The number is above the sender's own last, or above
  // the highest of all routers including ours, where a router continues that takes over (keepalived.md 1.6). "Just
  // above" covers an hour at one a second, so that a sender known from before our restart still qualifies. This proves
  // nothing.
  bool IsLikely(const IpAddress& sender, uint64_t sequence) const {
    const Sender* known = Find(sender);
    if (known == nullptr) return false;
    const auto just_above = [sequence](uint64_t number) { return sequence - number - 1 < 4096; };
    return just_above(known->window.highest()) || just_above(highest_) || just_above(record_->sent);
  }
  // Call after the ICV matched. Checks again, because a burst may contain a number twice. kNone: the number is now
  // taken and recorded. Otherwise the reason for the refusal.
  DropReason Commit(const IpAddress& sender, uint64_t sequence, Instant now);

  // A known sender has restarted its numbers (docs/config.md, restart_policy). `sequence` is below its former numbers.
  // Numbers up to `sequence` count as seen, and higher ones as new; recorded. Call this only after the ICV matched.
  void Readmit(const IpAddress& sender, uint64_t sequence, Instant now);

  // For the auth_hmac trailer, which has no window but its own order (wire/auth_trailer.h), so the caller
  // compares. LastOf() is the sender's last number, or 0 if the sender is unknown. After the HMAC matched, Take() sets
  // and records it.
  uint64_t LastOf(const IpAddress& sender) const {
    const Sender* known = Find(sender);
    return known != nullptr ? known->window.highest() : 0;
  }
  void Take(const IpAddress& sender, uint64_t number, Instant now);

  // The instance continues under a new name and had another record, `former`, under the old one. Every sender's
  // numbers up to the number in `former` count as seen here too, and are recorded. A sender for which the table has no
  // room is forgotten.
  void Remember(const SequenceRecord& former);

  // Continues from `former`, in the record of `former`. The senders of this table are forgotten; its windows and
  // numbers are those of `former`. The size of the windows and `keeps_group` stay as this table was made. A number that
  // a smaller former window does not cover counts as seen. `former` must not be used afterwards. Allocates nothing.
  void ContinueFrom(const SenderTable& former);

  // Under the keepalived rule: we sent or received this number in this run, so every router that hears the group
  // continues above it (keepalived.md 1.6). A router that stays behind does not hear us, so its adverts are not obeyed,
  // whatever its priority (docs/decisions/0011).
  void RaiseGroup(uint64_t number) {
    if (keeps_group_ && number > group_) group_ = static_cast<uint32_t>(number);
  }

  // Null: not known.
  const Sender* Find(const IpAddress& sender) const {
    for (size_t i = 0; i < count_; ++i) {
      if (senders_[i].address == sender) return &senders_[i];
    }
    return nullptr;
  }

  // Prefetches the memory that Check and Commit touch.
  [[gnu::always_inline]] void PrefetchForCheck() const { __builtin_prefetch(&senders_); }
  [[gnu::always_inline]] void PrefetchForCommit() const { __builtin_prefetch(&record_->senders, 1); }

  bool keeps_group() const { return keeps_group_; }

  // The highest number that any sender has authenticated, including evicted senders; after a restart, including
  // recorded senders. keepalived's shared counter has this value (keepalived.md 1.6).
  uint64_t highest() const { return highest_; }
  std::span<const Sender> senders() const { return {senders_.data(), count_}; }
  // Senders forgotten because the table was full, in this run.
  uint64_t evictions() const { return evictions_; }

 private:
  Sender* FindOwn(const IpAddress& sender) { return const_cast<Sender*>(Find(sender)); }
  size_t IndexOf(const Sender& sender) const { return static_cast<size_t>(&sender - senders_.data()); }
  void Set(const IpAddress& sender, uint64_t number, Instant now);
  void Restore(Sender& sender, uint64_t number);
  Sender& Admit(const IpAddress& sender, uint64_t number);
  void Record(const Sender& sender, uint64_t number);
  void Heard(Sender& sender, uint64_t number, Instant now);

  // Null: an unknown sender.
  DropReason CheckOf(const Sender* sender, uint64_t sequence) const {
    if (sender == nullptr) return UnlessBehind(sequence, ReplayWindow().Check(sequence));
    DropReason reason = sender->window.Check(sequence);
    if (reason == DropReason::kStale && wide_blocks_ != 0) reason = CheckWide(*sender, sequence);
    return UnlessBehind(std::max(sequence, sender->window.highest()), reason);
  }
  // The result for a sender that has reached `number`, if the frame would otherwise end with `reason`.
  DropReason UnlessBehind(uint64_t number, DropReason reason) const {
    return reason == DropReason::kNone && number + kGroupSlack <= group_ ? DropReason::kBehindGroup : reason;
  }
  DropReason CheckWide(const Sender& sender, uint64_t sequence) const;
  WideWindow WideOf(const Sender& sender) const {
    return WideWindow({wide_.get() + IndexOf(sender) * wide_blocks_, wide_blocks_});
  }

  SequenceRecord* record_;
  uint64_t highest_ = 0;
  uint32_t group_ = 0;  // 0: not kept
  bool keeps_group_;
  uint8_t count_ = 0;
  uint16_t wide_blocks_ = 0;                   // for each sender; 0: the ReplayWindow is enough
  std::array<Sender, kMaxSenders> senders_{};  // entry i is recorded in record_->senders[i]
  std::unique_ptr<uint64_t[]> wide_;           // a WideWindow for each
  uint64_t evictions_ = 0;
};

}  // namespace dpvrrp
