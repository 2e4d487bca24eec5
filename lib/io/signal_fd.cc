// SPDX-License-Identifier: BSD-3-Clause
#include "io/signal_fd.h"

#include <pthread.h>
#include <sys/signalfd.h>

#include <cerrno>

namespace dpvrrp {

absl::StatusOr<SignalFd> SignalFd::Create() {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&wanted, number);

  SignalFd signals;
  UniqueFd fd(signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd.valid()) return absl::ErrnoToStatus(errno, "signalfd");
  if (const int error = pthread_sigmask(SIG_BLOCK, &wanted, &signals.old_mask_); error != 0) {
    return absl::ErrnoToStatus(error, "pthread_sigmask");
  }
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  if (sigaction(SIGPIPE, &ignore, &signals.old_pipe_) != 0) {
    const int error = errno;
    pthread_sigmask(SIG_SETMASK, &signals.old_mask_, nullptr);
    return absl::ErrnoToStatus(error, "sigaction(SIGPIPE)");
  }
  signals.fd_ = std::move(fd);
  return signals;
}

SignalFd::~SignalFd() {
  if (!fd_.valid()) return;
  pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
  sigaction(SIGPIPE, &old_pipe_, nullptr);
}

std::optional<int> SignalFd::Read() const {
  signalfd_siginfo info{};
  if (read(fd_.get(), &info, sizeof(info)) != sizeof(info)) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

}  // namespace dpvrrp
