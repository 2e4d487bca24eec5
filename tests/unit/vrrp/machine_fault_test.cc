// SPDX-License-Identifier: BSD-3-Clause
//
// State Fault: control holds the router for a cause that the protocol does not know.
#include <gtest/gtest.h>

#include "unit/vrrp/machine_testing.h"

namespace dpvrrp {
namespace {

TEST(MachineFaultTest, AHeldMasterResigns) {
  TestMachine m = Master();
  const Actions actions = m.Do(Held{Hold::kTrack});
  EXPECT_TRUE(Sends(actions, 0));
  EXPECT_TRUE(Goes(actions, State::kMaster, State::kFault));
  EXPECT_EQ(m.machine.reason, Reason::kTrackFault);
  EXPECT_EQ(m.machine.deadline, kNever);
}

TEST(MachineFaultTest, AHeldBackupSendsNothing) {
  TestMachine m = Backup();
  const Actions actions = m.Do(Held{Hold::kGroup});
  EXPECT_FALSE(actions.send_advert.has_value());
  EXPECT_TRUE(Goes(actions, State::kBackup, State::kFault));
  EXPECT_EQ(m.machine.reason, Reason::kGroupFault);
}

TEST(MachineFaultTest, AStartUpDelayEndsInFault) {
  TestMachine m{.config = {.startup_delay = 10s, .source = kOwnAddress}};
  m.Do(Startup{});
  EXPECT_TRUE(Goes(m.Do(Held{Hold::kTrack}), State::kInitialize, State::kFault));
  EXPECT_TRUE(Nothing(m.At(kStart + 20s, TimerExpired{})));
}

TEST(MachineFaultTest, IgnoresAdvertsAndOrders) {
  TestMachine m = Master();
  m.Do(Held{Hold::kTrack});
  EXPECT_TRUE(Nothing(m.Hear(50)));
  EXPECT_TRUE(Nothing(m.Hear(0)));
  EXPECT_TRUE(Nothing(m.Do(OperatorTakeover{})));
  EXPECT_TRUE(Nothing(m.Do(OperatorResign{})));
  EXPECT_TRUE(Nothing(m.Do(Startup{})));
  EXPECT_TRUE(Nothing(m.Do(Held{Hold::kNoAddress})));
  EXPECT_EQ(m.machine.reason, Reason::kTrackFault);
}

TEST(MachineFaultTest, ReleasedItIsABackupAtOnce) {
  TestMachine m = Master();
  m.config.startup_delay = 10s;
  m.Do(Held{Hold::kTrack});
  m.now += 5s;
  const Actions actions = m.Do(Released{});
  EXPECT_TRUE(Goes(actions, State::kFault, State::kBackup));
  EXPECT_EQ(m.machine.reason, Reason::kFaultEnded);
  EXPECT_EQ(m.machine.deadline, m.now + kDown);
}

TEST(MachineFaultTest, AnOwnerIsMasterAgainAtOnce) {
  TestMachine m{.config = {.priority = kPriorityOwner, .source = kOwnAddress}};
  m.Do(Startup{});
  EXPECT_TRUE(Sends(m.Do(Held{Hold::kTrack}), 0));
  const Actions actions = m.Do(Released{});
  EXPECT_TRUE(Goes(actions, State::kFault, State::kMaster));
  EXPECT_TRUE(Sends(actions, 255));
}

TEST(MachineFaultTest, AShutdownInFaultIsSilent) {
  TestMachine m = Master();
  m.Do(Held{Hold::kTrack});
  const Actions actions = m.Do(Shutdown{});
  EXPECT_FALSE(actions.send_advert.has_value());
  EXPECT_TRUE(Goes(actions, State::kFault, State::kInitialize));
  EXPECT_TRUE(Nothing(m.Do(Released{}))) << "only Startup leaves Initialize";
}

TEST(HoldsTest, TheFirstIsTheReason) {
  Holds holds = Hold::kUnknown;
  EXPECT_FALSE(holds.AreFault());
  holds.Add(Hold::kGroup);
  holds.Add(Hold::kTrack);
  EXPECT_TRUE(holds.AreFault());
  EXPECT_EQ(holds.first(), Hold::kTrack);
  holds.Remove(Hold::kTrack);
  EXPECT_EQ(holds.first(), Hold::kGroup);
  holds.Remove(Hold::kGroup);
  holds.Remove(Hold::kUnknown);
  EXPECT_TRUE(holds.empty());
}

}  // namespace
}  // namespace dpvrrp
