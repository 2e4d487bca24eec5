// SPDX-License-Identifier: BSD-3-Clause
#include "control/keys/keyrings.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace dpvrrp {
namespace {

int64_t SecondsOf(int64_t unix_ms) { return unix_ms / 1000; }

Keyrings::Ring AcceptedOf(const Keyrings::Ring& whole, int64_t unix_seconds) {
  const auto is_out = [&](const KeyConfig& key) {
    return key.id != whole->sign && ValidityAt(key, unix_seconds) != KeyValidity::kValid;
  };
  if (std::ranges::none_of(whole->keys, is_out)) return whole;
  auto accepted = std::make_shared<KeyringConfig>(*whole);
  std::erase_if(accepted->keys, is_out);
  return accepted;
}

}  // namespace

void Keyrings::Configure(const std::vector<Ring>& rings, int64_t unix_ms) {
  std::map<std::string, Entry> before = std::exchange(entries_, {});
  for (const Ring& ring : rings) {
    Entry& entry = entries_[ring->name];
    if (const auto old = before.find(ring->name); old != before.end()) entry = std::move(old->second);
    entry.whole = ring;
    Judge(entry, unix_ms);
  }
}

void Keyrings::Change(KeyringConfig ring, int64_t unix_ms) {
  Entry& entry = entries_[ring.name];
  entry.whole = std::make_shared<const KeyringConfig>(std::move(ring));
  Judge(entry, unix_ms);
}

Keyrings::Ring Keyrings::InForce(const Ring& ring) const {
  const Entry* entry = ring == nullptr || ring->name.empty() ? nullptr : Find(ring->name);
  return entry == nullptr ? ring : entry->accepted;
}

const Keyrings::Entry* Keyrings::Find(const std::string& name) const {
  const auto it = entries_.find(name);
  return it == entries_.end() ? nullptr : &it->second;
}

// Computes the accepted keys, and notes the changes that time has made.
void Keyrings::Judge(Entry& entry, int64_t unix_ms) {
  const KeyringConfig& ring = *entry.whole;
  const Ring before = std::exchange(entry.accepted, AcceptedOf(entry.whole, SecondsOf(unix_ms)));
  for (const KeyConfig& key : ring.keys) {
    const bool was_accepted = before != nullptr && FindKey(*before, key.id) != nullptr;
    const bool is_accepted = FindKey(*entry.accepted, key.id) != nullptr;
    if (before == nullptr || was_accepted == is_accepted) continue;
    if (is_accepted && !key.not_before && !key.not_after) continue;  // not because of time
    notes_.push_back(occurrence::KeyAcceptance{ring.name, key.id, is_accepted});
  }
  const KeyValidity signing = ValidityAt(*FindKey(ring, ring.sign), SecondsOf(unix_ms));
  if (signing == std::exchange(entry.signing, signing) || signing == KeyValidity::kValid) return;
  notes_.push_back(occurrence::KeySignsOutOfTime{ring.name, ring.sign, signing == KeyValidity::kExpired});
}

std::vector<std::string> Keyrings::Look(int64_t unix_ms) {
  std::vector<std::string> changed;
  for (auto& [name, entry] : entries_) {
    const Ring before = entry.accepted;
    Judge(entry, unix_ms);
    if (*before != *entry.accepted) {
      changed.push_back(name);
    } else {
      entry.accepted = before;  // which the instances share
    }
  }
  return changed;
}

std::vector<Occurrence> Keyrings::TakeNotes() { return std::exchange(notes_, {}); }

Nanoseconds Keyrings::NextLook(int64_t unix_ms) const {
  Nanoseconds next = kForever;
  for (const auto& [name, entry] : entries_) {
    for (const KeyConfig& key : entry.whole->keys) {
      for (const std::optional<int64_t>& moment : {key.not_before, key.not_after}) {
        if (!moment) continue;
        next = std::min(next, kLookAgain);
        const int64_t left_ms = *moment * 1000 - unix_ms;
        if (left_ms > 0 && left_ms < kLookAgain / std::chrono::milliseconds(1)) {
          next = std::min<Nanoseconds>(next, std::chrono::milliseconds(left_ms));
        }
      }
    }
  }
  return next;
}

void Keyrings::Retire(const KeySet& set) {
  const auto it = entries_.find(set.ring);
  if (it == entries_.end()) return;
  for (size_t place = 1; place < set.keys.size(); ++place) {
    Entry::Use& past = it->second.past[set.keys[place].id];
    past.adverts += set.use[place].adverts.value();
    past.last = std::max(past.last, set.use[place].last());
  }
}

}  // namespace dpvrrp
