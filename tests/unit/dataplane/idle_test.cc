// SPDX-License-Identifier: BSD-3-Clause
//
// Without ports and without EAL, which DPDK's epoll does not need. If an event must end a rest, the rest is bounded by
// hours, so that the test fails if the event does not end it.
#include "dataplane/idle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "dataplane/worker_loop.h"

namespace dpvrrp {
namespace {

constexpr Nanoseconds kForEver = std::chrono::hours(1);

TEST(IdleTest, IsTiredAfterSoManyTurnsWithoutWork) {
  const auto idle = *Idle::Create(IdleMode::kSleep, kForEver, nullptr, {});
  for (int round = 0; round < 2; ++round) {
    for (int turn = 1; turn < kIdleTurns; ++turn) EXPECT_FALSE(idle->IsTired());
    EXPECT_TRUE(idle->IsTired());
    EXPECT_TRUE(idle->IsTired());
    idle->Worked();
  }
}

TEST(IdleTest, ARestEndsAtTheDeadlineAndNotBefore) {
  const auto waker = *Waker::Create();
  for (const IdleMode mode : {IdleMode::kSleep, IdleMode::kInterrupt}) {
    const auto idle = *Idle::Create(mode, kForEver, waker.get(), {});
    idle->Begin();
    const Instant now = WorkerNow();
    for (const Nanoseconds until_deadline : {Nanoseconds(-1), Nanoseconds(0), Nanoseconds(200'000)}) {
      idle->Prepare();
      EXPECT_EQ(idle->Rest(now, now + until_deadline), now + until_deadline);
      EXPECT_GE(WorkerNow(), now + until_deadline);
    }
    EXPECT_EQ(idle->Rest(now, Instant::min()), Instant::min());  // overdue
  }
}

TEST(IdleTest, ARestIsNotLongerThanItMayBe) {
  const auto idle = *Idle::Create(IdleMode::kSleep, Nanoseconds(1000), nullptr, {});
  const Instant now = WorkerNow();
  EXPECT_EQ(idle->Rest(now, kNever), now + Nanoseconds(1000));
}

// A real-time worker that always finds work would take the CPU for good.
TEST(IdleTest, ARealTimeWorkerPausesNowAndThenHoweverBusyItIs) {
  const auto idle = *Idle::Create(IdleMode::kSleep, kForEver, nullptr, {});
  EXPECT_FALSE(idle->MustPause(Instant::max() - Nanoseconds(1)));  // an ordinary thread
  const Instant begin = WorkerNow();
  idle->PauseWhenBusy();
  EXPECT_FALSE(idle->MustPause(begin));
  EXPECT_FALSE(idle->MustPause(begin + kLongestBusy - Nanoseconds(1)));
  const Instant busy = WorkerNow() + kLongestBusy;
  EXPECT_TRUE(idle->MustPause(busy));
  const Instant before = WorkerNow();
  const Instant after = idle->Pause();
  EXPECT_GE(after, before + kBusyPause);
  EXPECT_FALSE(idle->MustPause(after + kLongestBusy - Nanoseconds(1)));
  EXPECT_TRUE(idle->MustPause(after + kLongestBusy));
}

TEST(IdleTest, ARestCountsAsAPause) {
  const auto idle = *Idle::Create(IdleMode::kSleep, Nanoseconds(1000), nullptr, {});
  idle->PauseWhenBusy();
  const Instant now = WorkerNow() + kLongestBusy;
  idle->Rest(now, now);  // overdue: returns at once
  EXPECT_FALSE(idle->MustPause(now + kLongestBusy - Nanoseconds(1)));
}

TEST(IdleTest, AWorkerThatPollsIsNoRealTimeThreadAndNeverPauses) {
  for (const IdleMode mode : {IdleMode::kPoll, IdleMode::kPause}) {
    const auto idle = *Idle::Create(mode, kForEver, nullptr, {});
    idle->PauseWhenBusy();
    EXPECT_FALSE(idle->MustPause(WorkerNow() + std::chrono::hours(1)));
  }
}

TEST(IdleTest, AWakeBeforeTheRestEndsIt) {
  const auto waker = *Waker::Create();
  const auto idle = *Idle::Create(IdleMode::kInterrupt, kForEver, waker.get(), {});
  EXPECT_TRUE(idle->Prepare());
  waker->Wake();
  idle->Rest(WorkerNow(), kNever);
}

// A producer and a sleeper that must hear of each of its words, however the two meet.
TEST(IdleTest, NoWakeIsLost) {
  constexpr int kWords = 2000;
  const auto waker = *Waker::Create();
  std::atomic<int> said{0};
  std::atomic<int> heard{0};
  std::thread sleeper([&] {
    const auto idle = *Idle::Create(IdleMode::kInterrupt, kForEver, waker.get(), {});
    while (heard < kWords) {
      idle->Prepare();
      if (said.load(std::memory_order_relaxed) > heard) {
        idle->Cancel();
        ++heard;
      } else {
        idle->Rest(WorkerNow(), kNever);
      }
    }
  });
  for (int word = 1; word <= kWords; ++word) {
    said.store(word, std::memory_order_relaxed);
    waker->Wake();
    while (heard < word) std::this_thread::yield();
  }
  sleeper.join();
}

// As of a TAP device that was deleted: its descriptor is readable for ever.
TEST(IdleTest, AFrameOfATwinEndsARestUntilItsDescriptorIsNoLongerWatched) {
  const auto waker = *Waker::Create();
  EventFd twin = *EventFd::Create();
  const auto idle = *Idle::Create(IdleMode::kInterrupt, kForEver, waker.get(), {}, {twin.fd()});
  const auto rest = [&] {
    const Instant now = WorkerNow();
    idle->Prepare();
    idle->Rest(now, now + std::chrono::milliseconds(1));
    return WorkerNow() >= now + std::chrono::milliseconds(1);
  };
  EXPECT_TRUE(rest());
  twin.Kick();
  idle->Prepare();
  idle->Rest(WorkerNow(), kNever);
  for (int times = 0; times < 2; ++times) {  // the daemon tries to make the twin again at intervals
    std::thread([&] { idle->StopWatching({twin.fd()}); }).join();  // by the control thread
    EXPECT_TRUE(rest());
  }
  std::thread([&] { idle->WatchAgain({twin.fd()}); }).join();
  idle->Prepare();
  idle->Rest(WorkerNow(), kNever);
}

TEST(IdleTest, PauseSaysWhatTheCpuLacks) {
  const absl::Status status = CheckIdleMode(IdleMode::kPause);
  EXPECT_TRUE(CheckIdleMode(IdleMode::kSleep).ok());
  if (!status.ok()) {
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr("TPAUSE"));
    return;
  }
  const auto idle = *Idle::Create(IdleMode::kPause, Nanoseconds(0), nullptr, {});
  const Instant now = WorkerNow();
  EXPECT_EQ(idle->Rest(now, kNever), now + kPause);
}

}  // namespace
}  // namespace dpvrrp
