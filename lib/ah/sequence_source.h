// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "ah/sequence_record.h"

namespace dpvrrp {

// Our own AH sequence numbers (RFC 4302 3.3.2): the first is 1, and each is higher than the one before, across
// restarts.
//
// Thread: the lcore that owns the instance.
class SequenceSource {
 public:
  // `record` must outlive the source. Numbers continue above record.sent, up to record.reserved. If the record has no
  // reservation and control wants none, there is no limit.
  explicit SequenceSource(SequenceRecord& record)
      : record_(&record), reserved_(record.reserved != 0 || record.wanted != 0 ? record.reserved : UINT32_MAX) {}

  // The next number, recorded before it is returned. It is also above `at_least`. With keepalived peers `at_least` is
  // the highest number authenticated on the instance, because all keepaliveds of a group share one counter
  // (keepalived.md 1.6); otherwise it is 0. Returns nothing if 2^32-1 has been used, or if `at_least` is 2^32-1 (which
  // uses up nothing): with anti-replay on, numbers may not wrap (conformance AH-25). Also returns nothing while the
  // number is not reserved.
  std::optional<uint32_t> Next(uint64_t at_least);
  // Whether Next() will never return a number again.
  bool IsExhausted(uint64_t at_least) const { return std::max(record_->sent, at_least) >= UINT32_MAX; }

  // Permits numbers up to this one: the disk has stored the reservation.
  void Reserve(uint32_t up_to) { reserved_ = std::max(reserved_, up_to); }

  // Continues above `number`.
  void GoOnAbove(uint64_t number);

  // For the auth_hmac trailer, whose numbers are made from the clock: takes this as the next number, and records it.
  void Take(uint64_t number);

  // Prefetches the memory that Next() touches.
  [[gnu::always_inline]] void Prefetch() const { __builtin_prefetch(record_, 1); }

  uint64_t sent() const { return record_->sent; }

 private:
  SequenceRecord* record_;
  uint32_t reserved_;
};

}  // namespace dpvrrp
