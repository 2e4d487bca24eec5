// SPDX-License-Identifier: BSD-3-Clause
//
// Adding, removing, and queries. ~TestShard checks that every removed router is returned.
#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const auto kTransition = testing::VariantWith<event::Transition>(testing::_);
const auto kRetired = testing::VariantWith<event::Retired>(testing::_);

class LifecycleTest : public testing::Test {
 protected:
  VirtualRouter& AddMaster(VirtualRouterConfig config) {
    VirtualRouter& router = t_.Add(std::move(config));
    t_.Apply(command::Takeover{&router});
    EXPECT_THAT(t_.Transmit(), SizeIs(1));
    t_.Events();
    return router;
  }
  void Remove(VirtualRouter& router) { t_.Apply(command::Remove{&router}); }

  SequenceRecord record_;
  TestShard t_;
};

TEST_F(LifecycleTest, ARemovedBackupIsReturnedAtOnceWithoutAnAdvert) {
  VirtualRouter& router = t_.Add(BackupConfig());
  t_.Events();
  Remove(router);
  EXPECT_THAT(t_.Events(), ElementsAre(kTransition, kRetired));
  EXPECT_THAT(t_.RunFor(10s), IsEmpty());
  EXPECT_EQ(t_.shard->NextDeadline(), kNever);
}

// The process ends while its control thread does not answer.
TEST_F(LifecycleTest, AllMastersResignAtOnceAndNoBackupSends) {
  AddMaster(AhConfig(record_));
  VirtualRouterConfig other = BackupConfig();
  other.vlan = VlanStack{30, 0};
  other.vrid = Vrid(52);
  t_.Add(std::move(other));
  t_.shard->ResignAll(t_.now);
  EXPECT_THAT(t_.Transmit(), ElementsAre(IsAhAdvert(Vrid(51), kPriorityRelease, 2)));
  EXPECT_THAT(t_.RunFor(10s), IsEmpty());
  EXPECT_EQ(t_.shard->NextDeadline(), kNever);
}

TEST_F(LifecycleTest, ARemovedMasterIsReturnedAfterItsGoodbye) {
  Remove(AddMaster(AhConfig(record_)));
  EXPECT_THAT(t_.Events(), ElementsAre(kTransition));
  EXPECT_THAT(t_.Transmit(0), IsEmpty());
  EXPECT_THAT(t_.Events(), IsEmpty());
  EXPECT_THAT(t_.Transmit(), ElementsAre(IsAhAdvert(Vrid(51), kPriorityRelease, 2)));
  EXPECT_THAT(t_.Events(), ElementsAre(kRetired));
}

// docs/decisions/0026.
TEST_F(LifecycleTest, AMasterThatHandsOverIsReturnedAfterItsLastAdvert) {
  VirtualRouter& router = AddMaster(AhConfig(record_));
  t_.now += 300ms;
  t_.Apply(command::Remove{&router, true});
  EXPECT_THAT(t_.Transmit(), ElementsAre(IsAhAdvert(Vrid(51), Priority(100), 2)));
  EXPECT_THAT(t_.Events(), ElementsAre(kTransition, kRetired));
  EXPECT_THAT(t_.RunFor(10s), IsEmpty());
}

TEST_F(LifecycleTest, ARouterThatWasHandedOverIsMasterAtOnceButOnlyInTime) {
  for (const bool in_time : {true, false}) {
    TestShard shard;
    shard.routers.push_back(std::make_unique<VirtualRouter>(BackupConfig()));
    VirtualRouter& router = *shard.routers.back();
    router.resume_until = shard.now + (in_time ? 1ns : 0ns);
    shard.Apply(command::Add{&router});
    EXPECT_EQ(shard.Transmit().size(), in_time ? 1u : 0u);
    EXPECT_EQ(router.machine.state, in_time ? State::kMaster : State::kBackup);
  }
}

