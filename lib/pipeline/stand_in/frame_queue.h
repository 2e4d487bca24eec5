// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include "base/limits.h"
#include "pipeline/frame.h"

namespace dpvrrp {

class VirtualRouter;

// Ready-made frames that wait for a transmit burst, first in, first out, kMaxReadyFrames at most.
//
// Thread: owning lcore; the constructor: any.
class FrameQueue {
 public:
  FrameQueue() : bytes_(std::make_unique_for_overwrite<uint8_t[]>(kMaxReadyFrames * kMaxFrameBytes)) {}

  // Where the next frame is to be written, kMaxFrameBytes; null: there is no room. Add() puts it in the queue.
  uint8_t* room() { return count_ < kMaxReadyFrames ? BytesOf(next()) : nullptr; }
  // `of`: who may withdraw it.
  void Add(size_t length, PortId port, const VirtualRouter* of = nullptr) {
    owners_[next()] = of;
    frames_[next()] = {BytesOf(next()), static_cast<uint16_t>(length), port};
    ++count_;
  }
  void Withdraw(const VirtualRouter& of) {
    for (size_t i = 0; i < count_; ++i) {
      const size_t frame = (head_ + i) % kMaxReadyFrames;
      if (owners_[frame] == &of) frames_[frame].length = 0;
    }
  }

  bool empty() const { return count_ == 0; }
  void WriteTo(TxBurst& burst) {
    for (; burst.room() > 0 && count_ > 0; --count_) {
      const TxFrame& from = frames_[head_];
      head_ = (head_ + 1) % kMaxReadyFrames;
      if (from.length == 0) continue;  // withdrawn
      TxFrame& to = burst.next();
      std::memcpy(to.data, from.data, from.length);
      to.length = from.length;
      to.port = from.port;
      burst.Take();
    }
  }

 private:
  size_t next() const { return (head_ + count_) % kMaxReadyFrames; }
  uint8_t* BytesOf(size_t frame) { return bytes_.get() + frame * kMaxFrameBytes; }

  std::unique_ptr<uint8_t[]> bytes_;
  std::array<TxFrame, kMaxReadyFrames> frames_;
  std::array<const VirtualRouter*, kMaxReadyFrames> owners_;  // only compared
  size_t head_ = 0;
  size_t count_ = 0;
};

}  // namespace dpvrrp
