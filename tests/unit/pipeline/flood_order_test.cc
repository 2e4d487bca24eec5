// SPDX-License-Identifier: BSD-3-Clause
//
// The order of verification when more adverts arrive than the lcore can verify.
#include "pipeline/receive/flood_order.h"

#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

constexpr BurstSource kFull{.queue = 0, .full = true};
constexpr BurstSource kNotFull{.queue = 0, .full = false};

FloodOrder Engaged(Instant now) {
  FloodOrder order;
  for (uint32_t i = 0; i < FloodOrder::kPatience; ++i) order.ShareOf(kFull, now);
  return order;
}

TEST(FloodOrderTest, EveryAdvertIsVerifiedUntilTheRingHasBeenFullTwice) {
  FloodOrder order;
  for (uint32_t i = 1; i < FloodOrder::kPatience; ++i) EXPECT_FALSE(order.ShareOf(kFull, kTestStart).engaged);
  EXPECT_TRUE(order.ShareOf(kFull, kTestStart).engaged);
  EXPECT_TRUE(order.ShareOf(kFull, kTestStart).engaged);
}

// Skipping drains the ring. If that ended the order, the next bursts would be verified in full and the ring would
// overflow again.
TEST(FloodOrderTest, TheOrderLastsWhenTheRingBecomesEmpty) {
  FloodOrder order = Engaged(kTestStart);
  EXPECT_TRUE(order.ShareOf(kNotFull, kTestStart).engaged);
  EXPECT_TRUE(order.ShareOf(kNotFull, kTestStart + FloodOrder::kHold - 1ns).engaged);
  EXPECT_FALSE(order.ShareOf(kNotFull, kTestStart + FloodOrder::kHold).engaged);
}

TEST(FloodOrderTest, AnotherQueueNeitherStartsNorEndsIt) {
  FloodOrder order;
  for (uint32_t i = 0; i < FloodOrder::kPatience; ++i) {
    order.ShareOf(kFull, kTestStart);
    EXPECT_FALSE(order.ShareOf({.queue = 1, .full = false}, kTestStart).engaged);
    EXPECT_FALSE(order.ShareOf({.queue = kHandoffQueue, .full = false}, kTestStart).engaged);
  }
  EXPECT_TRUE(order.ShareOf(kNotFull, kTestStart).engaged);
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
  // A full burst of forged adverts of an unknown sender, with these adverts at its end.
  void Burst(const std::vector<Bytes>& last) {
    std::vector<Bytes> frames;
    while (frames.size() + last.size() < kMaxBurst) frames.push_back(Advert(60000, true, 0x0a6300fe));
    frames.insert(frames.end(), last.begin(), last.end());
    t_.ReceiveBurst(frames);
  }
  uint64_t accepted() const { return t_.shard->counters().adverts_accepted.value(); }

  SequenceRecord record_, starting_record_;
  TestShard t_;
};

TEST_F(FloodTest, TheNeighboursNextAdvertIsVerifiedInAFlood) {
  const uint64_t before = accepted();
  Burst({Advert(11)});
  Burst({Advert(12), Advert(13)});
  Burst({Advert(13 + 1000)});  // many were lost
  EXPECT_EQ(accepted() - before, 4u);
}

TEST_F(FloodTest, AFewOtherAdvertsOfEachBurstAreVerifiedAndTheRestIsCounted) {
  const uint64_t unverified = t_.drops(DropReason::kUnverified);
  const uint64_t bad = t_.drops(DropReason::kBadIcv);
  Burst({Advert(11)});
  EXPECT_EQ(t_.drops(DropReason::kBadIcv) - bad, FloodOrder::kUnlikelyABurst);
  EXPECT_EQ(t_.drops(DropReason::kUnverified) - unverified, kMaxBurst - 1 - FloodOrder::kUnlikelyABurst);
}

TEST_F(FloodTest, AForgedNumberFarAheadIsUnlikelyAndDoesNotCrowdOutTheNext) {
  Burst({Advert(50000, true), Advert(11)});
  EXPECT_GE(t_.drops(DropReason::kUnverified), 1u);
  EXPECT_EQ(t_.Receive(Advert(11)), DropReason::kReplayed);  // it was accepted before
}

TEST_F(FloodTest, ANewNeighbourIsVerifiedAmongTheFew) {
  const uint64_t before = accepted();
  std::vector<Bytes> frames{Advert(11, false, 0x0a630003)};
  while (frames.size() < kMaxBurst) frames.push_back(Advert(60000, true, 0x0a6300fe));
  t_.ReceiveBurst(frames);
  EXPECT_EQ(accepted() - before, 1u);
}

// If a backup starts during a flood, it must not take over because it has not yet heard its master.
TEST_F(FloodTest, ABackupThatHasNotHeardItsMasterVerifiesEveryAdvert) {
  VirtualRouterConfig config = AhConfig(starting_record_);
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
  // From now on the flood is skipped for it as for other instances.
  Burst({flood, flood, to_it(2, false, 0x0a630001)});
  EXPECT_EQ(starting.counters.adverts_received.value(), 2u);
  EXPECT_EQ(Drops(starting, DropReason::kUnverified), 2u);
}

// With keepalived's rule the new master continues above the group's highest number, far above its own last number.
TEST_F(FloodTest, AKnownRouterThatTakesOverAfterALongSilenceIsLikely) {
  t_.now += FloodOrder::kHold;
  EXPECT_EQ(t_.Receive(Advert(50000, false, 0x0a630003)), DropReason::kNone);
  for (uint32_t i = 0; i < FloodOrder::kPatience; ++i) Burst({});
  const uint64_t before = accepted();
  Burst({Advert(50001)});  // known at 10
  EXPECT_EQ(accepted() - before, 1u);
}

// An attacker that listens forges the next advert of a known sender. Only that instance is affected.
TEST_F(FloodTest, LikelyForgeriesOfOneInstanceLeaveTimeForTheOthers) {
  std::vector<Bytes> frames;
  while (frames.size() < kMaxBurst) frames.push_back(Advert(11, true));
  const uint64_t bad = t_.drops(DropReason::kBadIcv);
  t_.ReceiveBurst(frames);
  EXPECT_EQ(t_.drops(DropReason::kBadIcv) - bad, FloodOrder::kLikelyOfAnInstance + FloodOrder::kUnlikelyABurst);
}

TEST_F(FloodTest, AfterAFloodEveryAdvertIsVerifiedAgain) {
  t_.now += FloodOrder::kHold;
  EXPECT_EQ(t_.Receive(Advert(50000, true)), DropReason::kBadIcv);
}

}  // namespace
}  // namespace dpvrrp
