// SPDX-License-Identifier: BSD-3-Clause
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

inline constexpr uint32_t kReadable = 0x001;  // EPOLLIN; for callers that wait for nothing else

inline constexpr int kMaxReactorEvents = 64;  // per RunOnce(); the rest waits for the next one

// The control thread's event loop, over level-triggered epoll. It owns no timer: the caller knows its next deadline and
// passes the time until then to RunOnce(). No threads of its own.
//
// Callbacks may Add(), Modify() and Remove() any descriptor, their own too: a removed one is not called again, not even
// for an event already fetched, and not if the number is reused. Callbacks must not call RunOnce().
//
// Thread: one (control).
class Reactor {
 public:
  using Callback = std::function<void(uint32_t events)>;  // EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR ...

  static absl::StatusOr<std::unique_ptr<Reactor>> Create();
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // The descriptor stays the caller's; Remove() it before closing it. AlreadyExists: it is watched already.
  absl::Status Add(int fd, uint32_t events, Callback callback);
  // NotFound: it is not watched.
  absl::Status Modify(int fd, uint32_t events);
  // Does nothing if it is not watched.
  void Remove(int fd);

  // Waits for events, at most `timeout` (nanosecond resolution; below zero means zero, Nanoseconds::max() forever), and
  // calls their callbacks. Returns early, and OK, on a signal.
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
