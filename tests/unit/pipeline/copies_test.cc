// SPDX-License-Identifier: BSD-3-Clause
//
// An advert that is sent in several frames: one to each unicast peer, or one of each version.
#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

VirtualRouterConfig UnicastConfig() {
  VirtualRouterConfig config = V3Config();
  config.unicast_peers = {{.address = Ip("10.99.0.1"), .next_hop = Ip("10.99.0.1")},
                          {.address = Ip("10.99.0.3"), .next_hop = Ip("10.99.0.3")}};
  return config;
}

// The adverts of a burst with room for this many frames.
std::vector<SeenAdvert> Adverts(TestShard& t, size_t room) {
  std::vector<SeenAdvert> adverts;
  for (const Sent& sent : t.Transmit(room)) {
    if (const std::optional<SeenAdvert> advert = SeeAdvert(sent.frame)) adverts.push_back(*advert);
  }
  return adverts;
}

class CopiesTest : public testing::Test {
 protected:
  void Start(VirtualRouterConfig config) {
    router_ = &t_.Add(std::move(config));
    t_.RunFor(1ms);  // requests for the peers' MACs
    t_.ResolvePeers(*router_);
    t_.Apply(command::Takeover{router_});
  }

  SequenceRecord record_;
  TestShard t_;
  VirtualRouter* router_ = nullptr;
};

TEST_F(CopiesTest, AreSpreadOverSeveralSmallBursts) {
  Start(UnicastConfig());
  const std::vector<SeenAdvert> first = Adverts(t_, 1), second = Adverts(t_, 1);
  ASSERT_EQ(first.size(), 1u);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(first[0].destination, Ip("10.99.0.1"));
  EXPECT_EQ(second[0].destination, Ip("10.99.0.3"));
  EXPECT_EQ(first[0].ip_id, second[0].ip_id);
  EXPECT_THAT(Adverts(t_, 8), testing::IsEmpty());
}

TEST_F(CopiesTest, AGoodbyeReachesAllPeersAfterAnIncompleteAdvert) {
  Start(UnicastConfig());
  ASSERT_EQ(Adverts(t_, 1).size(), 1u);
  t_.Apply(command::Resign{router_});
  const std::vector<SeenAdvert> goodbye = Adverts(t_, 8);
  ASSERT_EQ(goodbye.size(), 2u);
  EXPECT_EQ(goodbye[0].destination, Ip("10.99.0.1"));
  EXPECT_EQ(goodbye[1].destination, Ip("10.99.0.3"));
  for (const SeenAdvert& advert : goodbye) EXPECT_EQ(advert.priority, 0);
}

TEST_F(CopiesTest, RemainingCopiesAreWithdrawnWithMastership) {
  Start(UnicastConfig());
  ASSERT_EQ(Adverts(t_, 1).size(), 1u);
  t_.Receive(AdvertFrame{.destination = Ip("10.99.0.2"), .version = 3}.Build());
  ASSERT_EQ(router_->machine.state, State::kBackup);
  EXPECT_THAT(Adverts(t_, 8), testing::IsEmpty());
}

TEST_F(CopiesTest, ARouterIsReturnedAfterEveryCopyOfItsGoodbyeIsSent) {
  Start(UnicastConfig());
  Adverts(t_, 8);
  t_.Apply(command::Remove{router_});
  EXPECT_EQ(Adverts(t_, 1).size(), 1u);
  t_.Events();
  EXPECT_EQ(t_.routers.size(), 1u);
  EXPECT_EQ(Adverts(t_, 1).size(), 1u);
  t_.Events();
  EXPECT_TRUE(t_.routers.empty());
}

TEST_F(CopiesTest, ARouterWithoutAKnownPeerIsReturnedToo) {
  router_ = &t_.Add(UnicastConfig());
  t_.Apply(command::Takeover{router_});
  t_.Apply(command::Remove{router_});
  EXPECT_THAT(Adverts(t_, 8), testing::IsEmpty());
  t_.Events();
  EXPECT_TRUE(t_.routers.empty());
}

// AH-25: no copy is sent without a number.
TEST_F(CopiesTest, WithoutANumberNoneIsSent) {
  VirtualRouterConfig config = AhConfig(record_);
  config.unicast_peers = UnicastConfig().unicast_peers;
  Start(std::move(config));
  EXPECT_EQ(Adverts(t_, 8).size(), 2u);
  t_.Receive(AdvertFrame{.destination = Ip("10.99.0.2"),
                         .key = KeepalivedKey("s3cr3t"),
                         .rule = IcvRule::kRfc4302,
                         .sequence = 0xffffffff,
                         .priority = 50}
                 .Build());
  ASSERT_EQ(router_->senders.highest(), 0xffffffff);
  const uint64_t sent = router_->counters.adverts_sent.value();
  t_.RunFor(1500ms);
  EXPECT_EQ(router_->counters.adverts_sent.value(), sent);
  EXPECT_EQ(router_->counters.sequence_exhausted.value(), 1u);
}

// V3-141: a goodbye is not sent in one version only.
TEST_F(CopiesTest, AGoodbyeIsSentInBothVersions) {
  VirtualRouterConfig config = V3Config();
  config.v2_coexistence = true;
  Start(std::move(config));
  ASSERT_EQ(Adverts(t_, 1).size(), 1u);
  t_.Apply(command::Resign{router_});
  const std::vector<SeenAdvert> goodbye = Adverts(t_, 8);
  ASSERT_EQ(goodbye.size(), 2u);
  EXPECT_EQ(goodbye[0].version, 3);
  EXPECT_EQ(goodbye[1].version, 2);
}

}  // namespace
}  // namespace dpvrrp
