// SPDX-License-Identifier: BSD-3-Clause
//
// The additions of RFC 9568 6.4 to the machine: a learned interval, an answer to a lower priority.
#include <gtest/gtest.h>

#include "unit/vrrp/machine_testing.h"

namespace dpvrrp {
namespace {

MachineConfig V3() { return {.version = VrrpVersion::kV3, .answer_lower = true, .source = kOwnAddress}; }
Actions Hear(TestMachine& m, int priority, Nanoseconds interval, IpAddress source = kLowerAddress) {
  return m.Do(AdvertReceived{Priority(static_cast<uint8_t>(priority)), source, interval});
}

// Conformance V3-43, V3-44: whatever the priority was and becomes, the timer keeps its start and takes the new length.
TEST(MachineV3Test, AnyPriorityMayBecomeAnyOther) {
  for (int from = 1; from <= 254; ++from) {
    for (int to = 1; to <= 254; ++to) {
      TestMachine m = Backup(V3());
      m.config.priority = Priority(static_cast<uint8_t>(from));
      Hear(m, 254, 50ms);
      const Instant heard = m.now;
      m.now = heard + 1ms;
      m.SetPriority(to);
      ASSERT_EQ(m.machine.deadline, heard + 150ms + Nanoseconds(50ms) * (256 - to) / 256) << from << " to " << to;
    }
  }
}

// Conformance V3-44: but never into the past.
TEST(MachineV3Test, ALengthThatIsOverMeansNow) {
  TestMachine m = Backup(V3());
  m.config.priority = Priority(1);
  Hear(m, 150, 1s);
  m.now = kStart + 3500ms;
  m.SetPriority(254);
  EXPECT_EQ(m.machine.deadline, m.now);
}

// Conformance V3-67: of the interval that was learned; V3-68: not of the goodbye's.
TEST(MachineV3Test, SkewTimeIsOfTheLearnedInterval) {
  TestMachine m = Backup(V3());
  Hear(m, 150, 40'950ms);
  m.now += 5s;
  Hear(m, 0, 1s);
  EXPECT_EQ(m.machine.deadline, m.now + Nanoseconds(40950ms) * 156 / 256);
}

// Conformance V3-93: the answers are no more than the regular adverts, however many lower priorities are heard.
TEST(MachineV3Test, LowerPrioritiesAreAnsweredOnceAnInterval) {
  TestMachine m = Master(V3());
  int sent = 0;
  const Instant end = m.now + 10s;
  while (m.now < end) {
    if (m.now >= m.machine.deadline) sent += Sends(m.Do(TimerExpired{}), 100) ? 1 : 0;
    sent += Sends(Hear(m, 50, 10ms), 100) ? 1 : 0;
    m.now += 1ms;
  }
  EXPECT_EQ(sent, 10 + 9);  // the first answer, then a regular advert and an answer a second
}

// Conformance V3-89
TEST(MachineV3Test, PriorityZeroIsAnsweredEveryTime) {
  TestMachine m = Master(V3());
  for (int i = 0; i < 3; ++i) {
    m.now += 100ms;
    EXPECT_TRUE(Sends(Hear(m, 0, 1s), 100));
    EXPECT_EQ(m.machine.deadline, m.now + 1s);
  }
}

// A preempt delay does not hold up what takes over for another reason.
TEST(MachineV3Test, APreemptDelayEndsWithTheLowerMaster) {
  MachineConfig config = V3();
  config.preempt_delay = 60s;
  TestMachine m = Backup(config);
  Hear(m, 50, 100ms);
  EXPECT_EQ(m.machine.deadline, m.now + 300ms + Nanoseconds(100ms) * 156 / 256);
  m.now += 100ms;
  Hear(m, 0, 100ms);
  EXPECT_EQ(m.machine.deadline, m.now + Nanoseconds(100ms) * 156 / 256);
  EXPECT_TRUE(Goes(m.At(m.machine.deadline, TimerExpired{}), State::kBackup, State::kMaster));
  EXPECT_EQ(m.machine.reason, Reason::kMasterResigned);
}

// And a changed priority does not cut it short.
TEST(MachineV3Test, APreemptDelaySurvivesAPriorityChange) {
  MachineConfig config = V3();
  config.preempt_delay = 60s;
  TestMachine m = Backup(config);
  Hear(m, 50, 1s);
  const Instant preempt_at = m.machine.preempt_at;
  EXPECT_EQ(preempt_at, m.now + 60s);
  for (int i = 0; i < 60; ++i) {
    m.now += 990ms;
    m.SetPriority(100 + i);
    Hear(m, 50, 1s);
    ASSERT_EQ(m.machine.state, State::kBackup);
    ASSERT_GT(m.machine.deadline, m.now);
  }
  EXPECT_EQ(m.machine.deadline, preempt_at);
}

}  // namespace
}  // namespace dpvrrp
