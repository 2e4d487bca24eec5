// SPDX-License-Identifier: BSD-3-Clause
#include "io/clock_step_fd.h"

#include <sys/timerfd.h>

#include <cerrno>
#include <limits>

namespace dpvrrp {

absl::StatusOr<ClockStepFd> ClockStepFd::Create() {
  UniqueFd fd(timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!fd.valid()) return absl::ErrnoToStatus(errno, "timerfd_create");
  ClockStepFd made(std::move(fd));
  made.Rearm();
  return made;
}

// Arms a timer that never expires. A step of the clock cancels it, and read() reports that once, as ECANCELED.
void ClockStepFd::Rearm() const {
  uint64_t expirations = 0;
  [[maybe_unused]] const ssize_t got = read(fd_.get(), &expirations, sizeof(expirations));
  itimerspec never{};
  never.it_value.tv_sec = std::numeric_limits<int32_t>::max() * time_t{64};
  [[maybe_unused]] const int error =
      timerfd_settime(fd_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr);
}

}  // namespace dpvrrp
