// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "support/test_shard.h"

namespace dpvrrp {

// Keeps what it is shown.
class RecordingTap final : public FrameTap {
 public:
  struct Shown {
    Bytes frame;
    Disposition how;
    State state{};  // of the router, when the frame ended
  };

  void Saw(const Frame& frame, const Disposition& how, Instant) override {
    const State state = how.router == nullptr ? State::kInitialize : how.router->machine.state;
    shown.push_back({Bytes(frame.data, frame.data + frame.length), how, state});
  }

  std::vector<Shown> shown;
};

}  // namespace dpvrrp
