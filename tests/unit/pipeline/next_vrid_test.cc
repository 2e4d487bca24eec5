// SPDX-License-Identifier: BSD-3-Clause
//
// A pair moves to another VRID, one router after the other, without a transition.
#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

constexpr Vrid kOldVrid{51}, kNewVrid{61};

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
    command::SpeakNextVrid command{.router = &router, .vrid = vrid, .numbers_above = sequence};
    if (IsVirtual(router)) command.mac = VirtualMac(router.config.family(), vrid);
    t.Apply(command);
  }

  // First the backup, which then accepts both VRIDs. Then the master, which sends both. Then both leave the old VRID.
  void Move() {
    Speak(at_b_, *b_, kNewVrid);
    Run(4s);
    Speak(at_a_, *a_, kNewVrid);
    Run(4s);
    at_b_.Apply(command::AdoptNextVrid{b_});
    Run(4s);
    at_a_.Apply(command::AdoptNextVrid{a_});
    heard_.clear();
    Run(4s);
  }

  void RemoveBoth() {
    at_a_.Apply(command::Remove{a_});
    at_b_.Apply(command::Remove{b_});
    at_a_.RunFor(1ms);
    at_a_.Events();
    at_b_.Events();
  }

  void ExpectMovedWithoutATransition() {
    EXPECT_EQ(a_->machine.state, State::kMaster);
    EXPECT_EQ(b_->machine.state, State::kBackup);
    EXPECT_EQ(a_->counters.became_master.value(), 1u);
    EXPECT_EQ(b_->counters.became_master.value(), 0u);
    EXPECT_THAT(heard_[kOldVrid], testing::IsEmpty());
    EXPECT_GE(heard_[kNewVrid].size(), 3u);
    EXPECT_EQ(a_->config.vrid, kNewVrid);
    for (const TestShard* t : {&at_a_, &at_b_}) {
      for (const DropReasonInfo& row : AllDropReasons()) {
        if (row.reason == DropReason::kUnknownVrid) continue;
        EXPECT_EQ(t->drops(row.reason), 0u) << row.name;
      }
    }
  }

  SequenceRecord of_a_, of_b_;  // declared before the shards, whose goodbyes still write them
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

// The adverts of each VRID have separate numbers, so that neither is a replay of the other.
TEST_F(NextVridTest, MovesAPairWithAh) {
  Start(AhConfig(of_a_), AhConfig(of_b_));
  Move();
  ExpectMovedWithoutATransition();
}

// V3-12, V3-51, V3-52: each advert is sent from the virtual MAC of its VRID, and after the move hosts learn the new
// MAC.
TEST_F(NextVridTest, MovesAPairWithVirtualMacs) {
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    const auto config = [family] {
      VirtualRouterConfig c = V3Config(family);
      c.source_mac = VirtualMac(family, kOldVrid);
      return c;
    };
    const auto announces = [&](Vrid vrid) -> testing::Matcher<const Sent&> {
      const MacAddress mac = VirtualMac(family, vrid);
      if (family == Family::kIpv4) return IsGratuitousArp(a_->config.addresses[0], mac);
      return IsUnsolicitedNa(a_->config.addresses[0], mac);
    };
    NextVridTest::Start(config(), config());
    Speak(at_a_, *a_, kNewVrid);
    heard_.clear();
    Run(4s);
    for (const Vrid vrid : {kOldVrid, kNewVrid}) {
      ASSERT_GE(heard_[vrid].size(), 3u);
      for (const SeenAdvert& advert : heard_[vrid]) EXPECT_EQ(advert.source_mac, VirtualMac(family, vrid));
    }
    at_a_.Announce(*a_, 0, 1);
    EXPECT_THAT(at_a_.Transmit(), testing::ElementsAre(announces(kOldVrid)));
    Move();
    ExpectMovedWithoutATransition();
    for (const SeenAdvert& advert : heard_[kNewVrid]) EXPECT_EQ(advert.source_mac, VirtualMac(family, kNewVrid));
    at_a_.Announce(*a_, 0, 1);
    EXPECT_THAT(at_a_.Transmit(), testing::ElementsAre(announces(kNewVrid)));
    RemoveBoth();
  }
}

TEST_F(NextVridTest, WithCoexistenceTheVrrpV2CopyComesFromTheNewMacToo) {
  const auto config = [] {
    VirtualRouterConfig c = V3Config();
    c.source_mac = VirtualMac(Family::kIpv4, kOldVrid);
    c.v2_coexistence = true;
    return c;
  };
  Start(config(), config());
  Move();
  std::set<int> versions;
  for (const SeenAdvert& advert : heard_[kNewVrid]) {
    versions.insert(advert.version);
    EXPECT_EQ(advert.source_mac, VirtualMac(Family::kIpv4, kNewVrid));
  }
  EXPECT_EQ(versions, (std::set{2, 3}));
}

TEST_F(NextVridTest, ContinuesAboveFormerNumbersOfTheNextVrid) {
  Start(AhConfig(of_a_), AhConfig(of_b_));
  Speak(at_a_, *a_, kNewVrid, 7000);
  Run(2s);
  ASSERT_FALSE(heard_[kNewVrid].empty());
  EXPECT_GT(heard_[kNewVrid][0].sequence, 7000u);
}

TEST_F(NextVridTest, AGoodbyeIsSentForBothVrids) {
  Start(BackupConfig(), BackupConfig());
  Speak(at_a_, *a_, kNewVrid);
  Run(2s);
  heard_.clear();
  at_a_.Apply(command::Remove{a_});
  Run(100ms);
  ASSERT_EQ(heard_[kOldVrid].size(), 1u);
  ASSERT_EQ(heard_[kNewVrid].size(), 1u);
  EXPECT_EQ(heard_[kNewVrid][0].priority, 0);
  EXPECT_THAT(at_a_.Events(), testing::Not(testing::IsEmpty()));
}

TEST_F(NextVridTest, AMoveCanBeAborted) {
  Start(BackupConfig(), BackupConfig());
  Speak(at_a_, *a_, kNewVrid);
  Run(2s);
  at_a_.Apply(command::StopNextVrid{a_});
  heard_.clear();
  Run(4s);
  EXPECT_THAT(heard_[kNewVrid], testing::IsEmpty());
  EXPECT_GE(heard_[kOldVrid].size(), 3u);
  EXPECT_EQ(a_->counters.became_master.value(), 1u);
}

// When a port goes down and up again, each router is handled once, even if it has two VRIDs.
TEST_F(NextVridTest, IsOneRouterToItsPort) {
  Start(BackupConfig(), BackupConfig());
  Speak(at_a_, *a_, kNewVrid);
  at_a_.Apply(command::PortDown{PortId(0)});
  at_a_.Apply(command::PortUp{PortId(0)});
  EXPECT_EQ(a_->machine.state, State::kBackup);
  EXPECT_EQ(at_a_.Events().size(), 1u);  // Master to Backup, reported once
}

}  // namespace
}  // namespace dpvrrp
