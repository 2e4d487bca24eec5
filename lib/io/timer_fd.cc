// SPDX-License-Identifier: BSD-3-Clause
#include "io/timer_fd.h"

#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>

namespace dpvrrp {

absl::StatusOr<TimerFd> TimerFd::Create() {
  UniqueFd fd(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!fd.valid()) return absl::ErrnoToStatus(errno, "timerfd_create");
  return TimerFd(std::move(fd));
}

void TimerFd::Arm(Instant at) const {
  const Nanoseconds since_boot = std::max(at.time_since_epoch(), Nanoseconds(1));  // zero would disarm it
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_boot);
  itimerspec when{};
  when.it_value = {seconds.count(), (since_boot - seconds).count()};
  [[maybe_unused]] const int error = timerfd_settime(fd_.get(), TFD_TIMER_ABSTIME, &when, nullptr);  // valid by now
}

void TimerFd::Drain() const {
  uint64_t expirations = 0;
  [[maybe_unused]] const ssize_t got = read(fd_.get(), &expirations, sizeof(expirations));
}

}  // namespace dpvrrp
