// SPDX-License-Identifier: BSD-3-Clause
//
// The records of the state, by key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ah/sequence_record.h"
#include "io/state_memory.h"

namespace dpvrrp {

inline constexpr uint32_t kMoveGap = 1000;  // numbers

// Finds and makes the records in the state's memory. Never waits: the copier writes them to the disk
// (io/state_copier.h).
//
// Thread: control. A record returned by Acquire() may be passed to one lcore.
class StateRecords {
 public:
  // `memory` must outlive the records. Its used slots are known immediately.
  explicit StateRecords(const StateMemory& memory);

  // The record of `key`, found or made (all zero). The address is stable. A key is never removed: an instance that is
  // configured again next year still may not reuse a number.
  //   InvalidArgument      the key is empty or longer than kMaxStateKey
  //   ResourceExhausted    full; a restart makes room
  absl::StatusOr<SequenceRecord*> Acquire(absl::string_view key);

  // The highest AH number that any record has as sent, including instances that are not served any more. The trailer's
  // numbers, which have more than 32 bits, are not counted. Reads every used slot.
  uint32_t HighestSent() const;

  // From now on the record of `from`, which must exist, is the record of `to`; the former record of `to` is lost. The
  // address stays the same, and an lcore may continue to write meanwhile. A copy under `to`, with `sent` raised by
  // kMoveGap, exists until the disk has the new name. So a kill or a power loss leaves one of the two.
  absl::Status Move(absl::string_view from, absl::string_view to);

  // Records the time, milliseconds since 1970 UTC. After a crash it is the time at which the instances were last
  // served. Call it every second.
  void NoteTime(int64_t unix_ms);
  // Requests that the current records be written to the disk as `generation`, which is higher than any before.
  void Want(uint64_t generation);
  // Reports that the disk has this generation.
  void OnWritten(uint64_t generation);

  size_t used() const { return index_.size(); }
  size_t capacity() const { return memory_.slots(); }

 private:
  const StateMemory& memory_;
  absl::flat_hash_map<std::string, size_t> index_;    // key -> slot
  std::vector<size_t> free_;                          // slots; the last is filled next
  std::vector<std::pair<uint64_t, size_t>> to_free_;  // slots, and the generation that no longer needs them
};

}  // namespace dpvrrp
