// SPDX-License-Identifier: BSD-3-Clause
//
// How a worker rests while it has no work, and how another thread wakes it.
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

inline constexpr int kIdleTurns = 16;  // turns without work before a worker rests
// The time of one TPAUSE. Frames that arrive meanwhile wait for its end.
inline constexpr Nanoseconds kPause = std::chrono::microseconds(10);
// A real-time worker that always finds work pauses for kBusyPause after kLongestBusy. So it leaves 5 % of its CPU to
// others. The kernel takes this share anyway, but in pieces of 50 ms (kernel.sched_rt_runtime_us, sched(7)).
inline constexpr Nanoseconds kLongestBusy = std::chrono::milliseconds(18);
inline constexpr Nanoseconds kBusyPause = std::chrono::milliseconds(1);
// If a driver loses an interrupt, frames wait at most this time.
inline constexpr Nanoseconds kLongestRest = std::chrono::milliseconds(10);

// Whether this machine supports the mode. Unavailable: the message names the missing feature. Thread: any.
absl::Status CheckIdleMode(IdleMode mode);

// Ends the rest of a worker that waits for interrupts, from another thread: one of its rings has new entries.
//
// No wake-up is lost. The sleeping worker first announces that it will sleep, and then reads its rings once more. The
// other thread first fills a ring, and then asks whether the worker sleeps. Both use an exchange, so one is first.
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

// How a worker spends the time without work (see IdleMode).
//
// Thread: the worker's lcore, except for Replace(), StopWatching() and WatchAgain().
class Idle {
 public:
  struct RxQueue {
    PortId id;
    DpdkPort port;
    uint16_t queue;
    const char* device;  // for messages
    bool open = true;    // if false, only id and device are valid, until Replace()
  };
  // `longest_sleep` bounds the rest with kSleep and kInterrupt. `waker` is only for kInterrupt, and must outlive this
  // object. `twins`: descriptors that are readable while frames wait in them. FailedPrecondition: a port has no receive
  // interrupts.
  static absl::StatusOr<std::unique_ptr<Idle>> Create(IdleMode mode, Nanoseconds longest_sleep, Waker* waker,
                                                      const std::vector<RxQueue>& queues,
                                                      const std::vector<int>& twins = {});
  ~Idle();
  Idle(const Idle&) = delete;
  Idle& operator=(const Idle&) = delete;

  // There is at most one queue of each port. `away`: a bit for each port, by its id, that is closed or about to be
  // closed. With kInterrupt this makes a system call for each queue whose port was closed or opened.
  void Follow(uint32_t away);
  // Replaces the queue of a closed port with its queue after the port is opened again. Thread: control.
  void Replace(const RxQueue& queue);
  // For those of its twins' descriptors that are in the list. A descriptor whose device was deleted is readable for
  // ever, so no rest would last: StopWatching() ends that. WatchAgain(): they belong to another device now. Thread:
  // control.
  void StopWatching(const std::vector<int>& descriptors);
  void WatchAgain(const std::vector<int>& descriptors);

  bool polls() const { return mode_ == IdleMode::kPoll; }
  // Asks the kernel for exact sleeps. Call it once, when the loop starts.
  void Begin() const;
  // Worked() after each turn with work, IsTired() after each turn without. True: it is time to rest.
  void Worked() { idle_turns_ = 0; }
  bool IsTired() { return ++idle_turns_ >= kIdleTurns; }

  // For a worker that is a real-time thread. With kPoll and kPause it is not, and this has no effect.
  void PauseWhenBusy();
  // Whether it has been busy for kLongestBusy without a rest.
  bool MustPause(Instant now) const { return now >= pause_at_; }
  Instant Pause();  // for kBusyPause; returns the time afterwards

  // From here on frames and Wake() end the rest. True: check for work once more before resting.
  bool Prepare();
  void Cancel();  // there was work
  // Rests until `deadline`, but not for long. Returns the time at which it should have woken.
  Instant Rest(Instant now, Instant deadline);

 private:
  struct Queue {
    RxQueue of{};
    bool watched = false;         // frames and interrupts of it end the rest
    std::optional<int> socket{};  // readable while frames wait; replaces interrupts
    rte_epoll_event event{};      // of the socket
  };

  Idle(IdleMode mode, Nanoseconds longest_sleep, Waker* waker)
      : mode_(mode), longest_sleep_(longest_sleep), waker_(waker) {}
  absl::Status WatchAll();
  absl::Status WatchTwins();
  int Watch(Queue& queue) const;
  static void Unwatch(Queue& queue);
  static std::optional<int> FindSocket(const RxQueue& queue);

  IdleMode mode_;
  Nanoseconds longest_sleep_;
  Waker* waker_;
  std::vector<std::unique_ptr<Queue>> queues_;  // EAL keeps pointers into them
  struct WatchedTwin {
    int descriptor;
    rte_epoll_event event{};
    int epoll = -1;  // the worker's; EAL forgets it in `event` when it stops watching
  };
  std::vector<WatchedTwin> twins_;  // EAL keeps pointers into them
  int idle_turns_ = 0;
  bool pauses_when_busy_ = false;
  Instant pause_at_ = kNever;

  // For kInterrupt. The thread's epoll instance has these besides the queues' interrupts. EAL keeps pointers to them.
  std::optional<TimerFd> timer_;
  rte_epoll_event timer_event_{};
  rte_epoll_event waker_event_{};
};

}  // namespace dpvrrp
