// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/idle.h"

#include <poll.h>
#include <rte_cpuflags.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <sys/prctl.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "dataplane/packet_socket.h"
#include "io/clock.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace dpvrrp {
namespace {

// DPDK's own rte_power_pause() is experimental in 22.11.
#if defined(__x86_64__)
bool CanPause() { return rte_cpu_get_flag_enabled(RTE_CPUFLAG_WAITPKG) == 1; }
// State C0.2, the deeper one: its wake-up takes about 0.5 us more.
__attribute__((target("waitpkg"))) void PauseUntil(uint64_t tsc) { _tpause(0, tsc); }
#else
bool CanPause() { return false; }
void PauseUntil(uint64_t) {}
#endif

void SleepUntil(Instant at) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch());
  const timespec when{seconds.count(), (at.time_since_epoch() - seconds).count()};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr);
}

}  // namespace

absl::Status CheckIdleMode(IdleMode mode) {
  if (mode != IdleMode::kPause || CanPause()) return absl::OkStatus();
  return absl::UnavailableError(
      "idle: 'pause' needs a CPU with the TPAUSE instruction (flag waitpkg), which this CPU does not have; 'sleep' "
      "does "
      "not need it");
}

absl::StatusOr<std::unique_ptr<Waker>> Waker::Create() {
  absl::StatusOr<EventFd> event = EventFd::Create();
  if (!event.ok()) return event.status();
  return std::unique_ptr<Waker>(new Waker(*std::move(event)));
}

absl::StatusOr<std::unique_ptr<Idle>> Idle::Create(IdleMode mode, Nanoseconds longest_sleep, Waker* waker,
                                                   const std::vector<RxQueue>& queues, const std::vector<int>& twins) {
  std::unique_ptr<Idle> idle(new Idle(mode, longest_sleep, waker));
  if (mode != IdleMode::kInterrupt) return idle;
  for (const RxQueue& queue : queues) {
    idle->queues_.push_back(std::make_unique<Queue>());
    idle->queues_.back()->of = queue;
    if (queue.open) idle->Replace(queue);
  }
  for (const int descriptor : twins) idle->twins_.push_back({descriptor});
  if (absl::Status status = idle->WatchAll(); !status.ok()) return status;
  if (absl::Status status = idle->WatchTwins(); !status.ok()) return status;
  return idle;
}

Idle::~Idle() {
  std::vector<rte_epoll_event*> events = {&timer_event_, &waker_event_};
  for (const std::unique_ptr<Queue>& queue : queues_) events.push_back(&queue->event);
  for (WatchedTwin& twin : twins_) events.push_back(&twin.event);
  for (rte_epoll_event* event : events) {
    if (event->status != RTE_EPOLL_INVALID) rte_epoll_ctl(event->epfd, RTE_INTR_EVENT_DEL, event->fd, event);
  }
}

absl::Status Idle::WatchAll() {
  for (const std::unique_ptr<Queue>& queue : queues_) {
    const int error = queue->of.open ? Watch(*queue) : 0;
    if (error == 0) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("device '", queue->of.device, "': has no receive interrupts for queue ", queue->of.queue,
                     ", which idle = \"interrupt\" needs (", std::strerror(-error), "); \"sleep\" does not need them"));
  }
  absl::StatusOr<TimerFd> timer = TimerFd::Create();
  if (!timer.ok()) return timer.status();
  timer_ = *std::move(timer);
  timer_event_.epdata.event = waker_event_.epdata.event = POLLIN;
  if (rte_epoll_ctl(RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD, timer_->fd(), &timer_event_) != 0 ||
      rte_epoll_ctl(RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD, waker_->event_.fd(), &waker_event_) != 0) {
    return absl::InternalError("DPDK cannot wait for a timer and for control at once");
  }
  return absl::OkStatus();
}

absl::Status Idle::WatchTwins() {
  for (WatchedTwin& twin : twins_) {
    twin.event.epdata.event = POLLIN;
    if (rte_epoll_ctl(RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD, twin.descriptor, &twin.event) != 0) {
      return absl::InternalError("DPDK cannot wait for a twin");
    }
    twin.epoll = twin.event.epfd;
  }
  return absl::OkStatus();
}

void Idle::StopWatching(const std::vector<int>& descriptors) {
  for (WatchedTwin& twin : twins_) {
    if (std::find(descriptors.begin(), descriptors.end(), twin.descriptor) == descriptors.end()) continue;
    if (twin.event.status == RTE_EPOLL_INVALID) continue;  // stopped already
    rte_epoll_ctl(twin.event.epfd, RTE_INTR_EVENT_DEL, twin.descriptor, &twin.event);
  }
}

void Idle::WatchAgain(const std::vector<int>& descriptors) {
  for (WatchedTwin& twin : twins_) {
    if (std::find(descriptors.begin(), descriptors.end(), twin.descriptor) == descriptors.end()) continue;
    twin.event = {};  // EAL clears the events when it stops watching
    twin.event.epdata.event = POLLIN;
    rte_epoll_ctl(twin.epoll, RTE_INTR_EVENT_ADD, twin.descriptor, &twin.event);
  }
}

