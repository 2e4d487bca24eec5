// SPDX-License-Identifier: BSD-3-Clause
//
// The control thread's event loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/time.h"
#include "io/unique_fd.h"

namespace dpvrrp {

inline constexpr uint32_t kReadable = 0x001;  // EPOLLIN; for callers that wait only for input
inline constexpr uint32_t kWritable = 0x004;  // EPOLLOUT

inline constexpr int kMaxReactorEvents = 64;  // per RunOnce(); the others wait for the next call

// The control thread's event loop, over level-triggered epoll. It has no timers: the caller knows its next deadline and
// passes the time until then to RunOnce(). It has no threads.
//
// Callbacks may Add(), Modify() and Remove() any descriptor, also their own. A removed descriptor's callback is not
// called again, not for an event already fetched, and not if the number is reused. Callbacks must not call RunOnce().
//
// Thread: one (control).
class Reactor {
 public:
  using Callback = std::function<void(uint32_t events)>;  // EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR ...

  static absl::StatusOr<std::unique_ptr<Reactor>> Create();
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // The caller still owns the descriptor, and must Remove() it before closing it. AlreadyExists: it is watched already.
  absl::Status Add(int fd, uint32_t events, Callback callback);
  // NotFound: it is not watched.
  absl::Status Modify(int fd, uint32_t events);
  // Does nothing if it is not watched.
  void Remove(int fd);

  // Waits for events, at most `timeout` (nanosecond resolution; below zero means zero, Nanoseconds::max() no limit),
  // and calls their callbacks. A signal makes it return early, with OK.
  absl::Status RunOnce(Nanoseconds timeout);

 private:
  struct Watch {
    uint32_t generation = 0;
    Callback callback;
  };

  explicit Reactor(UniqueFd epoll) : epoll_(std::move(epoll)) {}

  UniqueFd epoll_;
  uint32_t next_generation_ = 1;
  absl::flat_hash_map<int, std::unique_ptr<Watch>> watches_;
  std::vector<std::unique_ptr<Watch>> removed_;  // kept until RunOnce() ends: one of them may be running
  bool running_ = false;
};

}  // namespace dpvrrp
