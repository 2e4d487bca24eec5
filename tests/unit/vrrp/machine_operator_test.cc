// SPDX-License-Identifier: BSD-3-Clause
//
// The orders of an operator: resign and takeover.
#include <gtest/gtest.h>

#include "unit/vrrp/machine_testing.h"

namespace dpvrrp {
namespace {

TEST(MachineOperatorTest, ResignSaysGoodbyeAndWaits) {
  TestMachine m = Master();
  const Actions actions = m.Do(OperatorResign{});
  EXPECT_TRUE(Sends(actions, 0));
  EXPECT_TRUE(Goes(actions, State::kMaster, State::kBackup));
  EXPECT_EQ(m.machine.deadline, m.now + kDown);
  EXPECT_EQ(m.machine.reason, Reason::kOperatorResign);
  EXPECT_FALSE(m.machine.knows_master());
}

TEST(MachineOperatorTest, AfterResignALowerPriorityIsNotPreempted) {
  TestMachine m = Master();
  m.Do(OperatorResign{});
  for (int i = 0; i < 10; ++i) {
    m.now += 1s;
    m.Hear(50);
    EXPECT_EQ(m.machine.deadline, m.now + kDown);
  }
}

TEST(MachineOperatorTest, AfterResignADeadMasterIsStillReplaced) {
  TestMachine m = Master();
  m.Do(OperatorResign{});
  m.now += 1s;
  m.Hear(50);
  EXPECT_TRUE(Sends(m.At(m.machine.deadline, TimerExpired{}), 100));
  EXPECT_EQ(m.machine.reason, Reason::kMasterTimeout);
  EXPECT_FALSE(m.machine.hold_backup);
}

TEST(MachineOperatorTest, ANewPriorityEndsTheHold) {
  TestMachine m = Master();
  m.Do(OperatorResign{});
  m.SetPriority(110);
  const Instant deadline = m.machine.deadline;
  m.now += 1s;
  m.Hear(50);
  EXPECT_EQ(m.machine.deadline, deadline);
}

TEST(MachineOperatorTest, ResignIsForMastersOnly) {
  TestMachine m = Backup();
  EXPECT_TRUE(Nothing(m.Do(OperatorResign{})));
  EXPECT_FALSE(m.machine.hold_backup);
}

TEST(MachineOperatorTest, TakeoverMastersAtOnce) {
  TestMachine m = Backup();
  m.now += 1s;
  const Actions actions = m.Do(OperatorTakeover{});
  EXPECT_TRUE(Sends(actions, 100));
  EXPECT_TRUE(Goes(actions, State::kBackup, State::kMaster));
  EXPECT_EQ(m.machine.deadline, m.now + 1s);
  EXPECT_EQ(m.machine.reason, Reason::kOperatorTakeover);
}

TEST(MachineOperatorTest, TakeoverEndsTheHold) {
  TestMachine m = Master();
  m.Do(OperatorResign{});
  m.Do(OperatorTakeover{});
  EXPECT_EQ(m.machine.state, State::kMaster);
  EXPECT_FALSE(m.machine.hold_backup);
}

TEST(MachineOperatorTest, TakeoverAsMasterDoesNothing) {
  TestMachine m = Master();
  const Instant deadline = m.machine.deadline;
  EXPECT_TRUE(Nothing(m.Do(OperatorTakeover{})));
  EXPECT_EQ(m.machine.deadline, deadline);
}

}  // namespace
}  // namespace dpvrrp
