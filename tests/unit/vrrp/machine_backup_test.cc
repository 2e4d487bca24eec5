// SPDX-License-Identifier: BSD-3-Clause
//
// RFC 3768 6.4.2 (conformance V2-15).
#include <gtest/gtest.h>

#include "unit/vrrp/machine_testing.h"

namespace dpvrrp {
namespace {

TEST(MachineBackupTest, SilenceForMasterDownIntervalMakesMaster) {
  TestMachine m = Backup();
  const Actions actions = m.At(kStart + kDown, TimerExpired{});
  EXPECT_TRUE(Goes(actions, State::kBackup, State::kMaster));
  EXPECT_TRUE(Sends(actions, 100));
  EXPECT_EQ(m.machine.deadline, m.now + 1s);
  EXPECT_EQ(m.machine.reason, Reason::kMasterTimeout);
}

TEST(MachineBackupTest, AnEarlyTimerIsIgnored) {
  TestMachine m = Backup();
  EXPECT_TRUE(Nothing(m.At(kStart + kDown - 1ns, TimerExpired{})));
  EXPECT_EQ(m.machine.state, State::kBackup);
  EXPECT_EQ(m.machine.deadline, kStart + kDown);
}

TEST(MachineBackupTest, EqualOrHigherPriorityRestartsTheWait) {
  for (int priority : {100, 101, 255}) {
    TestMachine m = Backup();
    m.now += 3s;
    EXPECT_TRUE(Nothing(m.Hear(priority)));
    EXPECT_EQ(m.machine.deadline, m.now + kDown) << priority;
    EXPECT_EQ(m.machine.master_address, kLowerAddress);
    EXPECT_EQ(m.machine.master_priority, Priority(static_cast<uint8_t>(priority)));
    EXPECT_EQ(m.machine.master_heard, m.now);
  }
}

// Conformance V3-71: in Backup addresses are not compared.
TEST(MachineBackupTest, EqualPriorityFromAnyAddressKeepsUsBackup) {
  for (IpAddress source : {kLowerAddress, kGreaterAddress}) {
    TestMachine m = Backup();
    m.now += 1s;
    m.Hear(100, source);
    EXPECT_EQ(m.machine.state, State::kBackup);
    EXPECT_EQ(m.machine.deadline, m.now + kDown);
  }
}

TEST(MachineBackupTest, LowerPriorityIsDiscardedAndThenPreempted) {
  TestMachine m = Backup();
  m.now += 1s;
  EXPECT_TRUE(Nothing(m.Hear(99)));
  EXPECT_EQ(m.machine.deadline, kStart + kDown);
  m.At(kStart + kDown, TimerExpired{});
  EXPECT_EQ(m.machine.state, State::kMaster);
  EXPECT_EQ(m.machine.reason, Reason::kPreempted);
}

// Conformance V3-70: left alone for ever, taken over from when it stops.
TEST(MachineBackupTest, WithoutPreemptALowerPriorityIsObeyed) {
  TestMachine m = Backup({.preempt = false, .source = kOwnAddress});
  for (int i = 0; i < 20; ++i) {
    m.now += 1s;
    EXPECT_TRUE(Nothing(m.Hear(1)));
    EXPECT_EQ(m.machine.deadline, m.now + kDown);
  }
  m.At(m.machine.deadline, TimerExpired{});
  EXPECT_EQ(m.machine.reason, Reason::kMasterTimeout);
}

// 6.4.2: "Set the Master_Down_Timer to Skew_Time".
TEST(MachineBackupTest, AResignedMasterIsReplacedAfterSkewTime) {
  TestMachine m = Backup();
  m.now += 1s;
  EXPECT_TRUE(Nothing(m.Hear(0)));
  EXPECT_EQ(m.machine.deadline, m.now + kSkew);
  EXPECT_TRUE(Sends(m.At(m.machine.deadline, TimerExpired{}), 100));
  EXPECT_EQ(m.machine.reason, Reason::kMasterResigned);
}

TEST(MachineBackupTest, SkewTimeAfterAResignationIsFullEvenIfTheOldTimerWasNearlyOut) {
  TestMachine m = Backup();
  m.now = kStart + kDown - 1ms;
  m.Hear(0);
  EXPECT_EQ(m.machine.deadline, m.now + kSkew);
}

TEST(MachineBackupTest, RepeatedResignationsDoNotPutUsOff) {
  TestMachine m = Backup();
  m.Hear(0);
  const Instant deadline = m.machine.deadline;
  m.now += 500ms;
  m.Hear(0);
  EXPECT_EQ(m.machine.deadline, deadline);
}

TEST(MachineBackupTest, ANewMasterAfterAResignationIsWaitedForInFull) {
  TestMachine m = Backup();
  m.Hear(0);
  m.now += 100ms;
  m.Hear(150, kGreaterAddress);
  EXPECT_EQ(m.machine.deadline, m.now + kDown);
  m.At(m.machine.deadline, TimerExpired{});
  EXPECT_EQ(m.machine.reason, Reason::kMasterTimeout);
}

// 6.4.2: Shutdown in Backup sends no advert.
TEST(MachineBackupTest, ShutdownIsSilent) {
  TestMachine m = Backup();
  const Actions actions = m.Do(Shutdown{});
  EXPECT_TRUE(Goes(actions, State::kBackup, State::kInitialize));
  EXPECT_FALSE(actions.send_advert.has_value());
  EXPECT_EQ(m.machine.deadline, kNever);
  EXPECT_EQ(m.machine.reason, Reason::kShutdown);
}

// Conformance V3-44: both intervals follow the priority at once, the timer keeps its start.
TEST(MachineBackupTest, AChangedPriorityChangesTheRunningTimer) {
  TestMachine m = Backup();
  m.now += 1s;
  EXPECT_TRUE(Nothing(m.SetPriority(200)));
  EXPECT_EQ(m.machine.deadline, kStart + 3218750us);
  m.SetPriority(1);
  EXPECT_EQ(m.machine.deadline, kStart + 3996093750ns);
}

TEST(MachineBackupTest, AChangedPriorityChangesARunningSkewTime) {
  TestMachine m = Backup();
  m.now += 1s;
  m.Hear(0);
  m.SetPriority(200);
  EXPECT_EQ(m.machine.deadline, kStart + 1s + 218750us);
}

TEST(MachineBackupTest, ATimerShortenedIntoThePastFiresNow) {
  TestMachine m = Backup();
  m.now = kStart + 3500ms;
  m.SetPriority(254);  // 3007.8125 ms
  EXPECT_EQ(m.machine.deadline, m.now);
  EXPECT_TRUE(Sends(m.Do(TimerExpired{}), 254));
}

}  // namespace
}  // namespace dpvrrp
