// SPDX-License-Identifier: BSD-3-Clause
//
// A running router gets another configuration (pipeline/replace.h) and loses none of its state.
#include <gmock/gmock.h>

#include "pipeline/host_testing.h"
#include "support/seen_frame.h"
#include "support/test_shard.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class ReplaceTest : public testing::Test {
 protected:
  VirtualRouter& AddMaster(VirtualRouterConfig config) {
    VirtualRouter& router = t_.Add(std::move(config));
    t_.Apply(command::Takeover{&router});
    t_.RunFor(1500ms);
    t_.Events();
    return router;
  }
  template <typename Edit>
  void Change(VirtualRouter& router, Edit edit) {
    VirtualRouterConfig config = router.config;
    edit(config);
    t_.Replace(router, std::move(config));
  }
  // The adverts among what was sent.
  static std::vector<SeenAdvert> Adverts(const std::vector<Sent>& sent) {
    std::vector<SeenAdvert> adverts;
    for (const Sent& s : sent) {
      if (const std::optional<SeenAdvert> advert = SeeAdvert(s.frame)) adverts.push_back(*advert);
    }
    return adverts;
  }

  SequenceRecord record_;
  TestShard t_;
};

TEST_F(ReplaceTest, AMasterAdvertisesAnotherAddressListAtOnceAndStaysMaster) {
  VirtualRouter& router = AddMaster(BackupConfig());
  Change(router, [](VirtualRouterConfig& c) {
    c.addresses = {Ip("10.99.0.100"), Ip("10.99.0.101")};
    c.advertised = 0;
  });
  const std::vector<Sent> sent = t_.Transmit();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_THAT(SeeAdvert(sent[0].frame)->addresses, ElementsAre(Ip("10.99.0.100"), Ip("10.99.0.101")));
  EXPECT_EQ(SeeAdvert(sent[0].frame)->priority, 100);
  EXPECT_EQ(router.machine.state, State::kMaster);
  EXPECT_THAT(t_.RunFor(3001ms), SizeIs(3)) << "the interval continues from there";
  const std::vector<ShardEvent> events = t_.Events();
  ASSERT_THAT(events, SizeIs(1)) << "no transition";
  EXPECT_TRUE(Is<event::Replaced>(events[0]));
}

TEST_F(ReplaceTest, TheSameConfigurationChangesNothing) {
  VirtualRouter& router = AddMaster(AhConfig(record_));
  const std::string before = MachineOf(router);
  const uint64_t sent = record_.sent;
  Change(router, [](VirtualRouterConfig&) {});
  EXPECT_EQ(MachineOf(router), before);
  EXPECT_THAT(t_.Transmit(), SizeIs(0));
  EXPECT_EQ(record_.sent, sent);
}

TEST_F(ReplaceTest, NumbersAndWindowsContinue) {
  VirtualRouter& router = t_.Add(AhConfig(record_));
  AdvertFrame frame;
  frame.key = KeepalivedKey("s3cr3t");
  frame.priority = 200;
  frame.sequence = 10;
  EXPECT_EQ(t_.Receive(frame.Build()), DropReason::kNone);
  Change(router, [](VirtualRouterConfig& c) { c.replay_window = 1024; });
  EXPECT_EQ(t_.Receive(frame.Build()), DropReason::kReplayed);
  frame.sequence = 11;
  EXPECT_EQ(t_.Receive(frame.Build()), DropReason::kNone);
  EXPECT_EQ(record_.senders[0].highest, 11u);
  t_.Apply(command::Takeover{&router});
  t_.Transmit();
  EXPECT_EQ(record_.sent, 12u);
}

// Both directions: to a kind with its own record, and to one without.
TEST_F(ReplaceTest, AnotherKindOfAuthenticationIsTakenInPlace) {
  VirtualRouter& router = AddMaster(BackupConfig());
  EXPECT_THAT(t_.RunFor(1s), SizeIs(1));
  t_.Replace(router, AhConfig(record_));
  const std::vector<Sent> sent = t_.Transmit();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_TRUE(SeeAdvert(sent[0].frame)->sequence.has_value());
  EXPECT_EQ(record_.sent, 1u);
  t_.Replace(router, BackupConfig());
  const std::vector<Sent> plain = t_.Transmit();
  ASSERT_THAT(plain, SizeIs(1));
  EXPECT_FALSE(SeeAdvert(plain[0].frame)->sequence.has_value());
  t_.RunFor(1s);
  EXPECT_EQ(record_.sent, 1u);
  EXPECT_EQ(router.machine.state, State::kMaster);
}

