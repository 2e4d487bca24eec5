// SPDX-License-Identifier: BSD-3-Clause
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

// The last number of a sender that is recorded there; 0: none.
uint64_t HighestOf(const SequenceRecord& record, const IpAddress& sender);

// One authenticated sender of an instance. Restored and not heard yet: accepted is 0 and the times mean nothing.
struct Sender {
  ReplayWindow window;
  IpAddress address;
  Instant first_seen{};   // in this run
  Instant last_seen{};    // of the last advert that passed the ICV
  uint64_t accepted = 0;  // adverts that passed the ICV
};
static_assert(sizeof(Sender) == 64);  // one cache line

// The inbound associations of one virtual router: one replay window per authenticated source (design 6.2; conformance
// AH-27, AH-31). An entry is made only after a good ICV; when the table is full the longest silent one makes room, so
// somebody without the key can neither create nor evict one. What was restored from the record but has not been heard
// in this run counts as the longest silent. What is evicted is forgotten: with more than kMaxSenders holders of the key
// on one instance, a captured advert of an evicted one would pass again; evictions() tells of it.
//
// Thread: the lcore that owns the instance. Never allocates.
class SenderTable {
 public:
  // `record` must outlive the table; its senders are restored: their recorded numbers and all below are refused.
  // `window`: so many numbers of each sender are told apart, kMinReplayWindow..kMaxReplayWindow, a multiple of 64. More
  // than ReplayWindow::kSize takes memory, which is allocated here.
  // With `keeps_group` false RaiseGroup() does nothing.
  explicit SenderTable(SequenceRecord& record, size_t window = ReplayWindow::kSize, bool keeps_group = true);

  // How far behind the group's highest number a member's may be: two masters that have not heard each other yet count
  // on beside each other for a moment.
  static constexpr uint64_t kGroupSlack = 4;

  // Before the ICV. An unknown sender passes unless the number is 0, or too far behind the group's.
  DropReason Check(const IpAddress& sender, uint64_t sequence) const { return CheckOf(Find(sender), sequence); }
  // Whether this is what a known sender would send next: a number above its own last, or above the highest of anybody,
  // ourselves included, where a router goes on that takes over (keepalived.md 1.6). "Just above" is an hour of it at
  // one a second, so that a sender known from before our restart is still one. Proves nothing.
  bool IsLikely(const IpAddress& sender, uint64_t sequence) const {
    const Sender* known = Find(sender);
    if (known == nullptr) return false;
    const auto just_above = [sequence](uint64_t number) { return sequence - number - 1 < 4096; };
    return just_above(known->window.highest()) || just_above(highest_) || just_above(record_.sent);
  }
  // After the ICV matched. Looks again (a burst may hold the same number twice): kNone, and the number is now taken and
  // recorded; or the reason it is not.
  DropReason Commit(const IpAddress& sender, uint64_t sequence, Instant now);

  // A known sender has begun again (docs/config.md, restart_policy): its numbers up to `sequence`, which is below what
  // they were, count as seen, and all above as new; recorded. To be called only after its ICV matched.
  void Readmit(const IpAddress& sender, uint64_t sequence, Instant now);

  // The auth_hmac trailer knows no window and has an order of its own (wire/auth_trailer.h), so its caller compares:
  // the sender's last number, 0 if it is not known; and, after the HMAC matched, what is the last number now, recorded.
  uint64_t LastOf(const IpAddress& sender) const {
    const Sender* known = Find(sender);
    return known != nullptr ? known->window.highest() : 0;
  }
  void Take(const IpAddress& sender, uint64_t number, Instant now);

  // The instance goes on under a name that had a record of its own, `former`: whatever was heard by that name, up to
  // each sender's number, counts as seen here too, and is recorded. Who finds no place in the table is forgotten.
  void Remember(const SequenceRecord& former);

  // Under the keepalived rule: everybody of the group has been sent or heard to have come to this number in this run,
  // so that whoever hears the group goes on above it (keepalived.md 1.6). Who stays behind does not hear us, and is not
  // to be obeyed whatever his priority (docs/decisions/0011).
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

  // Asks the memory ahead of time for what Check and Commit touch.
  void PrefetchForCheck() const { __builtin_prefetch(&senders_); }
  void PrefetchForCommit() const { __builtin_prefetch(&record_.senders, 1); }

  bool keeps_group() const { return keeps_group_; }

  // The highest number any sender has authenticated, evicted ones included; after a restart, of the recorded ones. It
  // is what keepalived's shared counter stands at (keepalived.md 1.6).
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

  // Null: an unknown one.
  DropReason CheckOf(const Sender* sender, uint64_t sequence) const {
    if (sender == nullptr) return UnlessBehind(sequence, ReplayWindow().Check(sequence));
    DropReason reason = sender->window.Check(sequence);
    if (reason == DropReason::kStale && wide_blocks_ != 0) reason = CheckWide(*sender, sequence);
    return UnlessBehind(std::max(sequence, sender->window.highest()), reason);
  }
  // A sender that has come to `number`, whose frame would end so otherwise.
  DropReason UnlessBehind(uint64_t number, DropReason reason) const {
    return reason == DropReason::kNone && number + kGroupSlack <= group_ ? DropReason::kBehindGroup : reason;
  }
  DropReason CheckWide(const Sender& sender, uint64_t sequence) const;
  WideWindow WideOf(const Sender& sender) const {
    return WideWindow({wide_.get() + IndexOf(sender) * wide_blocks_, wide_blocks_});
  }

  SequenceRecord& record_;
  uint64_t highest_ = 0;
  uint32_t group_ = 0;  // 0: no such number is kept
  bool keeps_group_;
  uint8_t count_ = 0;
  uint16_t wide_blocks_ = 0;                   // a sender's; 0: its ReplayWindow is all there is
  std::array<Sender, kMaxSenders> senders_{};  // entry i is recorded in record_.senders[i]
  std::unique_ptr<uint64_t[]> wide_;           // a WideWindow for each
  uint64_t evictions_ = 0;
};

}  // namespace dpvrrp