// A link that is lost later makes it a backup, although its time is not over.
TEST_F(LifecycleTest, ARouterIsResumedOnce) {
  t_.routers.push_back(std::make_unique<VirtualRouter>(BackupConfig()));
  VirtualRouter& router = *t_.routers.back();
  router.resume_until = t_.now + 60s;
  t_.Apply(command::Add{&router});
  EXPECT_EQ(router.machine.state, State::kMaster);
  t_.Apply(command::PortDown{router.config.port});
  t_.Apply(command::PortUp{router.config.port});
  EXPECT_EQ(router.machine.state, State::kBackup);
}

// The port of the new run has no link yet.
TEST_F(LifecycleTest, ARouterThatWasHandedOverWaitsForTheLink) {
  t_.Apply(command::PortDown{BackupConfig().port});
  t_.routers.push_back(std::make_unique<VirtualRouter>(BackupConfig()));
  VirtualRouter& router = *t_.routers.back();
  router.resume_until = t_.now + 1s;
  t_.Apply(command::Add{&router});
  EXPECT_EQ(router.machine.state, State::kInitialize);
  t_.now += 900ms;
  t_.Apply(command::PortUp{router.config.port});
  EXPECT_EQ(router.machine.state, State::kMaster);
}

TEST_F(LifecycleTest, RemovalWithAnnouncementsWaitingSendsOnlyTheGoodbye) {
  VirtualRouter& router = AddMaster(BackupConfig());
  t_.Announce(router, 0, 1);
  Remove(router);
  EXPECT_THAT(t_.Transmit(), ElementsAre(IsAdvert(Vrid(51), kPriorityRelease)));
  EXPECT_THAT(t_.Events(), ElementsAre(kTransition, kRetired));
}

TEST_F(LifecycleTest, RemovalWithAnnouncementsWaitingBehindAFullBurst) {
  VirtualRouter& router = AddMaster(BackupConfig());
  t_.Announce(router, 0, 1);
  Remove(router);
  EXPECT_THAT(t_.Transmit(1), SizeIs(1));
  t_.Transmit();
  EXPECT_THAT(t_.Events(), ElementsAre(kTransition, kRetired));
}

// The advert in the queue was withdrawn when mastership was lost; its place in the queue must not hold the router.
TEST_F(LifecycleTest, RemovalWithAWithdrawnAdvertInTheQueue) {
  VirtualRouter& router = t_.Add(BackupConfig());
  t_.Apply(command::Takeover{&router});
  t_.Receive(AdvertFrame{.priority = 200}.Build());
  Remove(router);
  EXPECT_THAT(t_.Transmit(), IsEmpty());
  EXPECT_THAT(t_.Events(), ElementsAre(kTransition, kRetired));
}

// Conformance AH-25: there is no number left for the goodbye.
TEST_F(LifecycleTest, RemovalWithoutASequenceNumberLeft) {
  record_.sent = 0xfffffffe;
  VirtualRouter& router = AddMaster(AhConfig(record_));
  Remove(router);
  EXPECT_THAT(t_.Transmit(), IsEmpty());
  EXPECT_EQ(router.counters.sequence_exhausted.value(), 1u);
  EXPECT_THAT(t_.Events(), ElementsAre(kTransition, kRetired));
}

TEST_F(LifecycleTest, RemovalWhileThePortIsDown) {
  VirtualRouter& router = AddMaster(BackupConfig());
  t_.Apply(command::PortDown{PortId(0)});
  Remove(router);
  EXPECT_THAT(t_.Events(), ElementsAre(kTransition, kRetired));
}

TEST_F(LifecycleTest, ASuccessorMayBeAddedBeforeThePredecessorIsReturned) {
  VirtualRouter& old = AddMaster(BackupConfig());
  Remove(old);
  VirtualRouter& fresh = t_.Add(BackupConfig());
  EXPECT_THAT(t_.Transmit(), ElementsAre(IsAdvert(Vrid(51), kPriorityRelease)));
  EXPECT_EQ(t_.Receive(AdvertFrame{}.Build()), DropReason::kNone);
  EXPECT_EQ(fresh.counters.adverts_received.value(), 1u);
  t_.Events();
  EXPECT_EQ(t_.routers.size(), 1u);
}

