// SPDX-License-Identifier: BSD-3-Clause
//
// Who is verified when more comes than the lcore can verify.
#include "pipeline/flood_order.h"

#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

constexpr size_t kAll = kMaxBurst;

TEST(FloodOrderTest, EveryoneIsVerifiedUntilTheRingHasBeenFullTwice) {
  FloodOrder order;
  for (uint32_t i = 1; i < FloodOrder::kPatience; ++i) EXPECT_EQ(order.UnlikelyAllowed(PortId(0), kMaxBurst), kAll);
  EXPECT_EQ(order.UnlikelyAllowed(PortId(0), kMaxBurst), FloodOrder::kUnlikelyABurst);
  EXPECT_EQ(order.UnlikelyAllowed(PortId(0), kMaxBurst), FloodOrder::kUnlikelyABurst);
}

TEST(FloodOrderTest, ABurstThatIsNotFullEndsTheFlood) {
  FloodOrder order;
  for (uint32_t i = 0; i < FloodOrder::kPatience; ++i) order.UnlikelyAllowed(PortId(0), kMaxBurst);
  EXPECT_EQ(order.UnlikelyAllowed(PortId(0), kMaxBurst - 1), kAll);
  EXPECT_EQ(order.UnlikelyAllowed(PortId(0), kMaxBurst), kAll);
}

TEST(FloodOrderTest, AnotherPortsTrafficNeitherStartsNorEndsIt) {
  FloodOrder order;
  for (uint32_t i = 0; i < FloodOrder::kPatience; ++i) {
    order.UnlikelyAllowed(PortId(0), kMaxBurst);
    EXPECT_EQ(order.UnlikelyAllowed(PortId(1), 1), kAll);
  }
  EXPECT_EQ(order.UnlikelyAllowed(PortId(0), kMaxBurst), FloodOrder::kUnlikelyABurst);
}

class FloodTest : public testing::Test {
 protected:
  FloodTest() {
    t_.Add(AhConfig(record_));
    EXPECT_EQ(t_.Receive(Advert(10)), DropReason::kNone);  // 10.99.0.1 is known
    Burst({});
    while (t_.drops(DropReason::kUnverified) == 0) Burst({});
  }

  static Bytes Advert(uint32_t sequence, bool forged = false, uint32_t source = 0x0a630001) {
    return AdvertFrame{.source = IpAddress::V4(source),
                       .key = KeepalivedKey("s3cr3t"),
                       .sequence = sequence,
                       .forged = forged,
                       .priority = 150}
        .Build();
  }
  // A full burst of a stranger's forged adverts, and these at its end.
  void Burst(const std::vector<Bytes>& last) {
    std::vector<Bytes> frames;
    while (frames.size() + last.size() < kMaxBurst) frames.push_back(Advert(1, true, 0x0a6300fe));
    frames.insert(frames.end(), last.begin(), last.end());
    t_.ReceiveBurst(frames);
  }
  uint64_t accepted() const { return t_.shard->counters().adverts_accepted.value(); }

  SequenceRecord record_;
  TestShard t_;
};

TEST_F(FloodTest, TheNeighboursNextAdvertIsVerifiedHoweverManyCameBeforeIt) {
  const uint64_t before = accepted();
  Burst({Advert(11)});
  Burst({Advert(12), Advert(13)});
  Burst({Advert(13 + 1000)});  // many were lost
  EXPECT_EQ(accepted() - before, 4u);
}

TEST_F(FloodTest, OfTheRestAFewABurstAreVerifiedAndEachOfTheOthersIsCounted) {
  const uint64_t unverified = t_.drops(DropReason::kUnverified);
  const uint64_t bad = t_.drops(DropReason::kBadIcv);
  Burst({Advert(11)});
  EXPECT_EQ(t_.drops(DropReason::kBadIcv) - bad, FloodOrder::kUnlikelyABurst);
  EXPECT_EQ(t_.drops(DropReason::kUnverified) - unverified, kMaxBurst - 1 - FloodOrder::kUnlikelyABurst);
}

TEST_F(FloodTest, AForgedNumberFarAheadIsUnlikelyAndDoesNotCrowdOutTheNext) {
  Burst({Advert(50000, true), Advert(11)});
  EXPECT_GE(t_.drops(DropReason::kUnverified), 1u);
  EXPECT_EQ(t_.Receive(Advert(11)), DropReason::kReplayed);  // it was accepted
}

TEST_F(FloodTest, ANewNeighbourGetsInAmongTheFew) {
  const uint64_t before = accepted();
  std::vector<Bytes> frames{Advert(1, false, 0x0a630003)};
  while (frames.size() < kMaxBurst) frames.push_back(Advert(1, true, 0x0a6300fe));
  t_.ReceiveBurst(frames);
  EXPECT_EQ(accepted() - before, 1u);
}

// Started into a flood, a backup must not take over for want of having heard its master.
TEST_F(FloodTest, ABackupThatHasNotHeardItsMasterVerifiesEveryone) {
  SequenceRecord record;
  VirtualRouterConfig config = AhConfig(record);
  config.vrid = Vrid(52);
  VirtualRouter& starting = t_.Add(std::move(config));
  const auto to_it = [](uint32_t sequence, bool forged, uint32_t source) {
    return AdvertFrame{.source = IpAddress::V4(source),
                       .key = KeepalivedKey("s3cr3t"),
                       .sequence = sequence,
                       .forged = forged,
                       .vrid = 52}
        .Build();
  };
  const Bytes flood = to_it(1, true, 0x0a6300fe);
  Burst({flood, flood, flood, flood, flood, flood, flood, flood, flood, to_it(1, false, 0x0a630001)});
  EXPECT_EQ(starting.counters.adverts_received.value(), 1u);
  EXPECT_EQ(Drops(starting, DropReason::kUnverified), 0u);
  // From now on the flood to it is skipped like any other.
  Burst({flood, flood, to_it(2, false, 0x0a630001)});
  EXPECT_EQ(starting.counters.adverts_received.value(), 2u);
  EXPECT_EQ(Drops(starting, DropReason::kUnverified), 2u);
}

TEST_F(FloodTest, WhenItIsOverEveryoneIsVerifiedAgain) {
  EXPECT_EQ(t_.Receive(Advert(50000, true)), DropReason::kBadIcv);
}

}  // namespace
}  // namespace dpvrrp
