// SPDX-License-Identifier: BSD-3-Clause
//
// Number s is bit s % 64 of block (s / 64) % 2. The window's 64 numbers lie in at most two neighbouring blocks. So two
// blocks are enough, and the bit of a number outside the window is never read:
//
//      block n-1                        block n
//   |....xxxxxxxxxxxxxxxxxxxxxxxx|xxxxxxxxxxxxx..........|
//        ^ highest - 63                       ^ highest
#include "ah/replay_window.h"

#include <algorithm>

#include "base/check.h"

namespace dpvrrp {

void ReplayWindow::Commit(uint64_t sequence) {
  DPVRRP_CHECK(Check(sequence) == DropReason::kNone);
  if (sequence > highest_) {
    // Every block that the window enters still has the bits of numbers one ring earlier.
    const uint64_t from = highest_ / kBlockBits;
    const uint64_t entered = std::min(sequence / kBlockBits - from, kBlocks);
    for (uint64_t i = 1; i <= entered; ++i) seen_[(from + i) % kBlocks] = 0;
    highest_ = sequence;
  }
  seen_[sequence / kBlockBits % kBlocks] |= uint64_t{1} << (sequence % kBlockBits);
}

void ReplayWindow::Restore(uint64_t highest) {
  highest_ = highest;
  const uint64_t block = highest / kBlockBits;
  // Only up to `highest`: a bit above it would refuse a number that has not been sent yet.
  seen_[block % kBlocks] = ~uint64_t{0} >> (kBlockBits - 1 - highest % kBlockBits);
  seen_[(block + 1) % kBlocks] = ~uint64_t{0};
}

DropReason WideWindow::Check(uint64_t highest, uint64_t sequence) const {
  if (sequence == 0) return DropReason::kReplayed;
  if (highest - sequence >= (blocks_.size() - 1) * 64) return DropReason::kStale;
  return (BlockOf(sequence) >> (sequence % 64) & 1) != 0 ? DropReason::kReplayed : DropReason::kNone;
}

void WideWindow::Commit(uint64_t highest, uint64_t sequence) {
  if (sequence > highest) {
    const uint64_t from = highest / 64;
    const uint64_t entered = std::min<uint64_t>(sequence / 64 - from, blocks_.size());
    for (uint64_t i = 1; i <= entered; ++i) blocks_[(from + i) % blocks_.size()] = 0;
  }
  BlockOf(sequence) |= uint64_t{1} << (sequence % 64);
}

void WideWindow::Restore(uint64_t highest) {
  std::fill(blocks_.begin(), blocks_.end(), ~uint64_t{0});
  BlockOf(highest) = ~uint64_t{0} >> (63 - highest % 64);
}

void WideWindow::ContinueFrom(const WideWindow& former, uint64_t highest) {
  Restore(highest);
  const size_t known = std::min(blocks_.size(), former.blocks_.size());
  for (size_t i = 0; i < known && i * 64 <= highest; ++i) BlockOf(highest - i * 64) = former.BlockOf(highest - i * 64);
}

}  // namespace dpvrrp
