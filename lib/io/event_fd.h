// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "io/unique_fd.h"

namespace dpvrrp {

// Wakes the control thread's reactor from an lcore. The lcore puts its message into the ring first, then kicks.
class EventFd {
 public:
  static absl::StatusOr<EventFd> Create();

  // Never blocks. Kicks that are not drained yet merge. One system call. Thread: any.
  void Kick() const;
  // The number of kicks since the last call; 0: none. Thread: control.
  uint64_t Drain() const;

  int fd() const { return fd_.get(); }

 private:
  explicit EventFd(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace dpvrrp