TEST_F(ReplaceTest, ABackupKeepsItsTimerAndItsMaster) {
  VirtualRouter& router = t_.Add(BackupConfig());
  AdvertFrame frame;
  frame.priority = 200;
  t_.now += 1s;
  ASSERT_EQ(t_.Receive(frame.Build()), DropReason::kNone);
  const std::string before = MachineOf(router);
  Change(router, [](VirtualRouterConfig& c) {
    c.source_mac = VirtualMac(Family::kIpv4, c.vrid);
    c.strict = true;
  });
  EXPECT_EQ(MachineOf(router), before);
  EXPECT_THAT(t_.RunFor(3500ms), SizeIs(0));
  EXPECT_THAT(t_.RunFor(200ms), SizeIs(1));
}

TEST_F(ReplaceTest, TheNewListIsExpectedOfPeers) {
  VirtualRouter& router = t_.Add(BackupConfig());
  AdvertFrame frame;
  frame.addresses = {Ip("10.99.0.100"), Ip("10.99.0.101")};
  EXPECT_EQ(t_.Receive(frame.Build()), DropReason::kAddressMismatch);
  Change(router, [](VirtualRouterConfig& c) {
    c.addresses = {Ip("10.99.0.101"), Ip("10.99.0.100")};
    c.advertised = 0;
  });
  EXPECT_EQ(t_.Receive(frame.Build()), DropReason::kNone);
}

TEST_F(ReplaceTest, AnnouncementsThatWaitFollowTheirAddresses) {
  VirtualRouterConfig config = BackupConfig();
  config.addresses = {Ip("10.99.0.100"), Ip("10.99.0.101"), Ip("10.99.0.102")};
  VirtualRouter& router = AddMaster(std::move(config));
  t_.Announce(router, 1, 2);  // .101 and .102
  Change(router, [](VirtualRouterConfig& c) {
    c.addresses = {Ip("10.99.0.102"), Ip("10.99.0.103")};
    c.advertised = 0;
  });
  std::vector<IpAddress> announced;
  for (const Sent& sent : t_.Transmit()) {
    if (const std::optional<SeenArp> arp = SeeArp(sent.frame)) announced.push_back(arp->sender);
  }
  EXPECT_THAT(announced, ElementsAre(Ip("10.99.0.102")));
}

TEST_F(ReplaceTest, FromAGroupToUnicastPeersAndBack) {
  VirtualRouter& router = AddMaster(BackupConfig());
  Change(router, [](VirtualRouterConfig& c) {
    c.unicast_peers = {{.address = Ip("10.99.0.1"), .next_hop = Ip("10.99.0.1")},
                       {.address = Ip("10.99.0.3"), .next_hop = Ip("10.99.0.3")}};
  });
  t_.ResolvePeers(router);
  std::vector<SeenAdvert> adverts = Adverts(t_.RunFor(1100ms));
  ASSERT_THAT(adverts, SizeIs(testing::Ge(2)));
  EXPECT_EQ(adverts[0].destination, Ip("10.99.0.1"));
  Change(router, [](VirtualRouterConfig& c) { c.unicast_peers.erase(c.unicast_peers.begin()); });
  EXPECT_TRUE(router.neighbours[0].known) << "10.99.0.3 is known already";
  adverts = Adverts(t_.Transmit());
  ASSERT_THAT(adverts, SizeIs(1));
  EXPECT_EQ(adverts[0].destination, Ip("10.99.0.3"));
  Change(router, [](VirtualRouterConfig& c) { c.unicast_peers.clear(); });
  adverts = Adverts(t_.Transmit());
  ASSERT_THAT(adverts, SizeIs(1));
  EXPECT_EQ(adverts[0].destination, Ip("224.0.0.18"));
  EXPECT_EQ(router.machine.state, State::kMaster);
}

