// SPDX-License-Identifier: BSD-3-Clause
//
// The value of a manual track outlives the daemon. It is kept where the sequence numbers are (io/state_file.h), in a
// record of its own: a store is enough, no thread waits for the disk, and SIGKILL loses nothing. The value is in
// `sent`, above the 32 bits of AH's numbers, where no start changes it.
//
// Thread: control.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "ah/sequence_record.h"
#include "track/effect.h"

namespace dpvrrp {

inline constexpr uint64_t kKeptTrackValue = uint64_t{1} << 40;
inline constexpr int64_t kKeptNumberBias = 1 << 15;

inline void KeepValue(SequenceRecord& record, const TrackValue& value) {
  const uint64_t kept = kKeptTrackValue | uint64_t{static_cast<uint8_t>(value.kind)} << 16 |
                        static_cast<uint64_t>(value.number + kKeptNumberBias);
  std::atomic_ref(record.sent).store(kept, std::memory_order_relaxed);
}

// Nothing: no value was kept.
inline std::optional<TrackValue> KeptValue(const SequenceRecord& record) {
  const uint64_t kept = record.sent;
  const uint64_t kind = kept >> 16 & 0xff;
  if (kept >> 24 != kKeptTrackValue >> 24 || kind > static_cast<uint64_t>(TrackValue::Kind::kNumber)) {
    return std::nullopt;
  }
  return TrackValue{static_cast<TrackValue::Kind>(kind),
                    static_cast<int>(static_cast<int64_t>(kept & 0xffff) - kKeptNumberBias)};
}

}  // namespace dpvrrp
