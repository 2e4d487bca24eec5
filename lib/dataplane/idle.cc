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

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace dpvrrp {
namespace {

// DPDK's own rte_power_pause() is experimental in 22.11.
#if defined(__x86_64__)
bool CanPause() { return rte_cpu_get_flag_enabled(RTE_CPUFLAG_WAITPKG) == 1; }
// State C0.2, the deeper one: it wakes some 0.5 us later.
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
      "idle: 'pause' needs a CPU with the TPAUSE instruction (flag waitpkg), which this one has not; 'sleep' does "
      "without");
}

absl::StatusOr<std::unique_ptr<Waker>> Waker::Create() {
  absl::StatusOr<EventFd> event = EventFd::Create();
  if (!event.ok()) return event.status();
  return std::unique_ptr<Waker>(new Waker(*std::move(event)));
}

absl::StatusOr<std::unique_ptr<Idle>> Idle::Create(IdleMode mode, Nanoseconds longest_sleep, Waker* waker,
                                                   const std::vector<RxQueue>& queues) {
  std::unique_ptr<Idle> idle(new Idle(mode, longest_sleep, waker, queues));
  if (mode == IdleMode::kInterrupt) {
    if (absl::Status status = idle->Watch(); !status.ok()) return status;
  }
  return idle;
}

Idle::~Idle() {
  std::vector<rte_epoll_event*> events = {&timer_event_, &waker_event_};
  for (const std::unique_ptr<rte_epoll_event>& event : socket_events_) events.push_back(event.get());
  for (rte_epoll_event* event : events) {
    if (event->status != RTE_EPOLL_INVALID) rte_epoll_ctl(event->epfd, RTE_INTR_EVENT_DEL, event->fd, event);
  }
}

absl::Status Idle::Watch() {
  for (const RxQueue& queue : queues_) {
    if (WatchSocket(queue)) continue;
    const int error =
        rte_eth_dev_rx_intr_ctl_q(queue.port, queue.queue, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD, nullptr);
    if (error == 0 || error == -EEXIST) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("device '", queue.device, "': has no receive interrupts for queue ", queue.queue,
                     ", which idle = \"interrupt\" needs (", std::strerror(-error), "); \"sleep\" does without"));
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

// Such a queue is readable as long as frames wait in it, whatever Prepare() and Cancel() say.
bool Idle::WatchSocket(const RxQueue& queue) {
  rte_eth_dev_info info;
  if (rte_eth_dev_info_get(queue.port, &info) != 0 || info.driver_name == nullptr) return false;
  if (absl::string_view(info.driver_name) != "net_af_packet") return false;
  const std::optional<int> fd = FindPacketSocket(info.if_index, queue.queue);
  if (!fd.has_value()) return false;
  auto event = std::make_unique<rte_epoll_event>();
  event->epdata.event = POLLIN;
  if (rte_epoll_ctl(RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD, *fd, event.get()) != 0) return false;
  socket_events_.push_back(std::move(event));
  return true;
}

// By default the kernel may add 50 us to a sleep, to wake several sleepers at once.
void Idle::Begin() const {
  if (mode_ == IdleMode::kSleep) prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

bool Idle::Prepare() {
  if (mode_ != IdleMode::kInterrupt) return false;
  // A driver without this call has its interrupts enabled always (net_tap).
  for (const RxQueue& queue : queues_) rte_eth_dev_rx_intr_enable(queue.port, queue.queue);
  waker_->asleep_.exchange(true);
  return true;
}

void Idle::Cancel() {
  waker_->asleep_.store(false);
  for (const RxQueue& queue : queues_) rte_eth_dev_rx_intr_disable(queue.port, queue.queue);
}

Instant Idle::Rest(Instant now, Instant deadline) {
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
