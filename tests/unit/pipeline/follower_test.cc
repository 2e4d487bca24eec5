// SPDX-License-Identifier: BSD-3-Clause
//
// Followers of a leader, on its shard and on another one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/followers.h"
#include "support/test_shard.h"

namespace dpvrrp {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// The leader is on VLAN 1, followers on 2, 3, ...
class FollowerTest : public ::testing::Test {
 protected:
  VirtualRouter& AddLeader() {
    VirtualRouter& leader = AddRouter(1, false);
    t_.Apply(command::Lead{&leader, &ring_});
    return leader;
  }
  VirtualRouter& AddFollower(uint16_t vid) {
    VirtualRouter& follower = AddRouter(vid, true);
    t_.Apply(command::Follow{&follower, &ring_});
    return follower;
  }
  VirtualRouter& AddRouter(uint16_t vid, bool follows) {
    VirtualRouterConfig config = BackupConfig();
    config.vlan = {vid, 0};
    config.id = InstanceId(vid);
    config.follows = follows;
    return t_.Add(std::move(config));
  }
  DropReason Hear(uint16_t vid, uint8_t priority) {
    return t_.Receive(AdvertFrame{.vlan_tags = {vid}, .priority = priority}.Build());
  }
  size_t Masters() const {
    size_t masters = 0;
    for (const auto& router : t_.routers) masters += router->machine.state == State::kMaster ? 1 : 0;
    return masters;
  }

