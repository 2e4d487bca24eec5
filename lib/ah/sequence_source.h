// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "ah/sequence_record.h"

namespace dpvrrp {

// Our own AH sequence numbers (RFC 4302 3.3.2): the first is 1, each higher than the last, across restarts.
//
// Thread: the lcore that owns the instance.
class SequenceSource {
 public:
  // `record` must outlive the source; record.sent is where it goes on, record.reserved as far as it goes.
  explicit SequenceSource(SequenceRecord& record)
      : record_(record), reserved_(record.reserved != 0 ? record.reserved : UINT32_MAX) {}

  // The next number, recorded before it is returned. It is above `at_least` too: towards keepalived that is the highest
  // number authenticated on the instance, since every keepalived of a group shares one counter (keepalived.md 1.6);
  // else 0. None when 2^32-1 has been used, or `at_least` is there (which uses up nothing): with anti-replay on,
  // numbers may not wrap (conformance AH-25). None, too, while the number is not reserved.
  std::optional<uint32_t> Next(uint64_t at_least);
  // Whether it is for good that there is none.
  bool IsExhausted(uint64_t at_least) const { return std::max(record_.sent, at_least) >= UINT32_MAX; }

  // Numbers up to this one may be used: the disk knows of it.
  void Reserve(uint32_t up_to) { reserved_ = std::max(reserved_, up_to); }

  // The next numbers are above `number`.
  void GoOnAbove(uint64_t number);

  // The auth_hmac trailer's numbers, which the clock makes: this is the next one, recorded.
  void Take(uint64_t number);

  // Asks the memory ahead of time for what Next touches.
  void Prefetch() const { __builtin_prefetch(&record_, 1); }

  uint64_t sent() const { return record_.sent; }

 private:
  SequenceRecord& record_;
  uint32_t reserved_;
};

}  // namespace dpvrrp
