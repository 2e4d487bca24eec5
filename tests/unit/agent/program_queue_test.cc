// SPDX-License-Identifier: BSD-3-Clause
#include "agent/program_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Due = ProgramQueue::Due;
using Step = ProgramQueue::Step;

constexpr Instant kStart{std::chrono::hours(1)};
constexpr Nanoseconds kTimeout = std::chrono::seconds(10);

ProgramQueue::Job Job(uint64_t ticket, std::string queue = "") {
  return {ticket, {.id = ticket, .command = {"/x"}, .user = "root", .timeout = kTimeout, .queue = std::move(queue)}};
}

// The tickets of all jobs that may start now.
std::vector<uint64_t> Start(ProgramQueue& queue, Instant now = kStart) {
  std::vector<uint64_t> tickets;
  while (const std::optional<ProgramQueue::Job> job = queue.Next(now)) tickets.push_back(job->ticket);
  return tickets;
}

TEST(ProgramQueueTest, RequestsOfAQueueRunOneAfterAnother) {
  ProgramQueue queue(8);
  for (const uint64_t ticket : {1, 2, 3}) queue.Add(Job(ticket, "lan"));
  EXPECT_THAT(Start(queue), ElementsAre(1));
  EXPECT_THAT(Start(queue), IsEmpty());
  queue.Ended(1);
  EXPECT_THAT(Start(queue), ElementsAre(2));
  queue.Ended(2);
  EXPECT_THAT(Start(queue), ElementsAre(3));
  EXPECT_FALSE(queue.idle());
  queue.Ended(3);
  EXPECT_TRUE(queue.idle());
}

TEST(ProgramQueueTest, RequestsWithoutAQueueWaitForNoOther) {
  ProgramQueue queue(8);
  for (const uint64_t ticket : {1, 2, 3}) queue.Add(Job(ticket));
  EXPECT_THAT(Start(queue), ElementsAre(1, 2, 3));
}

TEST(ProgramQueueTest, NoMoreRunAtOnceThanAllowed) {
  ProgramQueue queue(2);
  for (const uint64_t ticket : {1, 2, 3, 4}) queue.Add(Job(ticket));
  EXPECT_THAT(Start(queue), ElementsAre(1, 2));
  queue.Ended(2);
  EXPECT_THAT(Start(queue), ElementsAre(3));
  EXPECT_EQ(queue.running(), 2u);
  EXPECT_EQ(queue.waiting(), 1u);
}

TEST(ProgramQueueTest, QueuesTakeTurns) {
  ProgramQueue queue(1);
  for (const uint64_t ticket : {1, 2, 3}) queue.Add(Job(ticket, "a"));
  queue.Add(Job(4, "b"));
  queue.Add(Job(5));
  queue.Add(Job(6, "b"));
  std::vector<uint64_t> order;
  while (const std::optional<ProgramQueue::Job> job = queue.Next(kStart)) {
    order.push_back(job->ticket);
    queue.Ended(job->ticket);
  }
  EXPECT_THAT(order, ElementsAre(1, 4, 5, 2, 6, 3));
}

TEST(ProgramQueueTest, IsFullAtItsCapacity) {
  ProgramQueue queue(1, 3);
  queue.Add(Job(1));
  queue.Add(Job(2));
  EXPECT_THAT(Start(queue), ElementsAre(1));
  EXPECT_FALSE(queue.full());
  queue.Add(Job(3));
  EXPECT_TRUE(queue.full());
  queue.Ended(1);
  EXPECT_FALSE(queue.full());
}

TEST(ProgramQueueTest, AnEndIsCountedOnce) {
  ProgramQueue queue(1);
  queue.Add(Job(1, "lan"));
  queue.Add(Job(2, "lan"));
  EXPECT_THAT(Start(queue), ElementsAre(1));
  queue.Ended(1);
  queue.Ended(1);
  queue.Ended(99);
  EXPECT_THAT(Start(queue), ElementsAre(2));
}

