// SPDX-License-Identifier: BSD-3-Clause
//
// Frames as the pipeline sees them: bytes in buffers that belong to the caller (mbufs in dataplane, arrays in tests).
//
// Thread: the lcore that polls them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/limits.h"
#include "base/types.h"

namespace dpvrrp {

// A received Ethernet frame without FCS. The pipeline zeroes mutable header fields in place to form ICV input, so the
// bytes are not what was received once Shard::Receive returns.
struct Frame {
  uint8_t* data = nullptr;
  uint16_t length = 0;  // bytes
  PortId port{};
  VlanStack stripped{};  // tags that the port took off, outermost first; those still in `data` lie within
};

// One buffer to send from. The owner fills in `data`; the pipeline writes the rest.
struct TxFrame {
  uint8_t* data = nullptr;  // kMaxFrameBytes
  uint16_t length = 0;      // bytes, Ethernet header to the end, without FCS and padding
  PortId port{};
};

// Buffers for one transmit burst. When they are used up, what is due waits for the next burst.
class TxBurst {
 public:
  explicit TxBurst(std::span<TxFrame> buffers) : buffers_(buffers) {}

  size_t room() const { return buffers_.size() - used_; }
  TxFrame& next() { return buffers_[used_]; }  // requires room() > 0
  void Take() { ++used_; }                     // next() has been written and is to be sent
  std::span<TxFrame> used() const { return buffers_.first(used_); }

 private:
  std::span<TxFrame> buffers_;
  size_t used_ = 0;
};

}  // namespace dpvrrp
