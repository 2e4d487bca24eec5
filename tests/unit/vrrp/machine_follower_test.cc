// SPDX-License-Identifier: BSD-3-Clause
//
// A follower (docs/decisions/0027).
#include <gtest/gtest.h>

#include "unit/vrrp/machine_testing.h"

namespace dpvrrp {
namespace {

TestMachine Follower(MachineConfig config = {.source = kOwnAddress}) {
  TestMachine m{.config = config};
  m.machine.follows = true;
  EXPECT_TRUE(Goes(m.Do(Startup{}), State::kInitialize, State::kBackup));
  return m;
}

TEST(MachineFollowerTest, StartsAsBackupWithoutATimer) {
  EXPECT_EQ(Follower().machine.deadline, kNever);
  EXPECT_EQ(Follower({.startup_delay = 10s, .source = kOwnAddress}).machine.deadline, kNever);
  EXPECT_EQ(Follower({.priority = kPriorityOwner, .source = kOwnAddress}).machine.deadline, kNever);
}

TEST(MachineFollowerTest, MovesWithoutAnAdvert) {
  TestMachine m = Follower();
  Actions actions = m.Do(JoinMaster{});
  EXPECT_TRUE(Goes(actions, State::kBackup, State::kMaster));
  EXPECT_FALSE(actions.send_advert.has_value());
  EXPECT_EQ(m.machine.deadline, kNever);
  actions = m.Do(LeaveMaster{});
  EXPECT_TRUE(Goes(actions, State::kMaster, State::kBackup));
  EXPECT_FALSE(actions.send_advert.has_value());
  EXPECT_EQ(m.machine.deadline, kNever);
}

TEST(MachineFollowerTest, EndsWithoutAnAdvert) {
  for (const Event& end : {Event(Shutdown{}), Event(Shutdown{Reason::kHandover}), Event(Held{Hold::kTrack}),
                           Event(GiveWay{}), Event(OperatorResign{})}) {
    TestMachine m = Follower();
    m.Do(JoinMaster{});
    const Actions actions = m.Do(end);
    EXPECT_TRUE(actions.state_change.has_value());
    EXPECT_FALSE(actions.send_advert.has_value());
    EXPECT_EQ(m.machine.deadline, kNever);
  }
}

TEST(MachineFollowerTest, ANewConfigurationStartsNoTimer) {
  TestMachine m = Follower();
  EXPECT_TRUE(Nothing(m.SetPriority(200)));
  EXPECT_EQ(m.machine.deadline, kNever);
  m.Do(JoinMaster{});
  EXPECT_TRUE(Nothing(m.Reconfigure([](MachineConfig& c) { c.advertisement_interval = 10s; }, true)));
  EXPECT_EQ(m.machine.deadline, kNever);
}

TEST(MachineFollowerTest, HearsNoAdvert) {
  TestMachine m = Follower();
  EXPECT_TRUE(Nothing(m.Hear(200)));
  EXPECT_FALSE(m.machine.knows_master());
  m.Do(JoinMaster{});
  EXPECT_TRUE(Nothing(m.Hear(200)));
  EXPECT_TRUE(Nothing(m.Hear(0)));
  EXPECT_EQ(m.machine.state, State::kMaster);
}

}  // namespace
}  // namespace dpvrrp
