// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/drop_reason.h"

namespace dpvrrp {

// Anti-replay window of one sender (RFC 4302 3.4.3; ring of bit blocks as in RFC 6479, so it never shifts).
//
// Two steps, because a number can be trusted only after the ICV has been verified:
//   Check()   before the ICV; cheap; changes nothing.
//   Commit()  after it matched; marks the number seen, may move the window.
//
// Exactly kSize numbers are distinguished. If L is the highest number seen, L-kSize+1 .. L are looked up and every
// lower number is stale (conformance W-06). Zero is never valid; a sender's first packet has 1. Numbers do not wrap
// (W-08).
//
// Thread: the lcore that owns the instance. Never allocates.
class ReplayWindow {
 public:
  static constexpr uint32_t kSize = 64;

  // kNone, kReplayed (seen, or 0) or kStale.
  DropReason Check(uint64_t sequence) const {
    if (sequence > highest_) return DropReason::kNone;
    if (sequence == 0) return DropReason::kReplayed;
    // A difference, because a sum would wrap near the top (conformance W-07).
    if (highest_ - sequence >= kSize) return DropReason::kStale;
    const uint64_t block = seen_[sequence / kBlockBits % kBlocks];
    return (block >> (sequence % kBlockBits) & 1) != 0 ? DropReason::kReplayed : DropReason::kNone;
  }
  // Requires Check(sequence) == kNone.
  void Commit(uint64_t sequence);
  // Continues a window whose bits were lost with the process: every number up to `highest` counts as seen. 0: no
  // number.
  void Restore(uint64_t highest);

  uint64_t highest() const { return highest_; }

 private:
  static constexpr uint64_t kBlockBits = 64;
  static constexpr uint64_t kBlocks = 2;  // usable window is (kBlocks - 1) * kBlockBits (W-01)
  static_assert(kSize == (kBlocks - 1) * kBlockBits);

  std::array<uint64_t, kBlocks> seen_{};
  uint64_t highest_ = 0;
};

// The same for windows larger than ReplayWindow, on the caller's memory: a ring of 64-bit blocks, one block more than
// the window has (W-01). It records which numbers were seen. The ReplayWindow beside it has `highest` and is asked
// first. So a WideWindow costs nothing until a frame is older than the ReplayWindow covers.
//
// Thread: the lcore that owns the instance.
class WideWindow {
 public:
  explicit WideWindow(std::span<uint64_t> blocks) : blocks_(blocks) {}
  static constexpr size_t BlocksFor(size_t window) { return window / 64 + 1; }

  // kNone, kReplayed or kStale. Requires sequence <= highest.
  DropReason Check(uint64_t highest, uint64_t sequence) const;
  // `highest`: the highest number before this one.
  void Commit(uint64_t highest, uint64_t sequence);
  // Every number up to `highest` counts as seen.
  void Restore(uint64_t highest);
  // Takes over the bits of `former`, whose size may differ. A number that `former` does not cover counts as seen.
  void ContinueFrom(const WideWindow& former, uint64_t highest);

 private:
  uint64_t& BlockOf(uint64_t sequence) const { return blocks_[sequence / 64 % blocks_.size()]; }
  std::span<uint64_t> blocks_;
};

}  // namespace dpvrrp
