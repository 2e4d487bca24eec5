// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "sim/local_clock.h"
#include "sim/prng.h"
#include "sim/scenario.h"

namespace dpvrrp::sim {

// The wire between the nodes: which node hears which, and how well.
class Lan {
 public:
  Lan(size_t nodes, Prng prng) : prng_(prng), deaf_(nodes, std::vector<bool>(nodes)) {}

  void SetQuality(const Action& quality) {
    loss_ = quality.loss;
    duplicate_ = quality.duplicate;
    jitter_ = quality.time;
  }
  void CutOneWay(int from, int to) { deaf_[static_cast<size_t>(to)][static_cast<size_t>(from)] = true; }
  void Partition(uint32_t side);
  // Returns how long frames sent before may still be on their way.
  Nanoseconds Heal();

  // How long after it was sent a frame reaches `to`: never, once, or twice.
  std::vector<Nanoseconds> Delays(int from, int to);

 private:
  static constexpr Nanoseconds kBest = std::chrono::microseconds(5);
  static constexpr Nanoseconds kUsual = std::chrono::microseconds(200);

  Prng prng_;
  int loss_ = 0;       // percent
  int duplicate_ = 0;  // percent
  Nanoseconds jitter_{};
  std::vector<std::vector<bool>> deaf_;  // [to][from]
};

}  // namespace dpvrrp::sim
