// SPDX-License-Identifier: BSD-3-Clause
#include "io/log_writer.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "base/check.h"
#include "io/clock.h"
#include "io/unique_fd.h"

namespace dpvrrp {

// std::mutex cannot inherit priority.
class InheritingMutex {
 public:
  InheritingMutex() {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
    DPVRRP_CHECK(pthread_mutex_init(&mutex_, &attributes) == 0);
    pthread_mutexattr_destroy(&attributes);
  }
  ~InheritingMutex() { pthread_mutex_destroy(&mutex_); }
  InheritingMutex(const InheritingMutex&) = delete;
  InheritingMutex& operator=(const InheritingMutex&) = delete;

  void lock() { pthread_mutex_lock(&mutex_); }
  void unlock() { pthread_mutex_unlock(&mutex_); }
  pthread_mutex_t* native() { return &mutex_; }

 private:
  pthread_mutex_t mutex_;
};

namespace {

// False: the descriptor is broken. If another process has made the descriptor non-blocking, waits until it is writable.
bool WriteAll(int fd, const std::string& line) {
  for (size_t written = 0; written < line.size();) {
    const ssize_t count = write(fd, line.data() + written, line.size() - written);
    if (count > 0) {
      written += static_cast<size_t>(count);
    } else if (count < 0 && errno == EAGAIN) {
      pollfd writable{fd, POLLOUT, 0};
      poll(&writable, 1, -1);
    } else if (count == 0 || errno != EINTR) {
      return false;
    }
  }
  return true;
}

timespec ToTimespec(Instant at) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch());
  return {seconds.count(), (at.time_since_epoch() - seconds).count()};
}

}  // namespace

struct LogWriter::Shared {
  Shared(int to, DroppedLine text, size_t most)
      : fd(fcntl(to, F_DUPFD_CLOEXEC, 3)), dropped_line(std::move(text)), max_bytes(most) {}

  void Run();
  void Queue(std::string line);
  void QueueDropped();
  bool Idle() const { return lines.empty() && unsaid == 0 && !writing; }

  const UniqueFd fd;
  const DroppedLine dropped_line;
  const size_t max_bytes;
  std::atomic<uint64_t> dropped{0};

  // `mutex` guards the following fields.
  InheritingMutex mutex;
  pthread_cond_t work = PTHREAD_COND_INITIALIZER;  // there is a line, or the writer ends
  pthread_cond_t drained = PTHREAD_COND_INITIALIZER;
  std::deque<std::string> lines;
  size_t bytes = 0;     // of `lines`
  uint64_t unsaid = 0;  // lines dropped and not reported yet
  bool writing = false;
  bool ended = false;
};

void LogWriter::Shared::Queue(std::string line) {
  bytes += line.size();
  lines.push_back(std::move(line));
}

void LogWriter::Shared::QueueDropped() {
  if (unsaid > 0) Queue(dropped_line(std::exchange(unsaid, 0)));
}

void LogWriter::Shared::Run() {
  std::unique_lock lock(mutex);
  for (;;) {
    if (lines.empty()) QueueDropped();
    if (lines.empty() && ended) return;
    if (lines.empty()) {
      pthread_cond_wait(&work, mutex.native());
      continue;
    }
    const std::string line = std::move(lines.front());
    lines.pop_front();
    bytes -= line.size();
    writing = true;
    lock.unlock();
    if (!WriteAll(fd.get(), line)) dropped.fetch_add(1, std::memory_order_relaxed);
    lock.lock();
    writing = false;
    if (Idle()) pthread_cond_broadcast(&drained);
  }
}

LogWriter::LogWriter(int fd, DroppedLine dropped_line, size_t max_queued_bytes)
    : shared_(std::make_shared<Shared>(fd, std::move(dropped_line), max_queued_bytes)) {
  sigset_t blocked;
  sigset_t before;
  sigfillset(&blocked);
  sigdelset(&blocked, SIGRTMAX);
  pthread_sigmask(SIG_SETMASK, &blocked, &before);
  std::thread([shared = shared_] {
    pthread_setname_np(pthread_self(), "dpvrrp-log");
    shared->Run();
  }).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

LogWriter::~LogWriter() {
  const std::lock_guard lock(shared_->mutex);
  shared_->ended = true;
  pthread_cond_signal(&shared_->work);
}

void LogWriter::Write(std::string line) {
  Shared& shared = *shared_;
  const std::lock_guard lock(shared.mutex);
  const size_t limit = shared.unsaid == 0 ? shared.max_bytes : shared.max_bytes / 2;
  if (shared.bytes + line.size() > limit) {
    ++shared.unsaid;
    shared.dropped.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  shared.QueueDropped();
  shared.Queue(std::move(line));
  pthread_cond_signal(&shared.work);
}

bool LogWriter::Flush(Nanoseconds longest) {
  const timespec until = ToTimespec(MonotonicNow() + longest);
  std::unique_lock lock(shared_->mutex);
  while (!shared_->Idle()) {
    if (pthread_cond_clockwait(&shared_->drained, shared_->mutex.native(), CLOCK_MONOTONIC, &until) == ETIMEDOUT) {
      return shared_->Idle();
    }
  }
  return true;
}

uint64_t LogWriter::dropped() const { return shared_->dropped.load(std::memory_order_relaxed); }

}  // namespace dpvrrp
