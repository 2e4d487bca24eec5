// SPDX-License-Identifier: BSD-3-Clause
#include "sim/lan.h"

#include <utility>

namespace dpvrrp::sim {

void Lan::Partition(uint32_t side) {
  for (size_t to = 0; to < deaf_.size(); ++to) {
    for (size_t from = 0; from < deaf_.size(); ++from) {
      if ((side >> to & 1) != (side >> from & 1)) deaf_[to][from] = true;
    }
  }
}

Nanoseconds Lan::Heal() {
  loss_ = duplicate_ = 0;
  for (std::vector<bool>& row : deaf_) row.assign(row.size(), false);
  return kUsual + std::exchange(jitter_, Nanoseconds(0));
}

std::vector<Nanoseconds> Lan::Delays(int from, int to) {
  std::vector<Nanoseconds> delays;
  if (deaf_[static_cast<size_t>(to)][static_cast<size_t>(from)]) return delays;
  if (!prng_.Percent(loss_)) delays.push_back(prng_.Between(kBest, kUsual + jitter_));
  if (prng_.Percent(duplicate_)) delays.push_back(prng_.Between(kBest, kUsual + jitter_));
  return delays;
}

}  // namespace dpvrrp::sim
