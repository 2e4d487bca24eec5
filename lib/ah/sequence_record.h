// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>

#include "base/limits.h"

namespace dpvrrp {

// What one instance must not forget across a crash: the number we last sent and, per authenticated sender, the highest
// number believed. AH's are of 32 bits, the auth_hmac trailer's of 64; nobody's record ever holds both kinds. Lies in
// the state directory's memory-mapped file (io/state_file.h), so that an lcore saves by storing, without a system call,
// and SIGKILL loses nothing. In tests it is plain memory.
//
// Host byte order; the file is of one machine. Layout is part of the file's version.
//
// written by: the lcore that owns the instance (control before it hands the instance over), but for what is marked;
// read by: the same, and control at any time
struct SequenceRecord {
  struct Sender {
    std::array<uint8_t, 16> address{};  // IpAddress::bytes(), zero-filled
    uint64_t highest = 0;               // 0: free entry
    uint32_t family = 0;                // 4 or 6; 0: free entry
    uint32_t reserved = 0;
  };

  uint64_t sent = 0;  // the last number we put on the wire; 0: none yet
  // AH, and control's, also while an lcore has the record (ah/continuity.h).
  uint32_t reserved = 0;  // no number above this one is sent before a higher one stands here, on the disk; 0: not kept
  uint32_t left_at = 0;   // when it was last served, seconds since 1970; 0: it is being served, or nobody knows
  std::array<Sender, kMaxSenders> senders{};
};
static_assert(sizeof(SequenceRecord) == 16 + 32 * kMaxSenders);

}  // namespace dpvrrp
