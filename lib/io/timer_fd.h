// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "absl/status/statusor.h"
#include "base/time.h"
#include "io/unique_fd.h"

namespace dpvrrp {

// Makes a descriptor readable at an instant of MonotonicNow(), with nanosecond precision; poll's time-outs have
// milliseconds.
//
// Thread: one, any.
class TimerFd {
 public:
  static absl::StatusOr<TimerFd> Create();

  void Arm(Instant at) const;  // replaces an earlier instant; in the past: at once
  void Drain() const;          // makes the descriptor unreadable

  int fd() const { return fd_.get(); }

 private:
  explicit TimerFd(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace dpvrrp
