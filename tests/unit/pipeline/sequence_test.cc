// SPDX-License-Identifier: BSD-3-Clause
//
// Which number our next advert carries.
#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SequenceTest : public testing::Test {
 protected:
  VirtualRouter& Add(IcvRule rule = IcvRule::kKeepalived) {
    VirtualRouterConfig config = AhConfig(record_);
    config.icv_rule = rule;
    rule_ = rule;
    return t_.Add(std::move(config));
  }
  DropReason Hear(uint32_t sequence, uint8_t priority = 50, bool forged = false) {
    return t_.Receive(AdvertFrame{
        .key = KeepalivedKey("s3cr3t"), .rule = rule_, .sequence = sequence, .forged = forged, .priority = priority}
                          .Build());
  }
  auto Ours(uint32_t sequence) { return IsAhAdvert(Vrid(51), Priority(100), sequence); }

  SequenceRecord record_;
  TestShard t_;
  IcvRule rule_ = IcvRule::kKeepalived;
};

// Conformance AH-24
TEST_F(SequenceTest, CountsFromOne) {
  Add();
  EXPECT_THAT(t_.RunFor(6s), ElementsAre(Ours(1), Ours(2), Ours(3)));
}

// keepalived.md 1.6: its peers drop what is not above the highest they have heard from anybody.
TEST_F(SequenceTest, TowardsKeepalivedOursIsAboveTheHighestAuthenticated) {
  t_.Apply(ShardCommand::Kind::kTakeover, Add());
  EXPECT_THAT(t_.Transmit(), ElementsAre(Ours(1)));
  Hear(500);
  Hear(480);
  EXPECT_THAT(t_.RunFor(2100ms), ElementsAre(Ours(501), Ours(502)));
  Hear(0xffffff00, 50, true);  // nobody's word
  EXPECT_THAT(t_.RunFor(1s), ElementsAre(Ours(503)));
}

TEST_F(SequenceTest, WithTheRfc4302RuleOursFollowsNobody) {
  t_.Apply(ShardCommand::Kind::kTakeover, Add(IcvRule::kRfc4302));
  ASSERT_EQ(Hear(500), DropReason::kNone);
  EXPECT_THAT(t_.RunFor(2100ms), ElementsAre(Ours(1), Ours(2), Ours(3)));
}

// Also for an advert that we did not agree with: its number has been heard by all.
TEST_F(SequenceTest, AnAuthenticNumberCountsWhateverTheAdvertSays) {
  t_.Apply(ShardCommand::Kind::kTakeover, Add());
  t_.Receive(AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = 70, .interval = 9}.Build());
  EXPECT_THAT(t_.Transmit(), ElementsAre(Ours(71)));
}

// Conformance AH-25: no wrap; silence, counted.
TEST_F(SequenceTest, WhenNumbersRunOutNothingIsSent) {
  record_.sent = 0xfffffffd;
  VirtualRouter& router = Add();
  EXPECT_THAT(t_.RunFor(10s), ElementsAre(Ours(0xfffffffe), Ours(0xffffffff)));
  EXPECT_EQ(router.counters.sequence_exhausted.value(), 5u);
  EXPECT_EQ(router.counters.adverts_sent.value(), 2u);
  EXPECT_EQ(record_.sent, 0xffffffff);
}

TEST_F(SequenceTest, AnExhaustedRouterDoesNotStopTheOthers) {
  record_.sent = 0xffffffff;
  t_.Apply(ShardCommand::Kind::kTakeover, Add());
  VirtualRouterConfig config = BackupConfig();
  config.vrid = Vrid(52);
  t_.Apply(ShardCommand::Kind::kTakeover, t_.Add(std::move(config)));
  EXPECT_THAT(t_.Transmit(), ElementsAre(IsAdvert(Vrid(52), Priority(100))));
}

// A gateway that has the key but cannot hear us counts for itself, far below us. keepalived's shared counter drops it,
// and we must not obey it either, whatever its priority.
TEST_F(SequenceTest, WhoCannotHearTheGroupIsNotObeyed) {
  VirtualRouter& router = Add();
  ASSERT_EQ(Hear(500, 150), DropReason::kNone);
  const auto stale = [&](uint32_t sequence, uint8_t priority) {
    return t_.Receive(AdvertFrame{
        .source = Ip("10.99.0.9"), .key = KeepalivedKey("s3cr3t"), .sequence = sequence, .priority = priority}
                          .Build());
  };
  EXPECT_EQ(stale(12, 200), DropReason::kBehindGroup);
  EXPECT_EQ(router.machine.master_address, Ip("10.99.0.1"));
  EXPECT_EQ(stale(496, 200), DropReason::kBehindGroup);
  EXPECT_EQ(stale(497, 100), DropReason::kNone);  // 3 behind: two masters that have not heard each other yet
  EXPECT_EQ(router.senders.senders().size(), 2u);
}

TEST_F(SequenceTest, AMasterAloneCountsAsTheGroup) {
  record_.sent = 500;
  VirtualRouter& router = Add();
  // Nobody has been heard in this run, and what we sent in the last one others need not have heard.
  ASSERT_EQ(Hear(12, 50), DropReason::kNone);
  t_.Apply(ShardCommand::Kind::kTakeover, router);
  ASSERT_THAT(t_.Transmit(), ElementsAre(Ours(501)));
  EXPECT_EQ(Hear(13, 200), DropReason::kBehindGroup);
  EXPECT_EQ(router.machine.state, State::kMaster);
}

TEST_F(SequenceTest, WithTheRfc4302RuleEverySenderCountsForItself) {
  Add(IcvRule::kRfc4302);
  ASSERT_EQ(Hear(500, 150), DropReason::kNone);
  EXPECT_EQ(t_.Receive(AdvertFrame{.source = Ip("10.99.0.9"),
                                   .key = KeepalivedKey("s3cr3t"),
                                   .rule = IcvRule::kRfc4302,
                                   .sequence = 12,
                                   .priority = 200}
                           .Build()),
            DropReason::kNone);
}

// The number is taken when the advert is written, so no number is skipped by one that was withdrawn.
TEST_F(SequenceTest, AWithdrawnAdvertUsesNoNumber) {
  VirtualRouter& router = Add(IcvRule::kRfc4302);
  t_.Apply(ShardCommand::Kind::kTakeover, router);
  Hear(1, 200);
  EXPECT_THAT(t_.Transmit(), IsEmpty());
  EXPECT_EQ(record_.sent, 0u);
}

}  // namespace
}  // namespace dpvrrp
