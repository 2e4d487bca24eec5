// SPDX-License-Identifier: BSD-3-Clause
//
// The record is the only state that survives SIGKILL, and the kill may happen between any two stores. So:
//
//   a known sender   `highest` is stored before Commit returns, and so before anything acts on the advert. If killed
//                    before: the advert was not accepted. If killed after: the advert counts as seen although nothing
//                    acted on it, which is one lost advert.
//   a new sender     address, then `highest`, then `family`, which makes the entry valid. If killed in between: the
//                    entry is free, and the advert was not accepted.
//   an eviction      `family` = 0 first, then as for a new sender. If killed in between: the old sender is forgotten,
//                    as the eviction intends. At no moment does an address have another sender's number: a number too
//                    low would accept captured adverts again, a number too high would lock the sender out.
#include "ah/sender_table.h"

#include <algorithm>
#include <utility>

#include "ah/ordered_store.h"

namespace dpvrrp {
namespace {

using internal::StoreInOrder;

constexpr uint32_t kFree = 0;

bool IsUsed(const SequenceRecord::Sender& entry) {
  const bool known_family =
      entry.family == static_cast<uint32_t>(Family::kIpv4) || entry.family == static_cast<uint32_t>(Family::kIpv6);
  return known_family && entry.highest != 0;
}

IpAddress AddressOf(const SequenceRecord::Sender& entry) {
  if (entry.family == static_cast<uint32_t>(Family::kIpv6)) return IpAddress::V6(entry.address);
  const auto& b = entry.address;
  return IpAddress::V4(static_cast<uint32_t>(b[0]) << 24 | static_cast<uint32_t>(b[1]) << 16 |
                       static_cast<uint32_t>(b[2]) << 8 | b[3]);
}

void WriteEntry(SequenceRecord::Sender& entry, const IpAddress& address, uint64_t highest) {
  StoreInOrder(entry.family, kFree);
  StoreInOrder(entry.address, address.bytes());
  StoreInOrder(entry.highest, highest);
  StoreInOrder(entry.family, static_cast<uint32_t>(address.family()));
}

void FreeEntry(SequenceRecord::Sender& entry) {
  StoreInOrder(entry.family, kFree);
  StoreInOrder(entry.address, std::array<uint8_t, 16>{});
  StoreInOrder(entry.highest, 0);
}

// The entry to evict first: a restored sender that has not been heard in this run, then the one with the longest
// silence.
bool HasBeenSilentLonger(const Sender& a, const Sender& b) {
  return std::pair(a.accepted != 0, a.last_seen) < std::pair(b.accepted != 0, b.last_seen);
}

}  // namespace

uint64_t HighestOf(const SequenceRecord& record, const IpAddress& sender) {
  for (const SequenceRecord::Sender& entry : record.senders) {
    if (IsUsed(entry) && AddressOf(entry) == sender) return entry.highest;
  }
  return 0;
}

SenderTable::SenderTable(SequenceRecord& record, size_t window, bool keeps_group)
    : record_(&record), keeps_group_(keeps_group) {
  if (window > ReplayWindow::kSize) {
    wide_blocks_ = static_cast<uint16_t>(WideWindow::BlocksFor(window));
    wide_ = std::make_unique<uint64_t[]>(kMaxSenders * wide_blocks_);
  }
  // Entry i of the table is entry i of the record, without gaps. A kill can have left a gap, or a sender twice if it
  // happened while this loop closed a gap. Copying down before freeing loses nothing at any moment.
  for (SequenceRecord::Sender& entry : record_->senders) {
    if (!IsUsed(entry)) {
      FreeEntry(entry);
      continue;
    }
    const IpAddress address = AddressOf(entry);
    const uint64_t highest = entry.highest;
    highest_ = std::max(highest_, highest);
    if (const Sender* found = Find(address); found != nullptr) {
      const size_t twin = IndexOf(*found);
      if (highest > found->window.highest()) {
        senders_[twin].window.Restore(highest);
        StoreInOrder(record_->senders[twin].highest, highest);
      }
      FreeEntry(entry);
      continue;
    }
    senders_[count_].address = address;
    senders_[count_].window.Restore(highest);
    if (&entry != &record_->senders[count_]) {
      WriteEntry(record_->senders[count_], address, highest);
      FreeEntry(entry);
    }
    ++count_;
  }
  if (wide_blocks_ == 0) return;
  for (const Sender& sender : senders()) WideOf(sender).Restore(sender.window.highest());
}

DropReason SenderTable::CheckWide(const Sender& sender, uint64_t sequence) const {
  return WideOf(sender).Check(sender.window.highest(), sequence);
}

DropReason SenderTable::Commit(const IpAddress& address, uint64_t sequence, Instant now) {
  Sender* sender = FindOwn(address);
  const DropReason reason = CheckOf(sender, sequence);
  if (reason != DropReason::kNone) return reason;

  if (sender == nullptr) {
    sender = &Admit(address, sequence);
  } else if (sequence > sender->window.highest()) {
    Record(*sender, sequence);
  }
  if (wide_blocks_ != 0) WideOf(*sender).Commit(sender->window.highest(), sequence);
  // Otherwise the number is so old that only the wide window covers it.
  if (sender->window.Check(sequence) == DropReason::kNone) sender->window.Commit(sequence);
  Heard(*sender, sequence, now);
  return DropReason::kNone;
}

void SenderTable::Readmit(const IpAddress& address, uint64_t sequence, Instant now) { Set(address, sequence, now); }

void SenderTable::Remember(const SequenceRecord& former) {
  for (const SequenceRecord::Sender& entry : former.senders) {
    if (!IsUsed(entry)) continue;
    const IpAddress address = AddressOf(entry);
    Sender* sender = FindOwn(address);
    if (sender == nullptr && count_ == kMaxSenders) continue;
    if (sender != nullptr && sender->window.highest() >= entry.highest) continue;
    highest_ = std::max(highest_, entry.highest);
    Restore(sender != nullptr ? *sender : Admit(address, entry.highest), entry.highest);
  }
}

void SenderTable::ContinueFrom(const SenderTable& former) {
  record_ = former.record_;
  highest_ = former.highest_;
  group_ = keeps_group_ ? former.group_ : 0;
  count_ = former.count_;
  senders_ = former.senders_;
  evictions_ = former.evictions_;
  if (wide_blocks_ == 0) return;
  for (size_t i = 0; i < count_; ++i) {
    const uint64_t highest = senders_[i].window.highest();
    if (former.wide_blocks_ == 0) {
      WideOf(senders_[i]).Restore(highest);
    } else {
      WideOf(senders_[i]).ContinueFrom(former.WideOf(former.senders_[i]), highest);
    }
  }
}

void SenderTable::Take(const IpAddress& address, uint64_t number, Instant now) { Set(address, number, now); }

// Every number up to `number` counts as seen, every higher number as new. Records the number.
void SenderTable::Set(const IpAddress& address, uint64_t number, Instant now) {
  Sender* known = FindOwn(address);
  Sender& sender = known != nullptr ? *known : Admit(address, number);
  Restore(sender, number);
  Heard(sender, number, now);
}

// The same, without the times.
void SenderTable::Restore(Sender& sender, uint64_t number) {
  Record(sender, number);
  sender.window.Restore(number);
  if (wide_blocks_ != 0) WideOf(sender).Restore(number);
}

void SenderTable::Record(const Sender& sender, uint64_t number) {
  StoreInOrder(record_->senders[IndexOf(sender)].highest, number);
}

// Makes a new sender's entry, and records `number` as its highest.
Sender& SenderTable::Admit(const IpAddress& address, uint64_t number) {
  size_t at = count_;
  if (count_ < kMaxSenders) {
    ++count_;
  } else {
    at = IndexOf(*std::min_element(senders_.begin(), senders_.end(), HasBeenSilentLonger));
    ++evictions_;
  }
  WriteEntry(record_->senders[at], address, number);
  senders_[at] = Sender{};
  senders_[at].address = address;
  if (wide_blocks_ != 0) std::fill_n(wide_.get() + at * wide_blocks_, wide_blocks_, 0);
  return senders_[at];
}

void SenderTable::Heard(Sender& sender, uint64_t number, Instant now) {
  // A restored sender is heard for the first time in this run.
  if (sender.accepted == 0) sender.first_seen = now;
  sender.last_seen = now;
  ++sender.accepted;
  highest_ = std::max(highest_, number);
}

}  // namespace dpvrrp
