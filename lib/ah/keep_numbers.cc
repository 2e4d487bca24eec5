// SPDX-License-Identifier: BSD-3-Clause
#include "ah/keep_numbers.h"

#include <algorithm>
#include <atomic>
#include <limits>

#include "ah/ordered_store.h"

namespace dpvrrp {
namespace {

uint64_t Load(uint64_t& word) { return std::atomic_ref<uint64_t>(word).load(std::memory_order_relaxed); }

uint64_t Ahead(uint64_t sent, uint32_t by) {
  constexpr uint64_t kLast = std::numeric_limits<uint32_t>::max();
  return sent == 0 || sent >= kLast ? sent : std::min(sent + by, kLast - 1);
}

bool AreOneSender(const SequenceRecord::Sender& a, const SequenceRecord::Sender& b) {
  return a.family == b.family && a.address == b.address;
}

}  // namespace

void KeepNumbers(SequenceRecord& live, SequenceRecord& kept, uint32_t ahead) {
  decltype(kept.senders) senders{};
  size_t count = 0;
  const auto add = [&](const SequenceRecord::Sender& sender) {
    if (sender.family == 0) return;
    const auto end = senders.begin() + static_cast<std::ptrdiff_t>(count);
    const auto known = std::find_if(senders.begin(), end, [&](const auto& s) { return AreOneSender(s, sender); });
    if (known != end) {
      known->highest = std::max(known->highest, sender.highest);
    } else if (count < senders.size()) {
      senders[count++] = sender;
    }
  };
  for (SequenceRecord::Sender& sender : live.senders) {
    add({.address = sender.address, .highest = Load(sender.highest), .family = sender.family});
  }
  for (const SequenceRecord::Sender& sender : kept.senders) add(sender);
  // No lcore uses these numbers yet, so a kill leaves either the old value or the new one. But the number sent must not
  // be lost.
  internal::StoreInOrder(kept.sent, std::max(kept.sent, Ahead(Load(live.sent), ahead)));
  kept.senders = senders;
}

}  // namespace dpvrrp
