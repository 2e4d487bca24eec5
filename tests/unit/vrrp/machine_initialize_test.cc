// SPDX-License-Identifier: BSD-3-Clause
//
// RFC 3768 6.4.1 (conformance V2-14).
#include <gtest/gtest.h>

#include "unit/vrrp/machine_testing.h"

namespace dpvrrp {
namespace {

TEST(MachineInitializeTest, StartupBelow255WaitsAsBackupInSilence) {
  TestMachine m;
  const Actions actions = m.Do(Startup{});
  EXPECT_TRUE(Goes(actions, State::kInitialize, State::kBackup));
  EXPECT_FALSE(actions.send_advert.has_value());
  EXPECT_EQ(m.machine.deadline, kStart + kDown);
  EXPECT_EQ(m.machine.reason, Reason::kStartup);
  EXPECT_EQ(m.machine.since, kStart);
}

TEST(MachineInitializeTest, TheOwnerMastersAtOnce) {
  TestMachine m{.config = {.priority = kPriorityOwner, .source = kOwnAddress}};
  const Actions actions = m.Do(Startup{});
  EXPECT_TRUE(Goes(actions, State::kInitialize, State::kMaster));
  EXPECT_TRUE(Sends(actions, 255));
  EXPECT_EQ(m.machine.deadline, kStart + 1s);
  EXPECT_EQ(m.machine.reason, Reason::kOwnerStartup);
}

// Conformance V3-54
TEST(MachineInitializeTest, OnlyStartupHasAnEffect) {
  for (const Event& event :
       {Event(AdvertReceived{Priority(255), kLowerAddress}), Event(AdvertReceived{kPriorityRelease, kLowerAddress}),
        Event(TimerExpired{}), Event(Shutdown{}), Event(Reconfigured{}), Event(OperatorResign{}),
        Event(OperatorTakeover{})}) {
    TestMachine m;
    EXPECT_TRUE(Nothing(m.Do(event)));
    EXPECT_EQ(m.machine.state, State::kInitialize);
    EXPECT_EQ(m.machine.deadline, kNever);
    EXPECT_FALSE(m.machine.knows_master());
  }
}

TEST(MachineInitializeTest, ASecondStartupDoesNothing) {
  TestMachine m = Backup();
  m.now += 1s;
  EXPECT_TRUE(Nothing(m.Do(Startup{})));
  EXPECT_EQ(m.machine.deadline, kStart + kDown);
  m = Master();
  const Instant deadline = m.machine.deadline;
  EXPECT_TRUE(Nothing(m.Do(Startup{})));
  EXPECT_EQ(m.machine.deadline, deadline);
}

TEST(MachineInitializeTest, ARestartForgetsTheLifeBefore) {
  TestMachine m = Backup();
  m.Hear(0);
  m.Hear(50);
  m.Do(Shutdown{});
  m.now += 10s;
  m.Do(Startup{});
  EXPECT_EQ(m.machine.deadline, m.now + kDown);
  EXPECT_FALSE(m.machine.lower_heard || m.machine.release_heard || m.machine.hold_backup);
  EXPECT_FALSE(m.machine.knows_master());
}

TEST(MachineWordsTest, EveryStateAndReasonHasAName) {
  EXPECT_EQ(ToString(State::kInitialize), "Initialize");
  EXPECT_EQ(ToString(State::kMaster), "Master");
  EXPECT_EQ(ToString(Reason::kNone), "none");
  EXPECT_EQ(ToString(Reason::kMasterResigned), "master-resigned");
  EXPECT_EQ(ToString(Reason::kHigherAddress), "higher-address");
  EXPECT_EQ(ToString(Reason::kPortDown), "port-down");
}

}  // namespace
}  // namespace dpvrrp
