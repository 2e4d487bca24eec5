// SPDX-License-Identifier: BSD-3-Clause
//
// A reload changes the configuration of a running machine: no state changes, and no timer starts afresh.
#include "vrrp/machine_testing.h"

namespace dpvrrp {
namespace {

MachineConfig V3Every(Nanoseconds interval) {
  return {.advertisement_interval = interval, .version = VrrpVersion::kV3, .source = kOwnAddress};
}
void HearInterval(TestMachine& m, int priority, Nanoseconds interval) {
  m.Do(AdvertReceived{Priority(static_cast<uint8_t>(priority)), kLowerAddress, interval});
}

TEST(MachineReconfiguredTest, AMasterWithAnotherAddressListAdvertisesItAtOnce) {
  TestMachine m = Master();
  m.now += 400ms;
  const Actions actions = m.Reconfigure([](MachineConfig&) {}, true);
  EXPECT_TRUE(Sends(actions, 100));
  EXPECT_FALSE(actions.state_change.has_value());
  EXPECT_EQ(m.machine.deadline, m.now + 1s);
}

TEST(MachineReconfiguredTest, ABackupAdvertisesNothing) {
  TestMachine m = Backup();
  EXPECT_TRUE(Nothing(m.Reconfigure([](MachineConfig&) {}, true)));
  TestMachine initialize;
  EXPECT_TRUE(Nothing(initialize.Reconfigure([](MachineConfig&) {}, true)));
}

TEST(MachineReconfiguredTest, AShorterIntervalOfAMasterStartsAtOnce) {
  TestMachine m = Master(V3Every(10s));
  m.now += 1s;
  EXPECT_TRUE(Nothing(m.Reconfigure([](MachineConfig& c) { c.advertisement_interval = 100ms; })));
  EXPECT_EQ(m.machine.deadline, m.now + 100ms);
}

// Backups expect the next advert within the known interval.
TEST(MachineReconfiguredTest, ALongerIntervalOfAMasterStartsWithTheAdvertThatAnnouncesIt) {
  TestMachine m = Master(V3Every(100ms));
  const Instant deadline = m.machine.deadline;
  m.now += 50ms;
  m.Reconfigure([](MachineConfig& c) { c.advertisement_interval = 10s; });
  EXPECT_EQ(m.machine.deadline, deadline);
  EXPECT_TRUE(Sends(m.At(deadline, TimerExpired{}), 100));
  EXPECT_EQ(m.machine.deadline, deadline + 10s);
}

TEST(MachineReconfiguredTest, ABackupGoesOnWithTheIntervalItLearned) {
  TestMachine m = Backup(V3Every(1s));
  HearInterval(m, 200, 50ms);
  const Instant deadline = m.machine.deadline;
  m.Reconfigure([](MachineConfig& c) { c.advertisement_interval = 10s; });
  EXPECT_EQ(m.machine.deadline, deadline);
}

TEST(MachineReconfiguredTest, ACapOnLearnedIntervalsHoldsForTheOneLearnedAlready) {
  TestMachine m = Backup(V3Every(1s));
  HearInterval(m, 200, 40s);
  m.Reconfigure([](MachineConfig& c) { c.longest_learned = 2s; });
  EXPECT_EQ(MasterInterval(m.config, m.machine), 2s);
  EXPECT_EQ(m.machine.deadline, kStart + MasterDownInterval(m.config, m.machine));
}

TEST(MachineReconfiguredTest, MoreLostAdvertsLengthenTheRunningTimer) {
  TestMachine m = Backup();
  m.now += 1s;
  m.Reconfigure([](MachineConfig& c) { c.down_adverts = 5; });
  EXPECT_EQ(m.machine.deadline, kStart + kDown + 2s);
}

TEST(MachineReconfiguredTest, WithoutPreemptTheLowerPriorityHeardLastIsTheMaster) {
  TestMachine m = Backup();
  m.now += 3s;
  m.Hear(50);  // discarded: the timer keeps running
  EXPECT_EQ(m.machine.deadline, kStart + kDown);
  m.Reconfigure([](MachineConfig& c) { c.preempt = false; });
  EXPECT_EQ(m.machine.deadline, kStart + 3s + kDown);
}

TEST(MachineReconfiguredTest, WithPreemptTheNextLowerPriorityIsDiscarded) {
  MachineConfig config{.source = kOwnAddress};
  config.preempt = false;
  TestMachine m = Backup(config);
  m.now += 1s;
  m.Hear(50);
  const Instant deadline = m.machine.deadline;
  EXPECT_EQ(deadline, kStart + 1s + kDown);
  m.Reconfigure([](MachineConfig& c) { c.preempt = true; });
  m.now += 1s;
  m.Hear(50);
  EXPECT_EQ(m.machine.deadline, deadline);
}

// A delay that is set while a lower priority is heard is waited out from the next of its adverts.
TEST(MachineReconfiguredTest, ANewPreemptDelayIsWaitedOutWhole) {
  TestMachine m = Backup();
  m.now += 3s;
  m.Hear(50);
  m.Reconfigure([](MachineConfig& c) { c.preempt_delay = 60s; });
  EXPECT_EQ(m.machine.deadline, kStart + kDown);
  m.now += 500ms;
  m.Hear(50);
  EXPECT_EQ(m.machine.preempt_at, m.now + 60s);
  EXPECT_EQ(m.machine.deadline, m.now + kDown);
}

TEST(MachineReconfiguredTest, AHoldAfterResignEndsWithAnotherPriorityOnly) {
  TestMachine m = Master();
  m.Do(OperatorResign{});
  m.Reconfigure([](MachineConfig& c) { c.preempt_delay = 1s; });
  EXPECT_TRUE(m.machine.hold_backup);
  m.SetPriority(110);
  EXPECT_FALSE(m.machine.hold_backup);
}

}  // namespace
}  // namespace dpvrrp
