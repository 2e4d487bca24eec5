// SPDX-License-Identifier: BSD-3-Clause
#include "control/handover/handover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "unit/control/part_desk.h"
#include "unit/control/tracking_configs.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class HandoverTest : public testing::Test {
 protected:
  // What a run with these masters leaves, all at the time of the desk.
  std::string LeftBy(const std::vector<InstanceConfig>& masters) {
    PartDesk desk;
    Handover handover(desk.Context());
    for (const InstanceConfig& config : masters) handover.OnLeft(desk.Add(config, State::kMaster), desk.now);
    return handover.Text();
  }
  void Load(const std::string& text) { handover_.Load(text, desk_.Time()); }
  // Until when after the desk's time; 0: it is not resumed.
  Nanoseconds Claimed(const std::string& name, uint32_t id = 1) {
    const Instant until = handover_.Claim(InstanceId(id), name, desk_.now);
    return until == Instant{} ? Nanoseconds(0) : until - desk_.now;
  }

  PartDesk desk_;
  Handover handover_{desk_.Context()};
};

TEST_F(HandoverTest, BackupsWaitForThreeIntervals) {
  const InstanceConfig config = AhInstance();
  desk_.registry.config().instances = {config};
  Load(LeftBy({config}));
  EXPECT_THAT(desk_.Recorded("daemon"), ElementsAre("continues as master of 1 instance of the last run"));
  EXPECT_EQ(Claimed("gw"), 3s);
  EXPECT_EQ(Claimed("gw"), 0s) << "an instance that is added later is a new one";
}

TEST_F(HandoverTest, RoutersWithFewerIntervalsWaitForFewer) {
  InstanceConfig config = AhInstance();
  config.down_timer_adverts = 2;
  desk_.registry.config().instances = {config};
  Load(LeftBy({config}));
  EXPECT_EQ(Claimed("gw"), 2s);
}

TEST_F(HandoverTest, ALateOrDifferentInstanceStartsAsUsual) {
  InstanceConfig late = AhInstance("late", 1);
  InstanceConfig gone = AhInstance("gone", 2);
  InstanceConfig other = AhInstance("other", 3);
  InstanceConfig same = AhInstance("same", 4);
  late.advertisement_interval = 100ms;
  const std::string text = LeftBy({late, gone, other, same});
  other.virtual_addresses.front().device = "eth1";
  same.priority = Priority(7);
  same.advertisement_interval = 5s;
  desk_.registry.config().instances = {late, other, same};
  desk_.now += 300ms;
  Load(text);
  EXPECT_THAT(desk_.Recorded("daemon"),
              ElementsAre("continues as master of 1 instance of the last run; too late for 1; "
                          "2 with another configuration"));
  EXPECT_EQ(Claimed("late"), 0s);
  EXPECT_EQ(Claimed("other"), 0s);
  EXPECT_EQ(Claimed("same"), 2700ms);
}

// The backups wait for the adverts of the leader.
TEST_F(HandoverTest, AFollowerIsResumedAsLongAsItsLeader) {
  InstanceConfig leader = AhInstance("gw", 1);
  leader.advertisement_interval = 5s;
  InstanceConfig follower = AhInstance("sub", 2);
  InstanceConfig other = AhInstance("other", 3);  // not master at the end of the last run: it has a fault of its own
  follower.leader = other.leader = "gw";
  GroupConfig group = MakeGroup("subscribers", {"sub", "other"});
  group.kind = GroupKind::kFollow;
  group.leader = "gw";
  desk_.registry.config().instances = {leader, follower, other};
  desk_.registry.config().groups = {group};
  Load(LeftBy({follower, leader}));
  EXPECT_EQ(Claimed("gw"), 15s);
  EXPECT_EQ(Claimed("sub", 2), 15s);
  EXPECT_EQ(Claimed("other", 3), 0s);
}

TEST_F(HandoverTest, AFollowerWhoseLeaderIsNotResumedIsNotEither) {
  InstanceConfig leader = AhInstance("gw", 1);
  InstanceConfig follower = AhInstance("sub", 2);
  follower.leader = "gw";
  const std::string text = LeftBy({leader, follower});
  leader.source_address = IpAddress::V4(0x0a630009);
  desk_.registry.config().instances = {leader, follower};
  Load(text);
  EXPECT_EQ(Claimed("sub", 2), 0s);
  EXPECT_THAT(desk_.Recorded("daemon"), ElementsAre(HasSubstr("2 with another configuration")));
}

