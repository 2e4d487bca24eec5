// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/drop_reason.h"

namespace dpvrrp {

// Anti-replay window of one sender (RFC 4302 3.4.3; ring of bit blocks as in RFC 6479, so it never shifts).
//
// Two steps, because a number is not to be trusted until the ICV is:
//   Check()   before the ICV; cheap; changes nothing.
//   Commit()  after it matched; marks the number seen, may move the window.
//
// Exactly kSize numbers are told apart: with the highest seen L, L-kSize+1 .. L are looked up and everything below is
// stale (conformance W-06). Zero is never valid; a sender's first packet carries 1. Numbers do not wrap (W-08).
//
// Thread: the lcore that owns the instance. Never allocates.
class ReplayWindow {
 public:
  static constexpr uint32_t kSize = 64;

  // kNone, kReplayed (seen, or 0) or kStale.
  DropReason Check(uint64_t sequence) const {
    if (sequence > highest_) return DropReason::kNone;
    if (sequence == 0) return DropReason::kReplayed;
    // The difference, not a sum, which would wrap near the top (conformance W-07).
    if (highest_ - sequence >= kSize) return DropReason::kStale;
    const uint64_t block = seen_[sequence / kBlockBits % kBlocks];
    return (block >> (sequence % kBlockBits) & 1) != 0 ? DropReason::kReplayed : DropReason::kNone;
  }
  // Requires Check(sequence) == kNone.
  void Commit(uint64_t sequence);
  // Continues a window whose bits were lost with the process: everything up to `highest` counts as seen. 0: nothing.
  void Restore(uint64_t highest);

  uint64_t highest() const { return highest_; }

 private:
  static constexpr uint64_t kBlockBits = 64;
  static constexpr uint64_t kBlocks = 2;  // usable window is (kBlocks - 1) * kBlockBits (W-01)
  static_assert(kSize == (kBlocks - 1) * kBlockBits);

  std::array<uint64_t, kBlocks> seen_{};
  uint64_t highest_ = 0;
};

// The same for more numbers than ReplayWindow tells apart, on memory of the caller's: a ring of 64-bit blocks, one more
// than the window has (W-01). It knows what was seen, and `highest` comes from the ReplayWindow beside it, which
// answers first; so it costs nothing until a frame is older than that one's.
//
// Thread: the lcore that owns the instance.
class WideWindow {
 public:
  explicit WideWindow(std::span<uint64_t> blocks) : blocks_(blocks) {}
  static constexpr size_t BlocksFor(size_t window) { return window / 64 + 1; }

  // kNone, kReplayed or kStale. Requires sequence <= highest.
  DropReason Check(uint64_t highest, uint64_t sequence) const;
  // `highest`: before this number came.
  void Commit(uint64_t highest, uint64_t sequence);
  // Everything up to `highest` counts as seen.
  void Restore(uint64_t highest);

 private:
  uint64_t& BlockOf(uint64_t sequence) const { return blocks_[sequence / 64 % blocks_.size()]; }
  std::span<uint64_t> blocks_;
};

}  // namespace dpvrrp
