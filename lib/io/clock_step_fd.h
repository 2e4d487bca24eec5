// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "absl/status/statusor.h"
#include "io/unique_fd.h"

namespace dpvrrp {

// A descriptor that becomes readable when somebody sets the wall clock (settimeofday, clock_settime, a step of NTP's);
// slewing does not count. See timerfd_create(2), TFD_TIMER_CANCEL_ON_SET.
//
// Thread: any one.
class ClockStepFd {
 public:
  static absl::StatusOr<ClockStepFd> Create();

  // Readable no longer, until the next step.
  void Rearm() const;

  int fd() const { return fd_.get(); }

 private:
  explicit ClockStepFd(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace dpvrrp