TEST_F(ReplaceTest, TheResponderAnswersForTheNewListAlone) {
  VirtualRouter& router = AddMaster(ResponderConfig());
  const auto answered = [&](const std::string& address) {
    t_.ReceiveBurst({Arp(kBroadcastMac, 1, kHostMac, "10.99.0.10", MacAddress{}, address)});
    for (const Sent& sent : t_.Transmit()) {
      const std::optional<SeenArp> arp = SeeArp(sent.frame);
      if (arp.has_value() && arp->operation == 2) return true;
    }
    return false;
  };
  EXPECT_TRUE(answered("10.99.0.100"));
  Change(router, [](VirtualRouterConfig& c) {
    c.addresses = {Ip("10.99.0.101")};
    c.advertised = 0;
  });
  t_.Transmit();
  EXPECT_TRUE(answered("10.99.0.101"));
  EXPECT_FALSE(answered("10.99.0.100"));
  Change(router, [](VirtualRouterConfig& c) { c.responder = false; });
  t_.Transmit();
  EXPECT_FALSE(answered("10.99.0.101"));
}

// A group in both configurations is neither left nor joined again.
TEST_F(ReplaceTest, MembershipsThatStayAreNotReported) {
  VirtualRouter& router = AddMaster(ResponderConfig());
  t_.RunFor(30s);
  const auto reports = [&] { return t_.shard->counters().responder.group_reports.value(); };
  const uint64_t before = reports();
  Change(router, [](VirtualRouterConfig& c) {
    c.addresses.push_back(Ip("10.99.0.101"));
    c.advertised = 0;
  });
  t_.RunFor(30s);
  EXPECT_EQ(reports(), before);
  Change(router, [](VirtualRouterConfig& c) { c.group = Ip("224.0.0.99"); });
  t_.RunFor(30s);
  EXPECT_EQ(reports(), before + 3) << "one leave, two joins";
}

TEST_F(ReplaceTest, DuringAVridMoveBothVridsAreSentAndAccepted) {
  VirtualRouter& router = AddMaster(BackupConfig());
  t_.Apply(command::SpeakNextVrid{.router = &router, .vrid = Vrid(52)});
  t_.SetPriority(router, Priority(120));
  std::vector<int> vrids;
  for (const SeenAdvert& advert : Adverts(t_.RunFor(1001ms))) vrids.push_back(advert.vrid);
  EXPECT_THAT(vrids, ElementsAre(51, 52));
  AdvertFrame frame;
  frame.vrid = 52;
  frame.priority = 50;
  EXPECT_EQ(t_.Receive(frame.Build()), DropReason::kNone);
}

// The advert still waits for its reserved number, and is sent with the new list.
TEST_F(ReplaceTest, AnAdvertThatWaitsForANumberUsesTheNewConfiguration) {
  record_.reserved = 1;
  VirtualRouter& router = AddMaster(AhConfig(record_));
  t_.RunFor(1s);
  t_.Events();
  ASSERT_TRUE(router.awaits_numbers);
  Change(router, [](VirtualRouterConfig& c) {
    c.addresses = {Ip("10.99.0.101")};
    c.advertised = 0;
  });
  EXPECT_THAT(Adverts(t_.Transmit()), SizeIs(0));
  t_.Apply(command::AllowNumbers{&router, 1000});
  const std::vector<SeenAdvert> adverts = Adverts(t_.Transmit());
  ASSERT_THAT(adverts, SizeIs(1));
  EXPECT_THAT(adverts[0].addresses, ElementsAre(Ip("10.99.0.101")));
}

TEST_F(ReplaceTest, SeveralReplacementsAreReturnedInOrder) {
  VirtualRouter& router = AddMaster(BackupConfig());
  for (int i = 0; i < 10; ++i) t_.SetPriority(router, Priority(static_cast<uint8_t>(101 + i)));
  EXPECT_EQ(router.config.machine.priority, Priority(110));
  const std::vector<ShardEvent> events = t_.Events();
  EXPECT_THAT(events, SizeIs(10));
  EXPECT_TRUE(t_.replacements.empty());
}

}  // namespace
}  // namespace dpvrrp
