// SPDX-License-Identifier: BSD-3-Clause
//
// A pair that moves to another VRID, one after the other, without a transition.
#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

constexpr Vrid kOld{51}, kNew{61};

// Two gateways on one LAN, in lockstep.
class NextVridTest : public testing::Test {
 protected:
  void Start(VirtualRouterConfig a, VirtualRouterConfig b) {
    a.machine.source = a.family() == Family::kIpv4 ? Ip("10.99.0.1") : Ip("fe80::1");
    a.machine.priority = Priority(150);
    a_ = &at_a_.Add(std::move(a));
    b_ = &at_b_.Add(std::move(b));
    Run(5s);
    ASSERT_EQ(a_->machine.state, State::kMaster);
    ASSERT_EQ(b_->machine.state, State::kBackup);
    at_a_.Events();
    at_b_.Events();
  }

  void Run(Nanoseconds time) {
    for (const Instant end = at_a_.now + time; at_a_.now < end;) {
      for (const Sent& sent : at_a_.RunFor(10ms)) {
        Hear(sent);
        at_b_.Receive(sent.frame);
      }
      for (const Sent& sent : at_b_.RunFor(10ms)) {
        Hear(sent);
        at_a_.Receive(sent.frame);
      }
    }
  }

  void Hear(const Sent& sent) {
    if (const std::optional<SeenAdvert> advert = SeeAdvert(sent.frame)) heard_[Vrid(advert->vrid)].push_back(*advert);
  }

  static bool IsVirtual(const VirtualRouter& router) {
    return router.config.source_mac == VirtualMac(router.config.family(), router.config.vrid);
  }

  static void Speak(TestShard& t, VirtualRouter& router, Vrid vrid, uint64_t sequence = 0) {
    ShardCommand command;
    command.kind = ShardCommand::Kind::kSpeakNextVrid;
    command.router = &router;
    command.vrid = vrid;
    command.sequence = sequence;
    if (IsVirtual(router)) command.mac = VirtualMac(router.config.family(), vrid);
    t.Apply(command);
  }

  // The backup first: from then on it hears either. Then the master, which speaks both; then both leave the old one.
  void Move() {
    Speak(at_b_, *b_, kNew);
    Run(4s);
    Speak(at_a_, *a_, kNew);
    Run(4s);
    at_b_.Apply(ShardCommand::Kind::kAdoptNextVrid, *b_);
    Run(4s);
    at_a_.Apply(ShardCommand::Kind::kAdoptNextVrid, *a_);
    heard_.clear();
    Run(4s);
  }

  void RemoveBoth() {
    at_a_.Apply(ShardCommand::Kind::kRemove, *a_);
    at_b_.Apply(ShardCommand::Kind::kRemove, *b_);
    at_a_.RunFor(1ms);
    at_a_.Events();
    at_b_.Events();
  }

  void ExpectMovedWithoutATransition() {
    EXPECT_EQ(a_->machine.state, State::kMaster);
    EXPECT_EQ(b_->machine.state, State::kBackup);
    EXPECT_EQ(a_->counters.became_master.value(), 1u);
    EXPECT_EQ(b_->counters.became_master.value(), 0u);
    EXPECT_THAT(heard_[kOld], testing::IsEmpty());
    EXPECT_GE(heard_[kNew].size(), 3u);
    EXPECT_EQ(a_->config.vrid, kNew);
    for (const TestShard* t : {&at_a_, &at_b_}) {
      for (const DropReasonInfo& row : AllDropReasons()) {
        if (row.reason == DropReason::kUnknownVrid) continue;
        EXPECT_EQ(t->drops(row.reason), 0u) << row.name;
      }
    }
  }

  SequenceRecord of_a_, of_b_;  // before the shards, whose goodbyes still write them
  TestShard at_a_, at_b_;
  VirtualRouter* a_ = nullptr;
  VirtualRouter* b_ = nullptr;
  std::map<Vrid, std::vector<SeenAdvert>> heard_;
};

TEST_F(NextVridTest, MovesAVrrpV2Pair) {
  Start(BackupConfig(), BackupConfig());
  Move();
  ExpectMovedWithoutATransition();
}

TEST_F(NextVridTest, MovesAVrrpV3PairOverEitherFamily) {
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    NextVridTest::Start(V3Config(family), V3Config(family));
    Move();
    ExpectMovedWithoutATransition();
    RemoveBoth();
  }
}

// Either VRID's adverts have numbers of their own, so that neither is a replay of the other.
TEST_F(NextVridTest, MovesAPairWithAh) {
  Start(AhConfig(of_a_), AhConfig(of_b_));
  Move();
  ExpectMovedWithoutATransition();
}

