// SPDX-License-Identifier: BSD-3-Clause
//
// How a received frame ended, and who may look at it then. Every frame that a shard receives ends in Shard::End(), once
// (docs/decisions/0022).
#pragma once

#include "base/drop_reason.h"
#include "base/remark.h"
#include "base/time.h"
#include "pipeline/frame.h"
#include "pipeline/receive/frame_selection.h"
#include "pipeline/watch.h"

namespace dpvrrp {

struct Disposition {
  DropReason end = DropReason::kNone;  // kNone: an advert that was accepted
  IcvVerdict icv = IcvVerdict::kNotLooked;
  bool readmitted = false;    // accepted although its number is used already (restart_policy)
  bool to_responder = false;  // ARP, neighbour discovery, an echo request or a query, which the responder reads next
  Remarks remarks{};          // of an accepted advert
  VirtualRouter* router = nullptr;  // that it was sent to; null: not known
};

// A monitor, a capture or a trace. Shard::SetTap() sets it.
//
// Thread: owning lcore, so it must not allocate, lock, log or make a system call.
class FrameTap {
 public:
  virtual ~FrameTap() = default;
  // Shows the selected frames from now on, or none. For SetTap() callers without a selection it is not called.
  virtual void Select(const FrameSelection& /*wanted*/) {}
  // Called once for each received frame when it ends, before the machine of `how.router` changes. The frame is valid
  // during the call. It is as it was received, except that in an AH advert whose ICV was computed the header fields
  // are zero that the ICV does not cover.
  virtual void Saw(const Frame& frame, const Disposition& how, Instant now) = 0;
};

}  // namespace dpvrrp
