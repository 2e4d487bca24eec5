// SPDX-License-Identifier: BSD-3-Clause
//
// Groups whose members are master together, on one shard and on several.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

using ::testing::SizeIs;

class GroupTest : public ::testing::Test {
 protected:
  VirtualRouter& AddMember(uint16_t vid, bool all_here = true, uint32_t members = 2) {
    VirtualRouterConfig config = BackupConfig();
    config.vlan = {vid, 0};
    config.id = InstanceId(vid);
    VirtualRouter& router = t_.Add(std::move(config));
    t_.Apply(command::JoinGroup{&router, last_, members, all_here});
    last_ = &router;
    return router;
  }
  // An advert for the member of this VLAN.
  DropReason Hear(uint16_t vid, uint8_t priority) {
    return t_.Receive(AdvertFrame{.vlan_tags = {vid}, .priority = priority}.Build());
  }
  void EndFault(VirtualRouter& router) { t_.Apply(command::EndHold{&router, Hold::kGroup}); }

  TestShard t_;
  VirtualRouter* last_ = nullptr;
};

TEST_F(GroupTest, NoneIsMasterBeforeAllCanBe) {
  VirtualRouter& a = AddMember(1);
  VirtualRouter& b = AddMember(2);
  for (int i = 0; i < 20; ++i) {
    Hear(2, 200);
    t_.RunFor(1s);
  }
  EXPECT_TRUE(a.machine.ready);
  EXPECT_EQ(a.machine.state, State::kBackup);
  EXPECT_EQ(b.machine.state, State::kBackup);
  t_.RunFor(3s);
  EXPECT_EQ(a.machine.state, State::kMaster);
  EXPECT_EQ(b.machine.state, State::kMaster);
  EXPECT_EQ(a.machine.since, b.machine.since) << "in one turn";
  EXPECT_EQ(a.machine.reason, Reason::kMasterTimeout);
}

TEST_F(GroupTest, AReadyMemberThatHearsAMasterIsNotReadyAnyMore) {
  VirtualRouter& a = AddMember(1);
  VirtualRouter& b = AddMember(2);
  for (int i = 0; i < 5; ++i) {
    Hear(2, 200);
    t_.RunFor(1s);
  }
  ASSERT_TRUE(a.machine.ready);
  Hear(1, 50);
  EXPECT_TRUE(a.machine.ready) << "a lower priority is to be preempted";
  Hear(1, 0);
  EXPECT_TRUE(a.machine.ready);
  Hear(1, 200);
  EXPECT_FALSE(a.machine.ready);
  t_.RunFor(3300ms);
  EXPECT_EQ(b.machine.state, State::kBackup);
}

TEST_F(GroupTest, IfOneGivesWayAllDoInTheSameTurn) {
  VirtualRouter& a = AddMember(1);
  VirtualRouter& b = AddMember(2);
  t_.RunFor(5s);
  ASSERT_EQ(b.machine.state, State::kMaster);
  t_.Events();
  Hear(1, 200);
  EXPECT_EQ(a.machine.state, State::kBackup);
  EXPECT_EQ(a.machine.reason, Reason::kHigherPriority);
  EXPECT_EQ(b.machine.state, State::kBackup);
  EXPECT_EQ(b.machine.reason, Reason::kGroup);
  EXPECT_THAT(t_.Transmit(), testing::ElementsAre(IsAdvert(Vrid(51), kPriorityRelease)));
  EXPECT_THAT(Only<event::Transition>(t_.Events()), SizeIs(2));
}

TEST_F(GroupTest, AnOwnerWaitsForTheOthers) {
  VirtualRouterConfig config = BackupConfig();
  config.machine.priority = kPriorityOwner;
  config.vlan = {1, 0};
  auto owned = std::make_unique<VirtualRouter>(std::move(config));
  VirtualRouter& owner = *owned;
  owner.machine.in_group = true;  // as control makes it
  owner.group_members = 2;
  t_.routers.push_back(std::move(owned));
  t_.Apply(command::Add{&owner});
  t_.Apply(command::JoinGroup{&owner, nullptr, 2, true});
  last_ = &owner;
  EXPECT_EQ(owner.machine.state, State::kBackup);
  VirtualRouter& other = AddMember(2);
  t_.RunFor(4s);
  EXPECT_EQ(owner.machine.state, State::kMaster);
  EXPECT_EQ(other.machine.state, State::kMaster);
}

TEST_F(GroupTest, ARemovedMemberLeavesTheRing) {
  VirtualRouter& a = AddMember(1);
  VirtualRouter& b = AddMember(2);
  t_.Apply(command::Remove{&b});
  t_.Events();
  t_.RunFor(10s);
  EXPECT_EQ(a.machine.state, State::kBackup) << "a member is missing";
  t_.Apply(command::JoinGroup{&a, nullptr, 1, true});
  EXPECT_EQ(a.machine.state, State::kMaster) << "it is alone, and was ready";
}

TEST_F(GroupTest, MembersOnOtherShardsAreJoinedByControl) {
  VirtualRouter& a = AddMember(1, false);
  t_.RunFor(5s);
  EXPECT_EQ(a.machine.state, State::kBackup);
  std::vector<event::Ready> told = Only<event::Ready>(t_.Events());
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_TRUE(told[0].ready);
  Hear(1, 200);
  told = Only<event::Ready>(t_.Events());
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_FALSE(told[0].ready);
  t_.Apply(command::BeMaster{&a});
  EXPECT_EQ(a.machine.state, State::kBackup) << "it is not ready any more";
  t_.RunFor(5s);
  t_.Apply(command::BeMaster{&a});
  EXPECT_EQ(a.machine.state, State::kMaster);
  t_.Apply(command::BeBackup{&a});
  EXPECT_EQ(a.machine.state, State::kBackup);
  EXPECT_EQ(a.machine.reason, Reason::kGroup);
}

TEST_F(GroupTest, AThousandMembersAreReadyInOneTurn) {
  for (uint16_t vid = 1; vid <= 1000; ++vid) AddMember(vid, true, 1000);
  t_.RunFor(6s);
  for (const auto& router : t_.routers) ASSERT_EQ(router->machine.state, State::kMaster);
}

}  // namespace
}  // namespace dpvrrp
