// SPDX-License-Identifier: BSD-3-Clause
//
// Gratuitous ARP for addresses that control has found programmed.
#include <gtest/gtest.h>

#include <set>

#include "support/seen_frame.h"
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
    t_.Apply(command::Takeover{router_});
    ASSERT_THAT(t_.Transmit(), SizeIs(1));
  }

  const MacAddress kMac = VirtualMac(Family::kIpv4, Vrid(51));
  TestShard t_;
  VirtualRouter* router_ = nullptr;
};

TEST_F(AnnouncementTest, AMasterAnnouncesTheRequestedAddresses) {
  BecomeMaster();
  t_.Announce(*router_, 1, 2);
  EXPECT_THAT(t_.Transmit(),
              ElementsAre(IsGratuitousArp(Ip("10.99.0.101"), kMac), IsGratuitousArp(Ip("10.99.0.102"), kMac)));
  EXPECT_THAT(t_.Transmit(), IsEmpty());
  EXPECT_EQ(t_.shard->counters().announcements_sent.value(), 2u);
}

TEST_F(AnnouncementTest, TheAdvertPrecedesTheAnnouncement) {
  t_.Apply(command::Takeover{router_});
  t_.Announce(*router_, 0, 1);
  EXPECT_THAT(t_.Transmit(), ElementsAre(IsAdvert(Vrid(51), Priority(100)), IsGratuitousArp(Ip("10.99.0.100"), kMac)));
}

// An address outside of the adverts may be of the other family.
TEST_F(AnnouncementTest, AnAddressOfTheOtherFamilyIsAnnouncedInItsOwnWay) {
  VirtualRouterConfig config = BackupConfig();
  config.id = InstanceId(9);
  config.vrid = Vrid(52);
  config.source_mac = kMac;
  config.addresses = {Ip("10.99.0.120"), Ip("2001:db8::120")};
  config.advertised = 1;
  VirtualRouter& router = t_.Add(std::move(config));
  t_.Apply(command::Takeover{&router});
  ASSERT_THAT(t_.Transmit(), SizeIs(1));
  t_.Announce(router, 0, 2);
  EXPECT_THAT(t_.Transmit(),
              ElementsAre(IsGratuitousArp(Ip("10.99.0.120"), kMac), IsUnsolicitedNa(Ip("2001:db8::120"), kMac)));
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

TEST_F(AnnouncementTest, AnnouncementsWithoutRoomAreSentInTheNextBurst) {
  BecomeMaster();
  t_.Announce(*router_, 0, 4);
  EXPECT_THAT(t_.Transmit(3), SizeIs(3));
  EXPECT_LE(t_.shard->NextDeadline(), t_.now);
  EXPECT_THAT(t_.Transmit(3), ElementsAre(IsGratuitousArp(Ip("10.99.0.103"), kMac)));
}

// Conformance V3-54, V3-60: a backup does not announce the addresses.
TEST_F(AnnouncementTest, OnlyAMasterAnnounces) {
  t_.Announce(*router_, 0, 4);
  EXPECT_THAT(t_.Transmit(), IsEmpty());
  BecomeMaster();
  EXPECT_THAT(t_.Transmit(), IsEmpty());
}

TEST_F(AnnouncementTest, LostMastershipCancelsTheRest) {
  BecomeMaster();
  t_.Announce(*router_, 0, 4);
  EXPECT_THAT(t_.Transmit(1), SizeIs(1));
  t_.Receive(AdvertFrame{.priority = 200, .addresses = router_->config.addresses}.Build());
  EXPECT_THAT(t_.Transmit(), IsEmpty());
}

// Addresses programmed for the first mastership may be missing in the second.
TEST_F(AnnouncementTest, RegainedMastershipDoesNotRestoreTheRest) {
  BecomeMaster();
  t_.Announce(*router_, 0, 4);
  t_.Apply(command::Resign{router_});
  t_.Apply(command::Takeover{router_});
  EXPECT_THAT(t_.Transmit(), ElementsAre(IsAdvert(Vrid(51), Priority(100))));
}

// The port's MAC changes under the router.

class PortMacTest : public testing::Test {
 protected:
  static constexpr MacAddress kOld{{2, 0, 0, 0, 0, 1}};
  static constexpr MacAddress kNew{{2, 0, 0, 0, 0, 2}};

  VirtualRouter& AddMaster(VirtualRouterConfig config, const MacAddress& source) {
    config.port_mac = kOld;
    config.source_mac = source;
    VirtualRouter& router = t_.Add(std::move(config));
    t_.Apply(command::Takeover{&router});
    t_.Transmit();
    return router;
  }
  void ChangeMac(PortId port = PortId(0)) { t_.Apply(command::PortMac{port, kNew}); }
  // The source MACs of the next announcement and advert.
  std::set<MacAddress> SourcesOf(VirtualRouter& router) {
    std::set<MacAddress> sources;
    t_.Announce(router, 0, 1);
    for (const Sent& sent : t_.RunFor(1100ms)) {
      if (const auto advert = SeeAdvert(sent.frame)) sources.insert(advert->source_mac);
      if (const auto arp = SeeArp(sent.frame)) sources.insert({arp->source_mac, arp->sender_mac});
    }
    return sources;
  }

  TestShard t_;
};

TEST_F(PortMacTest, ARouterThatSendsFromThePortsMacUsesTheNewOne) {
  VirtualRouter& router = AddMaster(BackupConfig(), kOld);
  EXPECT_EQ(SourcesOf(router), std::set<MacAddress>{kOld});
  ChangeMac();
  EXPECT_EQ(SourcesOf(router), std::set<MacAddress>{kNew});
}

TEST_F(PortMacTest, AVirtualMacStays) {
  const MacAddress vmac = VirtualMac(Family::kIpv4, Vrid(51));
  VirtualRouter& router = AddMaster(BackupConfig(), vmac);
  ChangeMac();
  EXPECT_EQ(SourcesOf(router), std::set<MacAddress>{vmac});
  EXPECT_EQ(router.config.port_mac, kNew);
}

TEST_F(PortMacTest, TheMacOfAnotherPortHasNoEffect) {
  VirtualRouter& router = AddMaster(BackupConfig(), kOld);
  ChangeMac(PortId(1));
  EXPECT_EQ(SourcesOf(router), std::set<MacAddress>{kOld});
}

TEST_F(PortMacTest, BothVersionsOfAMigrationFollow) {
  VirtualRouterConfig config = V3Config();
  config.v2_coexistence = true;
  VirtualRouter& router = AddMaster(std::move(config), kOld);
  ChangeMac();
  EXPECT_EQ(SourcesOf(router), std::set<MacAddress>{kNew});
}

}  // namespace
}  // namespace dpvrrp
