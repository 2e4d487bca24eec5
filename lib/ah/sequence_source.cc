// SPDX-License-Identifier: BSD-3-Clause
#include "ah/sequence_source.h"

#include <algorithm>

#include "ah/ordered_store.h"

namespace dpvrrp {

std::optional<uint32_t> SequenceSource::Next(uint64_t at_least) {
  const uint64_t last = std::max(record_->sent, at_least);
  // At the highest number nothing is stored: a peer that has reached it must not use up our numbers too.
  if (last >= reserved_) return std::nullopt;
  internal::StoreInOrder(record_->sent, last + 1);
  return static_cast<uint32_t>(last + 1);
}

void SequenceSource::GoOnAbove(uint64_t number) {
  if (number > record_->sent) internal::StoreInOrder(record_->sent, number);
}

void SequenceSource::Take(uint64_t number) { internal::StoreInOrder(record_->sent, number); }

}  // namespace dpvrrp
