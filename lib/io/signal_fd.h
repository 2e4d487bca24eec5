// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <signal.h>

#include <optional>

#include "absl/status/statusor.h"
#include "io/unique_fd.h"

namespace dpvrrp {

// SIGTERM, SIGINT and SIGHUP as a readable descriptor. Blocks them for the calling thread and the threads it starts
// later (so make this before the lcores), and ignores SIGPIPE. Destruction restores the calling thread's mask and
// SIGPIPE.
//
// Thread: control.
class SignalFd {
 public:
  static absl::StatusOr<SignalFd> Create();
  SignalFd(SignalFd&&) noexcept = default;
  SignalFd& operator=(SignalFd&&) = delete;
  ~SignalFd();

  // The next pending signal's number. Never blocks.
  std::optional<int> Read() const;

  int fd() const { return fd_.get(); }

 private:
  SignalFd() = default;
  UniqueFd fd_;
  sigset_t old_mask_{};
  struct sigaction old_pipe_ {};
};

}  // namespace dpvrrp