// A socket is readable while frames wait in it, whatever Prepare() and Cancel() set. Returns 0, or a negative errno:
// then frames of this queue wait for the end of a rest, at most kLongestRest.
int Idle::Watch(Queue& queue) const {
  int error = 0;
  if (queue.socket.has_value()) {
    queue.event = {};
    queue.event.epdata.event = POLLIN;
    error = rte_epoll_ctl(RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD, *queue.socket, &queue.event);
  } else {
    error = rte_eth_dev_rx_intr_ctl_q(queue.of.port.value(), queue.of.queue, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD,
                                      nullptr);
  }
  queue.watched = error == 0 || error == -EEXIST;
  return queue.watched ? 0 : error;
}

void Idle::Unwatch(Queue& queue) {
  if (!std::exchange(queue.watched, false)) return;
  if (queue.socket.has_value()) {
    rte_epoll_ctl(queue.event.epfd, RTE_INTR_EVENT_DEL, queue.event.fd, &queue.event);
  } else {
    rte_eth_dev_rx_intr_ctl_q(queue.of.port.value(), queue.of.queue, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_DEL, nullptr);
  }
}

void Idle::Follow(uint32_t away) {
  for (const std::unique_ptr<Queue>& queue : queues_) {
    const bool is_away = (away >> queue->of.id.value() & 1) != 0;
    if (is_away) Unwatch(*queue);
    if (!is_away && !queue->watched && queue->of.open) Watch(*queue);
  }
}

void Idle::Replace(const RxQueue& queue) {
  const auto it = std::find_if(queues_.begin(), queues_.end(), [&](const auto& q) { return q->of.id == queue.id; });
  if (it == queues_.end()) return;  // no thread waits for interrupts
  (*it)->of.port = queue.port;
  (*it)->of.queue = queue.queue;
  (*it)->of.open = true;
  (*it)->socket = FindSocket(queue);
}

std::optional<int> Idle::FindSocket(const RxQueue& queue) {
  rte_eth_dev_info info;
  if (rte_eth_dev_info_get(queue.port.value(), &info) != 0 || info.driver_name == nullptr) return std::nullopt;
  if (absl::string_view(info.driver_name) != "net_af_packet") return std::nullopt;
  return FindPacketSocket(info.if_index, queue.queue);
}

// By default the kernel may add 50 us to a sleep, to wake several sleeping threads together.
void Idle::Begin() const {
  if (mode_ == IdleMode::kSleep) prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

void Idle::PauseWhenBusy() {
  pauses_when_busy_ = mode_ == IdleMode::kSleep || mode_ == IdleMode::kInterrupt;
  if (pauses_when_busy_) pause_at_ = MonotonicNow() + kLongestBusy;
}

Instant Idle::Pause() {
  SleepUntil(MonotonicNow() + kBusyPause);
  const Instant now = MonotonicNow();
  pause_at_ = now + kLongestBusy;
  return now;
}

bool Idle::Prepare() {
  if (mode_ != IdleMode::kInterrupt) return false;
  // A driver without this call always has its interrupts enabled (net_tap).
  for (const std::unique_ptr<Queue>& queue : queues_) {
    if (queue->watched) rte_eth_dev_rx_intr_enable(queue->of.port.value(), queue->of.queue);
  }
  waker_->asleep_.exchange(true);
  return true;
}

void Idle::Cancel() {
  waker_->asleep_.store(false);
  for (const std::unique_ptr<Queue>& queue : queues_) {
    if (queue->watched) rte_eth_dev_rx_intr_disable(queue->of.port.value(), queue->of.queue);
  }
}

Instant Idle::Rest(Instant now, Instant deadline) {
  if (pauses_when_busy_) pause_at_ = now + kLongestBusy;
  switch (mode_) {
    case IdleMode::kPoll:
      return now;
    case IdleMode::kPause: {
      const Instant end = std::min(now + kPause, deadline);
      const double seconds = std::chrono::duration<double>(end - now).count();
      if (end > now) PauseUntil(rte_rdtsc() + static_cast<uint64_t>(seconds * static_cast<double>(rte_get_tsc_hz())));
      return end;
    }
    case IdleMode::kSleep: {
      const Instant end = std::min(now + longest_sleep_, deadline);
      if (end > now) SleepUntil(end);
      return end;
    }
    case IdleMode::kInterrupt: {
      const Instant end = std::min(now + longest_sleep_, deadline);
      timer_->Arm(end);
      std::array<rte_epoll_event, 8> events;
      rte_epoll_wait(RTE_EPOLL_PER_THREAD, events.data(), static_cast<int>(events.size()), -1);
      Cancel();
      timer_->Drain();
      waker_->event_.Drain();
      return end;
    }
  }
  return now;
}

}  // namespace dpvrrp
