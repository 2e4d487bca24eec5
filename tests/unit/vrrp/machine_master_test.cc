// SPDX-License-Identifier: BSD-3-Clause
//
// RFC 3768 6.4.3 (conformance V2-17, V2-18).
#include <gtest/gtest.h>

#include "unit/vrrp/machine_testing.h"

namespace dpvrrp {
namespace {

TEST(MachineMasterTest, AdvertisesAtItsOwnInterval) {
  TestMachine m = Master();
  for (int i = 0; i < 5; ++i) {
    const Instant due = m.machine.deadline;
    EXPECT_TRUE(Nothing(m.At(due - 1ns, TimerExpired{})));
    EXPECT_TRUE(Sends(m.At(due, TimerExpired{}), 100));
    EXPECT_EQ(m.machine.deadline, due + 1s);
  }
}

// Conformance V3-88
TEST(MachineMasterTest, LatenessDoesNotAddUp) {
  TestMachine m = Master();
  const Instant start = m.now;
  for (int i = 1; i <= 1000; ++i) {
    m.At(m.machine.deadline + 16us, TimerExpired{});
    ASSERT_EQ(m.machine.deadline, start + (i + 1) * 1s);
  }
}

TEST(MachineMasterTest, APauseIsNotFollowedByABurst) {
  TestMachine m = Master();
  const Instant awake = m.machine.deadline + 60s;
  EXPECT_TRUE(Sends(m.At(awake, TimerExpired{}), 100));
  EXPECT_GE(m.machine.deadline, awake + 500ms);
  EXPECT_TRUE(Nothing(m.Do(TimerExpired{})));
}

TEST(MachineMasterTest, HigherPriorityDemotes) {
  TestMachine m = Master();
  const Actions actions = m.Hear(101);
  EXPECT_TRUE(Goes(actions, State::kMaster, State::kBackup));
  EXPECT_FALSE(actions.send_advert.has_value());
  EXPECT_EQ(m.machine.deadline, m.now + kDown);
  EXPECT_EQ(m.machine.reason, Reason::kHigherPriority);
}

// Conformance V3-92: Preempt is not looked at here.
TEST(MachineMasterTest, HigherPriorityDemotesWithoutPreemptToo) {
  TestMachine m = Master({.preempt = false, .source = kOwnAddress});
  EXPECT_TRUE(Goes(m.Hear(101), State::kMaster, State::kBackup));
}

// Conformance V3-90: unsigned, network order.
TEST(MachineMasterTest, EqualPriorityIsDecidedByTheGreaterAddress) {
  TestMachine m = Master();
  EXPECT_TRUE(Nothing(m.Hear(100, kLowerAddress)));
  EXPECT_EQ(m.machine.state, State::kMaster);
  EXPECT_TRUE(Nothing(m.Hear(100, kOwnAddress)));
  EXPECT_TRUE(Goes(m.Hear(100, kGreaterAddress), State::kMaster, State::kBackup));
  EXPECT_EQ(m.machine.reason, Reason::kHigherAddress);
}

// Conformance V2-17: VRRPv2 has no immediate answer, and the rhythm is kept.
TEST(MachineMasterTest, LowerPriorityIsDiscardedInSilence) {
  TestMachine m = Master();
  const Instant deadline = m.machine.deadline;
  m.now += 300ms;
  EXPECT_TRUE(Nothing(m.Hear(99, kGreaterAddress)));
  EXPECT_EQ(m.machine.deadline, deadline);
  EXPECT_EQ(m.machine.state, State::kMaster);
}

TEST(MachineMasterTest, AResignationIsAnsweredAtOnceAndRestartsTheRhythm) {
  TestMachine m = Master();
  m.now += 300ms;
  const Actions actions = m.Hear(0, kGreaterAddress);
  EXPECT_TRUE(Sends(actions, 100));
  EXPECT_FALSE(actions.state_change.has_value());
  EXPECT_EQ(m.machine.deadline, m.now + 1s);
}

TEST(MachineMasterTest, ShutdownSaysGoodbye) {
  TestMachine m = Master();
  const Actions actions = m.Do(Shutdown{});
  EXPECT_TRUE(Sends(actions, 0));
  EXPECT_TRUE(Goes(actions, State::kMaster, State::kInitialize));
  EXPECT_EQ(m.machine.deadline, kNever);
}

TEST(MachineMasterTest, AFailedPortSendsNoAdvert) {
  TestMachine m = Master();
  const Actions actions = m.Do(Shutdown{Reason::kPortDown});
  EXPECT_FALSE(actions.send_advert.has_value());
  EXPECT_TRUE(Goes(actions, State::kMaster, State::kInitialize));
  EXPECT_EQ(m.machine.reason, Reason::kPortDown);
}

TEST(MachineMasterTest, AChangedPriorityIsAdvertisedWithTheNextAdvert) {
  TestMachine m = Master();
  const Instant deadline = m.machine.deadline;
  EXPECT_TRUE(Nothing(m.SetPriority(42)));
  EXPECT_EQ(m.machine.deadline, deadline);
  EXPECT_TRUE(Sends(m.At(deadline, TimerExpired{}), 42));
}

}  // namespace
}  // namespace dpvrrp
