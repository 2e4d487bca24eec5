// SPDX-License-Identifier: BSD-3-Clause
//
// Gratuitous ARP for what control has seen programmed.
#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class AnnouncementTest : public testing::Test {
 protected:
  AnnouncementTest() {
    VirtualRouterConfig config = BackupConfig();
    config.source_mac = kMac;
    config.addresses = {Ip("10.99.0.100"), Ip("10.99.0.101"), Ip("10.99.0.102"), Ip("10.99.0.103")};
    router_ = &t_.Add(std::move(config));
  }
  void BecomeMaster() {
    t_.Apply(ShardCommand::Kind::kTakeover, *router_);
    ASSERT_THAT(t_.Transmit(), SizeIs(1));
  }

  const MacAddress kMac = VirtualMac(Family::kIpv4, Vrid(51));
  TestShard t_;
  VirtualRouter* router_ = nullptr;
};

TEST_F(AnnouncementTest, AMasterAnnouncesWhatIsAsked) {
  BecomeMaster();
  t_.Announce(*router_, 1, 2);
  EXPECT_THAT(t_.Transmit(),
              ElementsAre(IsGratuitousArp(Ip("10.99.0.101"), kMac), IsGratuitousArp(Ip("10.99.0.102"), kMac)));
  EXPECT_THAT(t_.Transmit(), IsEmpty());
  EXPECT_EQ(t_.shard->counters().announcements_sent.value(), 2u);
}

TEST_F(AnnouncementTest, TheAdvertGoesFirst) {
  t_.Apply(ShardCommand::Kind::kTakeover, *router_);
  t_.Announce(*router_, 0, 1);
  EXPECT_THAT(t_.Transmit(), ElementsAre(IsAdvert(Vrid(51), Priority(100)), IsGratuitousArp(Ip("10.99.0.100"), kMac)));
}

TEST_F(AnnouncementTest, ARangeIsCutAtTheLastAddress) {
  BecomeMaster();
  t_.Announce(*router_, 3, 100);
  t_.Announce(*router_, 4, 1);
  t_.Announce(*router_, 65535, 65535);
  t_.Announce(*router_, 0, 0);
  EXPECT_THAT(t_.Transmit(), ElementsAre(IsGratuitousArp(Ip("10.99.0.103"), kMac)));
}

TEST_F(AnnouncementTest, TwoRequestsAreAnnouncedTogetherAndOnce) {
  BecomeMaster();
  t_.Announce(*router_, 2, 1);
  t_.Announce(*router_, 1, 2);
  EXPECT_THAT(t_.Transmit(), SizeIs(2));
}

// The address between two requests may not be programmed yet.
TEST_F(AnnouncementTest, AGapBetweenTwoRequestsStaysAGap) {
  BecomeMaster();
  t_.Announce(*router_, 3, 1);
  t_.Announce(*router_, 0, 1);
  EXPECT_THAT(t_.Transmit(),
              ElementsAre(IsGratuitousArp(Ip("10.99.0.100"), kMac), IsGratuitousArp(Ip("10.99.0.103"), kMac)));
}

TEST_F(AnnouncementTest, WhatDoesNotFitGoesWithTheNextBurst) {
  BecomeMaster();
  t_.Announce(*router_, 0, 4);
  EXPECT_THAT(t_.Transmit(3), SizeIs(3));
  EXPECT_LE(t_.shard->NextDeadline(), t_.now);
  EXPECT_THAT(t_.Transmit(3), ElementsAre(IsGratuitousArp(Ip("10.99.0.103"), kMac)));
}

// Conformance V3-54, V3-60: a backup says nothing about the addresses.
TEST_F(AnnouncementTest, OnlyAMasterAnnounces) {
  t_.Announce(*router_, 0, 4);
  EXPECT_THAT(t_.Transmit(), IsEmpty());
  BecomeMaster();
  EXPECT_THAT(t_.Transmit(), IsEmpty());
}

TEST_F(AnnouncementTest, MastershipLostTakesTheRestAlong) {
  BecomeMaster();
  t_.Announce(*router_, 0, 4);
  EXPECT_THAT(t_.Transmit(1), SizeIs(1));
  t_.Receive(AdvertFrame{.priority = 200, .addresses = router_->config.addresses}.Build());
  EXPECT_THAT(t_.Transmit(), IsEmpty());
}

// What was programmed for the first mastership says nothing about the second.
TEST_F(AnnouncementTest, MastershipRegainedDoesNotBringTheRestBack) {
  BecomeMaster();
  t_.Announce(*router_, 0, 4);
  t_.Apply(ShardCommand::Kind::kResign, *router_);
  t_.Apply(ShardCommand::Kind::kTakeover, *router_);
  EXPECT_THAT(t_.Transmit(), ElementsAre(IsAdvert(Vrid(51), Priority(100))));
}

}  // namespace
}  // namespace dpvrrp