// V3-12, V3-51, V3-52: each advert from the virtual MAC of its VRID, and what hosts learn after the move is the new
// one.
TEST_F(NextVridTest, MovesAPairWithVirtualMacs) {
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    const auto config = [family] {
      VirtualRouterConfig c = V3Config(family);
      c.source_mac = VirtualMac(family, kOld);
      return c;
    };
    const auto announces = [&](Vrid vrid) -> testing::Matcher<const Sent&> {
      const MacAddress mac = VirtualMac(family, vrid);
      if (family == Family::kIpv4) return IsGratuitousArp(a_->config.addresses[0], mac);
      return IsUnsolicitedNa(a_->config.addresses[0], mac);
    };
    NextVridTest::Start(config(), config());
    Speak(at_a_, *a_, kNew);
    heard_.clear();
    Run(4s);
    for (const Vrid vrid : {kOld, kNew}) {
      ASSERT_GE(heard_[vrid].size(), 3u);
      for (const SeenAdvert& advert : heard_[vrid]) EXPECT_EQ(advert.source_mac, VirtualMac(family, vrid));
    }
    at_a_.Announce(*a_, 0, 1);
    EXPECT_THAT(at_a_.Transmit(), testing::ElementsAre(announces(kOld)));
    Move();
    ExpectMovedWithoutATransition();
    for (const SeenAdvert& advert : heard_[kNew]) EXPECT_EQ(advert.source_mac, VirtualMac(family, kNew));
    at_a_.Announce(*a_, 0, 1);
    EXPECT_THAT(at_a_.Transmit(), testing::ElementsAre(announces(kNew)));
    RemoveBoth();
  }
}

TEST_F(NextVridTest, WithCoexistenceTheVrrpV2CopyComesFromTheNewMacToo) {
  const auto config = [] {
    VirtualRouterConfig c = V3Config();
    c.source_mac = VirtualMac(Family::kIpv4, kOld);
    c.v2_coexistence = true;
    return c;
  };
  Start(config(), config());
  Move();
  std::set<int> versions;
  for (const SeenAdvert& advert : heard_[kNew]) {
    versions.insert(advert.version);
    EXPECT_EQ(advert.source_mac, VirtualMac(Family::kIpv4, kNew));
  }
  EXPECT_EQ(versions, (std::set{2, 3}));
}

TEST_F(NextVridTest, GoesOnAboveNumbersThatTheNextVridHasSeen) {
  Start(AhConfig(of_a_), AhConfig(of_b_));
  Speak(at_a_, *a_, kNew, 7000);
  Run(2s);
  ASSERT_FALSE(heard_[kNew].empty());
  EXPECT_GT(heard_[kNew][0].sequence, 7000u);
}

TEST_F(NextVridTest, AGoodbyeSaysBoth) {
  Start(BackupConfig(), BackupConfig());
  Speak(at_a_, *a_, kNew);
  Run(2s);
  heard_.clear();
  at_a_.Apply(ShardCommand::Kind::kRemove, *a_);
  Run(100ms);
  ASSERT_EQ(heard_[kOld].size(), 1u);
  ASSERT_EQ(heard_[kNew].size(), 1u);
  EXPECT_EQ(heard_[kNew][0].priority, 0);
  EXPECT_THAT(at_a_.Events(), testing::Not(testing::IsEmpty()));
}

TEST_F(NextVridTest, CanBeGivenUp) {
  Start(BackupConfig(), BackupConfig());
  Speak(at_a_, *a_, kNew);
  Run(2s);
  Speak(at_a_, *a_, Vrid(0));
  heard_.clear();
  Run(4s);
  EXPECT_THAT(heard_[kNew], testing::IsEmpty());
  EXPECT_GE(heard_[kOld].size(), 3u);
  EXPECT_EQ(a_->counters.became_master.value(), 1u);
}

// A port that goes down and up again visits each router once, whatever VRIDs it is found by.
TEST_F(NextVridTest, IsOneRouterToItsPort) {
  Start(BackupConfig(), BackupConfig());
  Speak(at_a_, *a_, kNew);
  at_a_.SetPort(ShardCommand::Kind::kPortDown, PortId(0));
  at_a_.SetPort(ShardCommand::Kind::kPortUp, PortId(0));
  EXPECT_EQ(a_->machine.state, State::kBackup);
  EXPECT_EQ(at_a_.Events().size(), 1u);  // Master to Backup, told as one
}

}  // namespace
}  // namespace dpvrrp