// Its device was missing at the start, or a reload came in between.
TEST_F(HandoverTest, AnInstanceThatIsAddedLateIsANewOne) {
  const InstanceConfig config = AhInstance();
  desk_.registry.config().instances = {config};
  Load(LeftBy({config}));
  EXPECT_EQ(handover_.Claim(InstanceId(1), "gw", desk_.now + 3s), Instant{});
  EXPECT_FALSE(handover_.IsClaimed(InstanceId(1)));
  Load(LeftBy({config}));
  handover_.OnReload();
  EXPECT_EQ(Claimed("gw"), 0s);
}

// Its first advert is lost, because the peers' Ethernet addresses are not known yet.
TEST_F(HandoverTest, WithUnicastPeersThereIsAnIntervalLess) {
  InstanceConfig config = AhInstance();
  config.unicast_peers.resize(1);
  desk_.registry.config().instances = {config};
  Load(LeftBy({config}));
  EXPECT_EQ(Claimed("gw"), 2s);
}

TEST_F(HandoverTest, AGroupIsResumedAsAWhole) {
  const InstanceConfig a = AhInstance("a", 1);
  const InstanceConfig b = AhInstance("b", 2);
  desk_.registry.config().instances = {a, b};
  desk_.registry.config().groups = {MakeGroup("g", {"a", "b"})};
  Load(LeftBy({a}));
  EXPECT_EQ(Claimed("a"), 0s);
  Load(LeftBy({a, b}));
  EXPECT_EQ(Claimed("a"), 3s);
  EXPECT_EQ(Claimed("b"), 3s);
}

TEST_F(HandoverTest, WhatCannotBeUsedIsSaidAndIgnored) {
  const InstanceConfig config = AhInstance();
  desk_.registry.config().instances = {config};
  handover_.Load(absl::NotFoundError("no hand-over"), desk_.Time());
  EXPECT_THAT(desk_.Recorded("daemon"), IsEmpty());
  handover_.Load(absl::FailedPreconditionError("it is of another boot"), desk_.Time());
  for (const char* damage : {"x\n", "1\t2\n", "soon\tgw\tidentity\n"}) Load(absl::StrCat(LeftBy({config}), damage));
  EXPECT_THAT(desk_.Recorded("daemon"), ElementsAre("the hand-over is ignored: it is of another boot",
                                                    HasSubstr("damaged"), HasSubstr("damaged"), HasSubstr("damaged")));
  EXPECT_EQ(Claimed("gw"), 0s);
}

TEST_F(HandoverTest, AnInstanceWithoutATransitionInTimeIsReported) {
  const InstanceConfig config = AhInstance("a", 1);
  const InstanceConfig resumed = AhInstance("b", 2);
  desk_.registry.config().instances = {config, resumed};
  Load(LeftBy({config, resumed}));
  const InstanceId waits(7);
  const InstanceId is_master(8);
  handover_.Claim(waits, "a", desk_.now);
  handover_.Claim(is_master, "b", desk_.now);
  EXPECT_TRUE(handover_.IsClaimed(waits) && handover_.IsClaimed(is_master));
  handover_.EndClaim(is_master);
  EXPECT_EQ(handover_.NextDeadline(), desk_.now + 3s);
  desk_.now += 3s;
  handover_.OnTime(desk_.Time());
  EXPECT_THAT(handover_.TakeExpired(), ElementsAre(waits));
  EXPECT_EQ(handover_.NextDeadline(), kNever);
}

// V3-44: backups learn the interval. VRRPv2 has none to learn.
TEST_F(HandoverTest, OnlyVrrpV3CanLengthenItsLastInterval) {
  InstanceConfig config = AhInstance();
  EXPECT_EQ(Handover::LastInterval(config, 6s), 1s);
  config.version = VrrpVersion::kV3;
  EXPECT_EQ(Handover::LastInterval(config, 6s), 2s);
  EXPECT_EQ(Handover::LastInterval(config, 2s), 1s);
  config.advertisement_interval = 10ms;
  EXPECT_EQ(Handover::LastInterval(config, 1s), 340ms) << "whole centiseconds, not less than needed";
  EXPECT_EQ(Handover::LastInterval(config, 1h), 40950ms) << "the field has 12 bits";
  config.v2_coexistence = true;
  EXPECT_EQ(Handover::LastInterval(config, 6s), 10ms);
}

}  // namespace
}  // namespace dpvrrp