TEST(ProgramQueueTimeTest, TheTimeoutBeginsAtTheStart) {
  ProgramQueue queue(1);
  queue.Add(Job(1));
  queue.Add(Job(2));
  EXPECT_EQ(queue.next_due(), kNever);
  EXPECT_THAT(Start(queue), ElementsAre(1));
  EXPECT_EQ(queue.next_due(), kStart + kTimeout);
  queue.Ended(1);
  EXPECT_EQ(queue.next_due(), kNever);
  EXPECT_THAT(Start(queue, kStart + kTimeout), ElementsAre(2));
  EXPECT_EQ(queue.next_due(), kStart + 2 * kTimeout);
}

TEST(ProgramQueueTimeTest, AProgramIsTerminatedAndThenKilled) {
  ProgramQueue queue(1);
  queue.Add(Job(1));
  Start(queue);
  Instant now = kStart + kTimeout;
  EXPECT_THAT(queue.TakeDue(now - Nanoseconds(1)), IsEmpty());
  EXPECT_THAT(queue.TakeDue(now), ElementsAre(Due{1, Step::kTerminate}));
  EXPECT_THAT(queue.TakeDue(now), IsEmpty());
  now += ProgramQueue::kEndGrace;
  EXPECT_EQ(queue.next_due(), now);
  EXPECT_THAT(queue.TakeDue(now), ElementsAre(Due{1, Step::kKill}));
  queue.Ended(1);
  EXPECT_TRUE(queue.idle());
  EXPECT_EQ(queue.next_due(), kNever);
}

TEST(ProgramQueueTimeTest, AProgramThatCannotBeKilledFreesItsQueueButNotItsPlace) {
  ProgramQueue queue(2);
  queue.Add(Job(1, "lan"));
  queue.Add(Job(2, "lan"));
  queue.Add(Job(3));
  queue.Add(Job(4));
  EXPECT_THAT(Start(queue), ElementsAre(1, 3));
  queue.Ended(3);
  Instant now = kStart + kTimeout;
  EXPECT_THAT(queue.TakeDue(now), ElementsAre(Due{1, Step::kTerminate}));
  now += ProgramQueue::kEndGrace;
  EXPECT_THAT(queue.TakeDue(now), ElementsAre(Due{1, Step::kKill}));
  now += ProgramQueue::kGiveUpAfter;
  EXPECT_THAT(queue.TakeDue(now), ElementsAre(Due{1, Step::kGiveUp}));
  EXPECT_EQ(queue.next_due(), kNever);
  EXPECT_THAT(Start(queue, now), ElementsAre(4));
  queue.Ended(4);
  EXPECT_THAT(Start(queue, now), ElementsAre(2));
  queue.Ended(2);
  EXPECT_TRUE(queue.idle());
  EXPECT_EQ(queue.running(), 1u);
  queue.Ended(1);
  EXPECT_EQ(queue.running(), 0u);
  EXPECT_TRUE(queue.idle());
}

TEST(ProgramQueueTimeTest, AtTheEndAllProgramsAreEndedAndNoneIsStarted) {
  ProgramQueue queue(2);
  queue.Add(Job(1, "lan"));
  queue.Add(Job(2, "lan"));
  queue.Add(Job(3));
  queue.Add(Job(4));
  EXPECT_THAT(Start(queue), ElementsAre(1, 3));
  const Nanoseconds grace = std::chrono::seconds(1);
  queue.EndAll(kStart, grace);
  EXPECT_EQ(queue.waiting(), 0u);
  EXPECT_THAT(queue.TakeDue(kStart), ElementsAre(Due{1, Step::kTerminate}, Due{3, Step::kTerminate}));
  queue.EndAll(kStart + grace / 2, grace);  // changes nothing
  queue.Ended(1);
  EXPECT_THAT(Start(queue), IsEmpty());
  EXPECT_THAT(queue.TakeDue(kStart + grace - Nanoseconds(1)), IsEmpty());
  EXPECT_THAT(queue.TakeDue(kStart + grace), ElementsAre(Due{3, Step::kKill}));
  queue.Ended(3);
  EXPECT_TRUE(queue.idle());
}

}  // namespace
}  // namespace dpvrrp
