// SPDX-License-Identifier: BSD-3-Clause
//
// The number of our next advert.
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

// keepalived.md 1.6: its peers drop an advert whose number is not above the highest from any sender.
TEST_F(SequenceTest, TowardsKeepalivedOursIsAboveTheHighestAuthenticated) {
  t_.Apply(command::Takeover{&Add()});
  EXPECT_THAT(t_.Transmit(), ElementsAre(Ours(1)));
  Hear(500);
  Hear(480);
  EXPECT_THAT(t_.RunFor(2100ms), ElementsAre(Ours(501), Ours(502)));
  Hear(0xffffff00, 50, true);  // not authentic
  EXPECT_THAT(t_.RunFor(1s), ElementsAre(Ours(503)));
}

TEST_F(SequenceTest, WithTheRfc4302RuleOurNumbersIgnoreThePeers) {
  t_.Apply(command::Takeover{&Add(IcvRule::kRfc4302)});
  ASSERT_EQ(Hear(500), DropReason::kNone);
  EXPECT_THAT(t_.RunFor(2100ms), ElementsAre(Ours(1), Ours(2), Ours(3)));
}

// This includes adverts that we refused for their content: all routers have heard their number.
TEST_F(SequenceTest, TheNumberOfAnyAuthenticAdvertCounts) {
  t_.Apply(command::Takeover{&Add()});
  t_.Receive(AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = 70, .interval = 9}.Build());
  EXPECT_THAT(t_.Transmit(), ElementsAre(Ours(71)));
}

// Conformance AH-25: no wrap; silence, counted.
TEST_F(SequenceTest, AfterTheLastNumberNothingIsSent) {
  record_.sent = 0xfffffffd;
  VirtualRouter& router = Add();
  EXPECT_THAT(t_.RunFor(10s), ElementsAre(Ours(0xfffffffe), Ours(0xffffffff)));
  EXPECT_EQ(router.counters.sequence_exhausted.value(), 5u);
  EXPECT_EQ(router.counters.adverts_sent.value(), 2u);
  EXPECT_EQ(record_.sent, 0xffffffff);
}

TEST_F(SequenceTest, AnExhaustedRouterDoesNotStopTheOthers) {
  record_.sent = 0xffffffff;
  t_.Apply(command::Takeover{&Add()});
  VirtualRouterConfig config = BackupConfig();
  config.vrid = Vrid(52);
  t_.Apply(command::Takeover{&t_.Add(std::move(config))});
  EXPECT_THAT(t_.Transmit(), ElementsAre(IsAdvert(Vrid(52), Priority(100))));
}

// A gateway with the key that cannot hear us has its own numbers, far below ours. keepalived's shared counter drops its
// adverts, and we must not obey it either, at any priority.
TEST_F(SequenceTest, ASenderThatCannotHearTheGroupIsNotObeyed) {
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
  EXPECT_EQ(stale(497, 100), DropReason::kNone);  // 3 behind: two masters that have not yet heard each other
  EXPECT_EQ(router.senders.senders().size(), 2u);
}

TEST_F(SequenceTest, TheNumbersOfALoneMasterAreTheGroups) {
  record_.sent = 500;
  VirtualRouter& router = Add();
  // No peer was heard in this run, and peers may not have heard the adverts of the last run.
  ASSERT_EQ(Hear(12, 50), DropReason::kNone);
  t_.Apply(command::Takeover{&router});
  ASSERT_THAT(t_.Transmit(), ElementsAre(Ours(501)));
  EXPECT_EQ(Hear(13, 200), DropReason::kBehindGroup);
  EXPECT_EQ(router.machine.state, State::kMaster);
}

TEST_F(SequenceTest, WithTheRfc4302RuleEachSenderHasItsOwnNumbers) {
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

// The number is taken when the advert is written, so a withdrawn advert skips no number.
TEST_F(SequenceTest, AWithdrawnAdvertUsesNoNumber) {
  VirtualRouter& router = Add(IcvRule::kRfc4302);
  t_.Apply(command::Takeover{&router});
  Hear(1, 200);
  EXPECT_THAT(t_.Transmit(), IsEmpty());
  EXPECT_EQ(record_.sent, 0u);
}

}  // namespace
}  // namespace dpvrrp
