// SPDX-License-Identifier: BSD-3-Clause
//
// Bursts for the benchmarks: frames as a poll of the port returns them.
#pragma once

#include <array>
#include <cstring>
#include <vector>

#include "support/test_shard.h"

namespace dpvrrp {

// Receive writes into the frames, so each burst is copied to the same buffers first (a few ns a frame, in every
// figure).
class BurstBuffers {
 public:
  std::span<const Frame> Fill(const std::vector<Bytes>& frames, size_t first = 0) {
    for (size_t i = 0; i < kMaxBurst; ++i) {
      const Bytes& frame = frames[(first + i) % frames.size()];
      std::memcpy(buffers_[i].data(), frame.data(), frame.size());
      burst_[i] = {buffers_[i].data(), static_cast<uint16_t>(frame.size()), PortId(0)};
    }
    return burst_;
  }

 private:
  alignas(64) std::array<std::array<uint8_t, 256>, kMaxBurst> buffers_;
  std::array<Frame, kMaxBurst> burst_;
};

}  // namespace dpvrrp
