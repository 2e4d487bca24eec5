// SPDX-License-Identifier: BSD-3-Clause
#include "io/event_fd.h"

#include <sys/eventfd.h>

#include <cerrno>

namespace dpvrrp {

absl::StatusOr<EventFd> EventFd::Create() {
  UniqueFd fd(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!fd.valid()) return absl::ErrnoToStatus(errno, "eventfd");
  return EventFd(std::move(fd));
}

void EventFd::Kick() const {
  const uint64_t one = 1;
  // Fails only if 2^64-2 kicks are waiting. The reader is then awake already.
  [[maybe_unused]] const ssize_t written = write(fd_.get(), &one, sizeof(one));
}

uint64_t EventFd::Drain() const {
  uint64_t kicks = 0;
  return read(fd_.get(), &kicks, sizeof(kicks)) == sizeof(kicks) ? kicks : 0;
}

}  // namespace dpvrrp
