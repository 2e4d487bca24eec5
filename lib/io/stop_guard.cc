// SPDX-License-Identifier: BSD-3-Clause
#include "io/stop_guard.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <future>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "io/clock.h"
#include "io/event_fd.h"
#include "io/privileges.h"
#include "io/signal_fd.h"
#include "io/unique_fd.h"

namespace dpvrrp {
namespace {

// poll(2) takes milliseconds; rounded up, so that the deadline has passed when it returns.
int PollTimeout(Instant until) {
  if (until == kNever) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - MonotonicNow());
  return static_cast<int>(std::max<int64_t>(left.count(), 0));
}

}  // namespace

struct StopGuard::Parts {
  Parts(const Options& options, SignalFd signal_fd, EventFd quit_fd)
      : limit(options.limit),
        last_resort_limit(options.last_resort_limit),
        capabilities(options.capabilities.begin(), options.capabilities.end()),
        signals(std::move(signal_fd)),
        quit(std::move(quit_fd)) {}

  void Run(std::promise<void> ready);
  [[noreturn]] void End();

  const Nanoseconds limit;
  const Nanoseconds last_resort_limit;
  const std::vector<int> capabilities;
  const SignalFd signals;
  const EventFd quit;
  UniqueFd pipe_out;  // to control: the signals' numbers, one byte each
  UniqueFd pipe_in;
  std::mutex mutex;
  std::function<void()> last_resort;  // guarded by `mutex`
  std::thread thread;
};

absl::StatusOr<std::unique_ptr<StopGuard>> StopGuard::Create(const Options& options) {
  DPVRRP_ASSIGN_OR_RETURN(SignalFd signals, SignalFd::Create());
  DPVRRP_ASSIGN_OR_RETURN(EventFd quit, EventFd::Create());
  auto parts = std::make_unique<Parts>(options, std::move(signals), std::move(quit));
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return absl::ErrnoToStatus(errno, "pipe2");
  parts->pipe_out.Reset(ends[0]);
  parts->pipe_in.Reset(ends[1]);
  std::promise<void> ready;
  std::future<void> is_ready = ready.get_future();
  parts->thread = std::thread([raw = parts.get(), ready = std::move(ready)]() mutable { raw->Run(std::move(ready)); });
  is_ready.wait();  // the thread must be prepared before a later DropPrivileges()
  return std::unique_ptr<StopGuard>(new StopGuard(std::move(parts)));
}

StopGuard::StopGuard(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

StopGuard::~StopGuard() {
  parts_->quit.Kick();
  parts_->thread.join();
}

int StopGuard::fd() const { return parts_->pipe_out.get(); }

std::optional<int> StopGuard::Read() const {
  uint8_t number = 0;
  if (read(parts_->pipe_out.get(), &number, 1) != 1) return std::nullopt;
  return number;
}

void StopGuard::set_last_resort(std::function<void()> last_resort) {
  const std::lock_guard lock(parts_->mutex);
  parts_->last_resort = std::move(last_resort);
}

void StopGuard::Parts::Run(std::promise<void> ready) {
  pthread_setname_np(pthread_self(), "dpvrrp-stop");
  KeepCapabilities(capabilities);
  ready.set_value();
  Instant end_by = kNever;
  for (;;) {
    std::array<pollfd, 2> waits = {pollfd{signals.fd(), POLLIN, 0}, pollfd{quit.fd(), POLLIN, 0}};
    poll(waits.data(), waits.size(), PollTimeout(end_by));
    if (waits[1].revents != 0) return;
    while (const std::optional<int> signal = signals.Read()) {
      if (*signal != SIGHUP) end_by = std::min(end_by, MonotonicNow() + limit);
      const auto number = static_cast<uint8_t>(*signal);
      // A full pipe means that control has many signals to read already.
      [[maybe_unused]] const ssize_t ignored = write(pipe_in.get(), &number, 1);
    }
    if (end_by <= MonotonicNow()) End();
  }
}

// The last resort may block in the kernel too, so it runs on a thread that need not return.
void StopGuard::Parts::End() {
  std::function<void()> run;
  {
    const std::lock_guard lock(mutex);
    run = last_resort;
  }
  if (run) {
    auto done = std::make_shared<std::promise<void>>();
    std::future<void> future = done->get_future();
    std::thread([run = std::move(run), done] {
      run();
      done->set_value();
    }).detach();
    future.wait_for(last_resort_limit);
  }
  _exit(1);
}

}  // namespace dpvrrp
