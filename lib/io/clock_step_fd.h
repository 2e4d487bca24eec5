// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "absl/status/statusor.h"
#include "io/unique_fd.h"

namespace dpvrrp {

// A descriptor that becomes readable when the wall clock is set (settimeofday, clock_settime, a step by NTP). Slewing
// does not count. See timerfd_create(2), TFD_TIMER_CANCEL_ON_SET.
//
// Thread: one, any.
class ClockStepFd {
 public:
  static absl::StatusOr<ClockStepFd> Create();

  // Makes the descriptor unreadable until the next step.
  void Rearm() const;

  int fd() const { return fd_.get(); }

 private:
  explicit ClockStepFd(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace dpvrrp