  FollowerRing ring_{0};
  TestShard t_;
};

TEST_F(FollowerTest, IsMasterWhileItsLeaderIs) {
  VirtualRouter& leader = AddLeader();
  VirtualRouter& follower = AddFollower(2);
  EXPECT_EQ(follower.machine.state, State::kBackup);
  t_.RunFor(3s);
  EXPECT_EQ(follower.machine.state, State::kBackup);
  t_.RunFor(1s);
  ASSERT_EQ(leader.machine.state, State::kMaster);
  EXPECT_EQ(follower.machine.state, State::kMaster);
  EXPECT_EQ(follower.machine.reason, Reason::kGroup);
  EXPECT_EQ(follower.machine.since, leader.machine.since) << "in one turn";
  Hear(1, 200);
  t_.RunFor(1ms);
  EXPECT_EQ(leader.machine.state, State::kBackup);
  EXPECT_EQ(follower.machine.state, State::kBackup);
}

TEST_F(FollowerTest, NeitherSendsNorHearsAdverts) {
  AddLeader();
  VirtualRouter& follower = AddFollower(2);
  EXPECT_THAT(t_.RunFor(10s), SizeIs(7)) << "of the leader, from 3.6 s on";
  ASSERT_EQ(follower.machine.state, State::kMaster);
  EXPECT_EQ(Hear(2, 200), DropReason::kUnknownSegment);
  t_.RunFor(1ms);
  EXPECT_EQ(follower.machine.state, State::kMaster);
  EXPECT_EQ(follower.counters.adverts_sent.value(), 0u);
  t_.Apply(command::SetPriority{&follower, Priority(10)});
  t_.Apply(command::Remove{&follower});
  EXPECT_THAT(t_.RunFor(100us), IsEmpty()) << "no goodbye";
}

TEST_F(FollowerTest, AnnouncesItsAddresses) {
  AddLeader();
  VirtualRouter& follower = AddFollower(2);
  t_.RunFor(4s);
  t_.Announce(follower, 0, 1);
  EXPECT_THAT(t_.Transmit(), SizeIs(1));
}

TEST_F(FollowerTest, JoinsInTheStateOfTheLeader) {
  AddLeader();
  t_.RunFor(4s);
  EXPECT_EQ(AddFollower(2).machine.state, State::kMaster);
}

TEST_F(FollowerTest, ABurstMovesABoundedNumber) {
  AddLeader();
  for (uint16_t vid = 2; vid <= 1001; ++vid) AddFollower(vid);
  t_.RunUntil(kTestStart + 3609ms);
  t_.now += 2ms;
  EXPECT_THAT(t_.Transmit(), SizeIs(1)) << "the leader's advert";
  EXPECT_EQ(Masters(), 1u + kMaxBurst);
  EXPECT_EQ(t_.shard->NextDeadline(), Instant::min()) << "the worker must not rest";
  t_.Transmit();
  EXPECT_EQ(Masters(), 1u + 2 * kMaxBurst);
  t_.RunFor(1ms);
  EXPECT_EQ(Masters(), 1001u);
  EXPECT_GT(t_.shard->NextDeadline(), t_.now);
}

TEST_F(FollowerTest, ALeaderThatChangesAgainMovesAllBack) {
  VirtualRouter& leader = AddLeader();
  for (uint16_t vid = 2; vid <= 1001; ++vid) AddFollower(vid);
  t_.RunUntil(kTestStart + 3609ms);
  t_.now += 2ms;
  t_.Transmit();
  ASSERT_EQ(leader.machine.state, State::kMaster);
  Hear(1, 200);
  t_.RunFor(1ms);
  EXPECT_EQ(Masters(), 0u);
  t_.Events();
  t_.Apply(command::Takeover{&leader});
  t_.RunFor(1ms);
  EXPECT_EQ(Masters(), 1001u);
}

TEST_F(FollowerTest, MayBeRemovedWhileTheOthersMove) {
  VirtualRouter& leader = AddLeader();
  std::vector<VirtualRouter*> followers;
  for (uint16_t vid = 2; vid <= 201; ++vid) followers.push_back(&AddFollower(vid));
  t_.Apply(command::Takeover{&leader});
  t_.Transmit();
  ASSERT_EQ(Masters(), 1u + kMaxBurst);
  t_.Apply(command::Remove{followers[kMaxBurst]});  // the next one
  t_.Apply(command::Remove{followers[0]});          // the first one
  t_.Apply(command::Remove{followers[followers.size() - 1]});
  t_.RunFor(1ms);
  t_.Events();
  EXPECT_EQ(Masters(), 1u + 197u);
}

TEST_F(FollowerTest, IsBackupWhenTheLeaderIsRemoved) {
  VirtualRouter& leader = AddLeader();
  VirtualRouter& follower = AddFollower(2);
  t_.RunFor(4s);
  t_.Apply(command::Remove{&leader});
  t_.RunFor(1ms);
  EXPECT_EQ(follower.machine.state, State::kBackup);
  t_.Events();
  AddLeader();
  t_.RunFor(4s);
  EXPECT_EQ(follower.machine.state, State::kMaster);
}

TEST_F(FollowerTest, ALeaderOnAnotherShardMovesItThroughControl) {
  VirtualRouter& follower = AddFollower(2);
  t_.RunFor(100s);
  EXPECT_EQ(follower.machine.state, State::kBackup);
  t_.Apply(command::MoveFollowers{&ring_, true});
  t_.RunFor(1ms);
  EXPECT_EQ(follower.machine.state, State::kMaster);
  EXPECT_EQ(AddFollower(3).machine.state, State::kMaster);
  t_.Apply(command::MoveFollowers{&ring_, false});
  t_.RunFor(1ms);
  EXPECT_EQ(Masters(), 0u);
}

TEST_F(FollowerTest, HasItsOwnFault) {
  AddLeader();
  VirtualRouter& follower = AddFollower(2);
  VirtualRouter& other = AddFollower(3);
  t_.RunFor(4s);
  t_.Apply(command::HoldDown{&follower, Hold::kTrack});
  EXPECT_EQ(follower.machine.state, State::kFault);
  EXPECT_EQ(other.machine.state, State::kMaster);
  t_.Apply(command::EndHold{&follower, Hold::kTrack});
  EXPECT_EQ(follower.machine.state, State::kMaster);
}

TEST_F(FollowerTest, ThatCannotHoldItsAddressStaysBackupUntilItCan) {
  AddLeader();
  VirtualRouter& follower = AddFollower(2);
  t_.RunFor(4s);
  t_.Apply(command::GiveWay{&follower});
  EXPECT_EQ(follower.machine.state, State::kBackup);
  t_.RunFor(10s);
  EXPECT_EQ(follower.machine.state, State::kBackup);
  t_.Apply(command::EndHold{&follower, Hold::kNoAddress});
  EXPECT_EQ(follower.machine.state, State::kMaster);
}

TEST_F(FollowerTest, IsInInitializeWhileItsPortIsDown) {
  AddLeader();
  VirtualRouter& follower = AddFollower(2);
  t_.RunFor(4s);
  t_.Apply(command::PortDown{PortId(0)});
  t_.RunFor(1ms);
  EXPECT_EQ(follower.machine.state, State::kInitialize);
  EXPECT_EQ(follower.machine.reason, Reason::kPortDown);
  t_.Apply(command::PortUp{PortId(0)});
  t_.RunFor(1ms);
  EXPECT_EQ(follower.machine.state, State::kBackup);
  t_.RunFor(4s);
  EXPECT_EQ(follower.machine.state, State::kMaster);
}

// docs/decisions/0026: the next run continues as master. A follower may start before its leader.
TEST_F(FollowerTest, ContinuesAMastershipUntilItsLeaderHasDecided) {
  VirtualRouterConfig config = BackupConfig();
  config.vlan = {2, 0};
  config.follows = true;
  auto made = std::make_unique<VirtualRouter>(std::move(config));
  VirtualRouter& follower = *made;
  follower.resume_until = t_.now + 1s;
  t_.routers.push_back(std::move(made));
  t_.Apply(command::Add{&follower});
  t_.Apply(command::Follow{&follower, &ring_});
  EXPECT_EQ(follower.machine.state, State::kMaster);
  t_.RunFor(1ms);
  EXPECT_EQ(follower.machine.state, State::kMaster);
  AddLeader();  // as a backup: the hand-over was too late for it
  t_.RunFor(1ms);
  EXPECT_EQ(follower.machine.state, State::kBackup);
}

TEST_F(FollowerTest, HandsOverWithItsLeader) {
  VirtualRouter& leader = AddLeader();
  VirtualRouter& follower = AddFollower(2);
  t_.RunFor(4s);
  t_.Apply(command::Remove{&leader, true});
  t_.RunFor(1ms);
  EXPECT_EQ(follower.machine.state, State::kMaster);
  t_.Apply(command::Remove{&follower, true});
  EXPECT_EQ(follower.machine.reason, Reason::kHandover);
}

}  // namespace
}  // namespace dpvrrp
