// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>

#include "base/counter.h"
#include "pipeline/receive/frame_copy.h"

struct rte_ring;

namespace dpvrrp {

inline constexpr size_t kCopyRingDepth = 512;  // frames of one worker that wait for control

// Copies the selected frames of a worker into a ring, from which control takes them. A frame that finds no room is
// counted and not shown.
class FrameCopier final : public FrameTap {
 public:
  // `ring` has elements of FrameCopy, one producer and one consumer, and must outlive this object's use.
  explicit FrameCopier(rte_ring& ring) : ring_(ring) {}

  // Thread: the lcore.
  void Select(const FrameSelection& wanted) override { wanted_ = wanted; }
  void Saw(const Frame& frame, const Disposition& how, Instant now) override;

  // Fills `out` from the front and returns the number. Thread: control.
  size_t Take(std::span<FrameCopy> out);
  // Thread: any.
  uint64_t lost() const { return lost_.value(); }

 private:
  rte_ring& ring_;
  FrameSelection wanted_;
  Counter lost_;
};

}  // namespace dpvrrp
