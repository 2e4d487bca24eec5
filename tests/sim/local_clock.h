// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/time.h"

namespace dpvrrp::sim {

// Time since the seed's world began, on a clock that no node can read.
using SimTime = Nanoseconds;

// A node's CLOCK_MONOTONIC: runs at its own rate, may jump forward (a resumed virtual machine), never back.
class LocalClock {
 public:
  LocalClock(Instant start, int64_t ppm) : local_(start), ppm_(ppm) {}

  Instant ToLocal(SimTime at) const { return local_ + Scale(at - since_); }
  // The first moment at which the clock shows `local` or later.
  SimTime ToSim(Instant local) const {
    if (local <= local_) return since_;
    const Nanoseconds ahead = local - local_;
    SimTime at = since_ + Nanoseconds(ahead.count() / (kMillion + ppm_) * kMillion +
                                      ahead.count() % (kMillion + ppm_) * kMillion / (kMillion + ppm_));
    while (ToLocal(at) < local) at += Nanoseconds(1);
    return at;
  }
  void SetRate(SimTime now, int64_t ppm) {
    Anchor(now);
    ppm_ = ppm;
  }
  void JumpAhead(SimTime now, Nanoseconds by) {
    Anchor(now);
    local_ += by;
  }

 private:
  static constexpr int64_t kMillion = 1'000'000;

  Nanoseconds Scale(Nanoseconds t) const {
    return Nanoseconds(t.count() + t.count() / kMillion * ppm_ + t.count() % kMillion * ppm_ / kMillion);
  }
  void Anchor(SimTime now) {
    local_ = ToLocal(now);
    since_ = now;
  }

  Instant local_;
  SimTime since_{};
  int64_t ppm_;
};

}  // namespace dpvrrp::sim
