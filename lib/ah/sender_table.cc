// SPDX-License-Identifier: BSD-3-Clause
//
// The record is what is left after SIGKILL, and the kill may come between any two stores. So:
//
//   a known sender   `highest` is stored before Commit returns, that is before anybody acts on the advert. Killed
//                    before: the advert was not accepted. Killed after: it counts as seen though nobody acted on it,
//                    which is one lost advert.
//   a new sender     address, then `highest`, then `family`, which makes the entry valid. Killed in between: the entry
//                    is free, and the advert was not accepted.
//   an eviction      `family` = 0 first, then as a new sender. Killed in between: the old sender is forgotten, as the
//                    eviction wants. No moment pairs an address with another sender's number; too low a number
//                    would let captured adverts in again, too high a one would lock the sender out.
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

void WriteEntry(SequenceRecord::Sender& entry, const IpAddress& address, uint32_t highest) {
  StoreInOrder(entry.family, kFree);
  entry.address = {};
  std::copy(address.bytes().begin(), address.bytes().end(), entry.address.begin());
  StoreInOrder(entry.highest, highest);
  StoreInOrder(entry.family, static_cast<uint32_t>(address.family()));
}

void FreeEntry(SequenceRecord::Sender& entry) {
  StoreInOrder(entry.family, kFree);
  entry = {};
}

// What makes room first: a restored sender that is still to be heard, then the one heard longest ago.
bool HasBeenSilentLonger(const Sender& a, const Sender& b) {
  return std::pair(a.accepted != 0, a.last_seen) < std::pair(b.accepted != 0, b.last_seen);
}

}  // namespace

SenderTable::SenderTable(SequenceRecord& record) : record_(record) {
  // Entry i of the table is entry i of the record, without gaps. A kill can have left a gap or, while this very loop
  // closed one, a sender twice; copying down before freeing loses nothing whenever it happens.
  for (SequenceRecord::Sender& entry : record_.senders) {
    if (!IsUsed(entry)) {
      FreeEntry(entry);
      continue;
    }
    const IpAddress address = AddressOf(entry);
    const uint32_t highest = entry.highest;
    highest_ = std::max(highest_, highest);
    if (Sender* twin = Find(address); twin != nullptr) {
      if (highest > twin->window.highest()) {
        twin->window.Restore(highest);
        StoreInOrder(record_.senders[static_cast<size_t>(twin - senders_.data())].highest, highest);
      }
      FreeEntry(entry);
      continue;
    }
    Sender& sender = senders_[count_];
    sender.address = address;
    sender.window.Restore(highest);
    if (&entry != &record_.senders[count_]) {
      WriteEntry(record_.senders[count_], address, highest);
      FreeEntry(entry);
    }
    ++count_;
  }
}

DropReason SenderTable::Check(const IpAddress& sender, uint32_t sequence) const {
  const Sender* known = Find(sender);
  if (known != nullptr) return known->window.Check(sequence);
  return ReplayWindow().Check(sequence);
}

DropReason SenderTable::Commit(const IpAddress& sender, uint32_t sequence, Instant now) {
  const DropReason reason = Check(sender, sequence);
  if (reason != DropReason::kNone) return reason;

  Sender* entry = Find(sender);
  if (entry == nullptr) {
    if (count_ < kMaxSenders) {
      entry = &senders_[count_++];
    } else {
      entry = std::min_element(senders_.begin(), senders_.end(), HasBeenSilentLonger);
      ++evictions_;
    }
    WriteEntry(record_.senders[static_cast<size_t>(entry - senders_.data())], sender, sequence);
    *entry = {.address = sender, .window = {}, .first_seen = now};
  } else if (sequence > entry->window.highest()) {
    StoreInOrder(record_.senders[static_cast<size_t>(entry - senders_.data())].highest, sequence);
  }

  // A restored sender is seen for the first time in this run now.
  if (entry->accepted == 0) entry->first_seen = now;
  entry->window.Commit(sequence);
  entry->last_seen = now;
  ++entry->accepted;
  highest_ = std::max(highest_, sequence);
  return DropReason::kNone;
}

Sender* SenderTable::Find(const IpAddress& sender) { return const_cast<Sender*>(std::as_const(*this).Find(sender)); }

const Sender* SenderTable::Find(const IpAddress& sender) const {
  for (const Sender& known : senders()) {
    if (known.address == sender) return &known;
  }
  return nullptr;
}

}  // namespace dpvrrp
