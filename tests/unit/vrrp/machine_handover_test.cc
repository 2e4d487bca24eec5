// SPDX-License-Identifier: BSD-3-Clause
//
// A restart without a change of master (docs/decisions/0026).
#include <gtest/gtest.h>

#include "unit/vrrp/machine_testing.h"

namespace dpvrrp {
namespace {

TEST(MachineHandoverTest, AMasterThatHandsOverAdvertisesItsPriorityOnceMore) {
  TestMachine m = Master();
  const Actions actions = m.Do(Shutdown{Reason::kHandover});
  EXPECT_TRUE(Sends(actions, 100));
  EXPECT_TRUE(Goes(actions, State::kMaster, State::kInitialize));
  EXPECT_EQ(m.machine.reason, Reason::kHandover);
  EXPECT_EQ(m.machine.deadline, kNever);
}

TEST(MachineHandoverTest, ABackupThatHandsOverIsSilent) {
  TestMachine m = Backup();
  const Actions actions = m.Do(Shutdown{Reason::kHandover});
  EXPECT_FALSE(actions.send_advert.has_value());
  EXPECT_TRUE(Goes(actions, State::kBackup, State::kInitialize));
}

TEST(MachineHandoverTest, TheNextRunIsMasterAtOnceWithoutAStartupDelay) {
  TestMachine m{.config = {.startup_delay = 10s, .source = kOwnAddress}};
  const Actions actions = m.Do(Startup{true});
  EXPECT_TRUE(Sends(actions, 100));
  EXPECT_TRUE(Goes(actions, State::kInitialize, State::kMaster));
  EXPECT_EQ(m.machine.reason, Reason::kHandover);
  EXPECT_EQ(m.machine.deadline, m.now + 1s);
}

TEST(MachineHandoverTest, ThatIsTrueForAGroupAndAfterAFault) {
  TestMachine m;
  m.machine.in_group = true;
  EXPECT_TRUE(Goes(m.Do(Startup{true}), State::kInitialize, State::kMaster));
  TestMachine held = Backup();
  held.Do(Held{Hold::kTrack});
  EXPECT_TRUE(Goes(held.Do(Released{true}), State::kFault, State::kMaster));
}

}  // namespace
}  // namespace dpvrrp
