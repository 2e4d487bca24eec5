// SPDX-License-Identifier: BSD-3-Clause
//
// The machine in its shard: transitions as reported to control, and timers when they are due.
#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::IsEmpty;

const auto kOurs = IsAdvert(Vrid(51), Priority(100));

TEST(TransitionTest, ABackupMastersAfterMasterDownInterval) {
  TestShard t;
  VirtualRouter& router = t.Add(BackupConfig());
  const std::vector<Sent> sent = t.RunFor(6s);
  EXPECT_THAT(sent, ElementsAre(AllOf(kOurs, SentAt(3609375us)), AllOf(kOurs, SentAt(4609375us)),
                                AllOf(kOurs, SentAt(5609375us))));
  EXPECT_EQ(router.counters.became_master.value(), 1u);
  EXPECT_EQ(router.counters.adverts_sent.value(), 3u);
  EXPECT_EQ(t.shard->counters().adverts_sent.value(), 3u);
  const std::vector<ShardEvent> events = t.Events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_TRUE(Is<event::Transition>(events[0]));
}

TEST(TransitionTest, ControlGetsStateReasonTimeAndPeer) {
  TestShard t;
  t.Add(BackupConfig());
  std::vector<event::Transition> events = Only<event::Transition>(t.Events());
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].from, State::kInitialize);
  EXPECT_EQ(events[0].to, State::kBackup);
  EXPECT_EQ(events[0].reason, Reason::kStartup);
  t.now += 1s;
  t.Receive(AdvertFrame{.priority = 0}.Build());
  t.RunFor(1s);
  events = Only<event::Transition>(t.Events());
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].instance, InstanceId(1));
  EXPECT_EQ(events[0].from, State::kBackup);
  EXPECT_EQ(events[0].to, State::kMaster);
  EXPECT_EQ(events[0].reason, Reason::kMasterResigned);
  EXPECT_EQ(events[0].peer, Ip("10.99.0.1"));
  EXPECT_GE(events[0].at, kTestStart + 1609375us);
  EXPECT_LE(events[0].at, kTestStart + 1609375us + kTimerTick);
}

// Control needs the current state, not every step between two polls.
TEST(TransitionTest, SeveralTransitionsBetweenTwoPollsBecomeOne) {
  TestShard t;
  VirtualRouter& router = t.Add(BackupConfig());
  t.Apply(command::Takeover{&router});
  t.Apply(command::Resign{&router});
  t.Apply(command::Takeover{&router});
  const std::vector<event::Transition> events = Only<event::Transition>(t.Events());
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].from, State::kInitialize);
  EXPECT_EQ(events[0].to, State::kMaster);
  EXPECT_EQ(router.counters.became_master.value(), 2u);
}

TEST(TransitionTest, AnAdvertOfALostMastershipIsNotSent) {
  TestShard t;
  VirtualRouter& router = t.Add(BackupConfig());
  t.Apply(command::Takeover{&router});  // an advert is due
  t.Receive(AdvertFrame{.priority = 200}.Build());
  EXPECT_EQ(router.machine.state, State::kBackup);
  EXPECT_THAT(t.Transmit(), IsEmpty());
}

TEST(TransitionTest, AGoodbyeIsSentAfterTheChangeToBackup) {
  TestShard t;
  VirtualRouter& router = t.Add(BackupConfig());
  t.Apply(command::Takeover{&router});
  t.Transmit();
  t.Apply(command::Resign{&router});
  t.Receive(AdvertFrame{.priority = 200}.Build());
  EXPECT_THAT(t.Transmit(), ElementsAre(IsAdvert(Vrid(51), kPriorityRelease)));
  EXPECT_EQ(router.counters.priority_zero_sent.value(), 1u);
}

TEST(TransitionTest, ManyAdvertsDoNotMoveTheWheelAndTheDeadlineIsKept) {
  TestShard t;
  VirtualRouter& router = t.Add(BackupConfig());
  const Instant armed = router.timer.at;
  for (int i = 0; i < 30; ++i) {
    t.RunFor(100ms);
    t.Receive(AdvertFrame{}.Build());
  }
  EXPECT_EQ(router.timer.at, armed);
  EXPECT_THAT(t.RunFor(5s), testing::Contains(SentAt(3000ms + 3609375us)));
}

TEST(TransitionTest, AResignationShortensTheTimer) {
  TestShard t;
  t.Add(BackupConfig());
  t.RunFor(1s);
  t.Receive(AdvertFrame{.priority = 0}.Build());
  EXPECT_THAT(t.RunFor(1s), ElementsAre(AllOf(kOurs, SentAt(1609375us))));
}

// Conformance V3-44, through the command.
TEST(TransitionTest, ANewPriorityMovesTheRunningTimer) {
  TestShard t;
  VirtualRouter& router = t.Add(BackupConfig());
  t.RunFor(1s);
  t.SetPriority(router, Priority(200));
  EXPECT_THAT(t.RunFor(3s), ElementsAre(AllOf(IsAdvert(Vrid(51), Priority(200)), SentAt(3218750us))));
}

// Conformance V3-88: a thousand adverts later the rhythm is that of the first.
TEST(TransitionTest, AMasterDoesNotDrift) {
  TestShard t;
  t.Add(BackupConfig());
  const std::vector<Sent> sent = t.RunFor(1000s);
  ASSERT_EQ(sent.size(), 997u);
  for (size_t i = 0; i < sent.size(); ++i)
    ASSERT_THAT(sent[i], SentAt(3609375us + i * 1s));  // no drift since the first
}

TEST(TransitionTest, APauseOfTheLoopIsFollowedByOneAdvertNotMany) {
  TestShard t;
  t.Add(BackupConfig());
  t.RunFor(5s);
  t.now += 60s;
  EXPECT_EQ(t.Transmit().size(), 1u);
  EXPECT_THAT(t.RunFor(490ms), IsEmpty());
}

TEST(TransitionTest, TheOwnerStartsAsMaster) {
  TestShard t;
  VirtualRouterConfig config = BackupConfig();
  config.machine.priority = kPriorityOwner;
  t.Add(std::move(config));
  EXPECT_THAT(t.RunFor(0s), ElementsAre(AllOf(IsAdvert(Vrid(51), kPriorityOwner), SentAt(0s))));
}

}  // namespace
}  // namespace dpvrrp
