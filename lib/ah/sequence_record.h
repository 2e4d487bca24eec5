// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>

#include "base/limits.h"

namespace dpvrrp {

// The numbers of one instance that must survive a crash: the number we last sent and, for each authenticated sender,
// the highest number accepted. AH numbers have 32 bits, those of the auth_hmac trailer 64; a record never contains both
// kinds. The record lies in memory that outlives the daemon (io/state_memory.h). So an lcore saves by storing, without
// a system call, and SIGKILL loses nothing. Another process copies the record to the disk. In tests it is plain memory.
//
// Host byte order; the file belongs to one machine. The layout is part of the file's version.
//
// written by: the lcore that owns the instance (control before it hands the instance over), except for the marked
// fields; read by: the same lcore, control and the copier at any time
struct SequenceRecord {
  struct Sender {
    std::array<uint8_t, 16> address{};  // IpAddress::bytes(), zero-filled
    uint64_t highest = 0;               // 0: free entry
    uint32_t family = 0;                // 4 or 6; 0: free entry
    uint32_t reserved = 0;
  };

  uint64_t sent = 0;  // the last number that we sent; 0: none yet
  // Only for AH. Written by control, also while an lcore has the record (ah/continuity.h).
  uint32_t reserved = 0;  // numbers up to here may be in use, as the disk knows; 0: none, or not kept (`wanted`)
  uint32_t left_at = 0;   // when it was last served, seconds since 1970; 0: it is being served, or the time is unknown
  std::array<Sender, kMaxSenders> senders{};
  // Only for AH, written by control: the next value of `reserved`, which the disk is asked to store. 0: numbers are not
  // reserved.
  uint32_t wanted = 0;
  uint32_t unused = 0;
};
static_assert(sizeof(SequenceRecord) == 24 + 32 * kMaxSenders);

}  // namespace dpvrrp