TEST_F(LifecycleTest, AFailedPortStopsItsRoutersWithoutAnAdvertAndStartsThemAgain) {
  VirtualRouter& router = AddMaster(BackupConfig());
  VirtualRouterConfig config = BackupConfig();
  config.port = PortId(1);
  VirtualRouter& elsewhere = AddMaster(std::move(config));
  t_.Apply(command::PortDown{PortId(0)});
  EXPECT_EQ(router.machine.state, State::kInitialize);
  EXPECT_EQ(router.machine.reason, Reason::kPortDown);
  EXPECT_EQ(elsewhere.machine.state, State::kMaster);
  for (const Sent& sent : t_.RunFor(10s)) EXPECT_EQ(sent.port, PortId(1));
  t_.Apply(command::PortUp{PortId(0)});
  EXPECT_EQ(router.machine.state, State::kBackup);
  EXPECT_EQ(router.machine.deadline, t_.now + 3609375us);
}

TEST_F(LifecycleTest, NothingWaitingIsSentToAFailedPort) {
  VirtualRouter& router = AddMaster(BackupConfig());
  t_.Announce(router, 0, 1);
  t_.Apply(command::Resign{&router});  // a goodbye is due
  t_.Apply(command::PortDown{PortId(0)});
  EXPECT_THAT(t_.Transmit(), IsEmpty());
}

TEST_F(LifecycleTest, ARouterAddedToAFailedPortStartsWithThePort) {
  t_.Apply(command::PortDown{PortId(0)});
  VirtualRouter& router = t_.Add(BackupConfig());
  EXPECT_EQ(router.machine.state, State::kInitialize);
  EXPECT_THAT(t_.RunFor(10s), IsEmpty());
  t_.Apply(command::PortUp{PortId(0)});
  EXPECT_EQ(router.machine.state, State::kBackup);
}

TEST_F(LifecycleTest, AQueryIsAnsweredWithTheCurrentState) {
  VirtualRouter& master = AddMaster(AhConfig(record_));
  VirtualRouterConfig config = BackupConfig();
  config.id = InstanceId(2);
  config.vrid = Vrid(52);
  VirtualRouter& backup = t_.Add(std::move(config));
  AdvertFrame frame{.key = KeepalivedKey("s3cr3t"), .sequence = 40, .priority = 50};
  t_.now += 100ms;
  ASSERT_EQ(t_.Receive(frame.Build()), DropReason::kNone);
  t_.Events();

  InstanceQuery query({&backup, &master});
  t_.Apply(command::Query{&query});
  const std::vector<ShardEvent> events = t_.Events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(std::get<event::Answered>(events[0]).query, &query);
  EXPECT_EQ(query.at, t_.now);
  EXPECT_EQ(query.found[0].id, InstanceId(2));
  EXPECT_EQ(query.found[0].machine.state, State::kBackup);
  EXPECT_EQ(query.found[0].sender_count, 0u);
  const InstanceSnapshot& found = query.found[1];
  EXPECT_EQ(found.id, InstanceId(1));
  EXPECT_EQ(found.machine.state, State::kMaster);
  EXPECT_EQ(found.priority, Priority(100));
  EXPECT_EQ(found.sequence_sent, 1u);
  EXPECT_EQ(found.sequence_heard, 40u);
  ASSERT_EQ(found.sender_count, 1u);
  EXPECT_EQ(found.senders[0].address, Ip("10.99.0.1"));
  EXPECT_EQ(found.senders[0].last_seen, t_.now);
}

}  // namespace
}  // namespace dpvrrp
