// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <rte_epoll.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/time.h"
#include "base/types.h"
#include "dataplane/dataplane.h"
#include "io/event_fd.h"
#include "io/timer_fd.h"

namespace dpvrrp {

inline constexpr int kIdleTurns = 16;  // a worker polls on so often before it rests
// One TPAUSE; frames that come meanwhile wait for its end.
inline constexpr Nanoseconds kPause = std::chrono::microseconds(10);
// Should a driver lose an interrupt, frames wait so long at most.
inline constexpr Nanoseconds kLongestRest = std::chrono::milliseconds(10);

// Whether this machine can rest so. Unavailable: the message says what is missing. Thread: any.
absl::Status CheckIdleMode(IdleMode mode);

// Ends the rest of a worker that waits for interrupts, from another thread: there is something in one of its rings.
//
// Nothing is lost: the sleeper says that it will sleep, then looks into its rings once more; who fills a ring does so
// before it asks whether the other sleeps. Both by an exchange, of which one comes first.
class Waker {
 public:
  static absl::StatusOr<std::unique_ptr<Waker>> Create();

  void Wake() {  // thread: any
    if (asleep_.exchange(false)) event_.Kick();
  }

 private:
  friend class Idle;
  explicit Waker(EventFd event) : event_(std::move(event)) {}

  std::atomic<bool> asleep_{false};
  EventFd event_;
};

// How a worker spends the time in which there is nothing to do (IdleMode says the ways).
//
// Thread: the worker's lcore, for everything.
class Idle {
 public:
  struct RxQueue {
    uint16_t port;
    uint16_t queue;
    const char* device;  // for messages
  };
  // `longest_sleep` bounds the rest with kSleep and kInterrupt. `waker`: kInterrupt only, and outlives this object.
  // FailedPrecondition: a port has no receive interrupts.
  static absl::StatusOr<std::unique_ptr<Idle>> Create(IdleMode mode, Nanoseconds longest_sleep, Waker* waker,
                                                      const std::vector<RxQueue>& queues);
  ~Idle();
  Idle(const Idle&) = delete;
  Idle& operator=(const Idle&) = delete;

  bool polls() const { return mode_ == IdleMode::kPoll; }
  // Asks the kernel for exact sleeps. Once, when the loop begins.
  void Begin() const;
  // Every turn that found work, and every one that did not. True: it is time to rest.
  void Worked() { idle_turns_ = 0; }
  bool IsTired() { return ++idle_turns_ >= kIdleTurns; }

  // From here on frames and Wake() end the rest. True: look once more before you do.
  bool Prepare();
  void Cancel();  // there was work after all
  // Until `deadline`, but not for long; returns when it wanted to be awake.
  Instant Rest(Instant now, Instant deadline);

 private:
  Idle(IdleMode mode, Nanoseconds longest_sleep, Waker* waker, std::vector<RxQueue> queues)
      : mode_(mode), longest_sleep_(longest_sleep), waker_(waker), queues_(std::move(queues)) {}
  absl::Status Watch();
  bool WatchSocket(const RxQueue& queue);

  IdleMode mode_;
  Nanoseconds longest_sleep_;
  Waker* waker_;
  std::vector<RxQueue> queues_;
  int idle_turns_ = 0;

  // kInterrupt. What the thread's epoll instance knows besides the queues' interrupts; EAL keeps pointers to it.
  std::optional<TimerFd> timer_;
  rte_epoll_event timer_event_{};
  rte_epoll_event waker_event_{};
  std::vector<std::unique_ptr<rte_epoll_event>> socket_events_;  // of queues that have a socket instead
};

}  // namespace dpvrrp
