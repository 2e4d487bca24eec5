// SPDX-License-Identifier: BSD-3-Clause
//
// Too few buffers: due frames wait, and none is lost or starved.
#include <gtest/gtest.h>

#include <map>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

using testing::IsEmpty;

class BackpressureTest : public testing::Test {
 protected:
  // 300 routers on two ports whose timers fall due at the same moment; every third without authentication, so that
  // signed and unsigned adverts take turns in a burst.
  void SetUp() override {
    for (int i = 0; i < kRouters; ++i) {
      VirtualRouterConfig config = i % 3 == 0 ? BackupConfig() : AhConfig(records_[static_cast<size_t>(i)]);
      config.id = InstanceId(static_cast<uint32_t>(i));
      config.port = PortId(static_cast<uint16_t>(i / 200));
      config.vrid = Vrid(static_cast<uint8_t>(i % 200 + 1));
      t_.Add(std::move(config));
    }
  }

  static constexpr int kRouters = 300;
  std::array<SequenceRecord, kRouters> records_;
  TestShard t_;
};

TEST_F(BackpressureTest, ThreeHundredDueAtOnceAreSentOnceEach) {
  t_.now += 3609375us + kTimerTick;
  std::map<std::pair<PortId, uint8_t>, int> seen;
  size_t bursts = 0;
  for (const size_t room : {64u, 1u, 7u, 64u, 0u, 64u, 64u, 64u}) {
    for (const Sent& sent : t_.Transmit(room)) {
      const std::optional<SeenAdvert> advert = SeeAdvert(sent.frame);
      ASSERT_TRUE(advert.has_value()) << ToHex(sent.frame);
      ++seen[{sent.port, advert->vrid}];
      if (advert->sequence.has_value()) {
        EXPECT_EQ(advert->icv, ReferenceIcv(std::span(sent.frame).subspan(14), KeepalivedKey("s3cr3t"),
                                            MacAlgorithm::kHmacMd5_96, IcvRule::kKeepalived));
      }
    }
    ++bursts;
    if (seen.size() < kRouters) {
      EXPECT_LE(t_.shard->NextDeadline(), t_.now) << bursts;
    }
  }
  EXPECT_EQ(seen.size(), static_cast<size_t>(kRouters));
  for (const auto& [who, times] : seen) EXPECT_EQ(times, 1);
  EXPECT_THAT(t_.Transmit(), IsEmpty());
  EXPECT_GT(t_.shard->NextDeadline(), t_.now);
}

TEST_F(BackpressureTest, ABurstLargerThanTheScratchIsFilledInParts) {
  t_.now += 3609375us + kTimerTick;
  size_t sent = 0;
  for (int i = 0; i < 10; ++i) sent += t_.Transmit(200).size();
  EXPECT_EQ(sent, static_cast<size_t>(kRouters));
}

TEST_F(BackpressureTest, WithoutBuffersNothingIsLost) {
  t_.now += 10s;
  for (int i = 0; i < 100; ++i) EXPECT_THAT(t_.Transmit(0), IsEmpty());
  EXPECT_EQ(t_.RunFor(1ms).size(), static_cast<size_t>(kRouters));
}

// All adverts are sent before any announcement.
TEST_F(BackpressureTest, AnnouncementsDoNotDelayAdverts) {
  t_.RunFor(3700ms);
  for (const auto& router : t_.routers) t_.Announce(*router, 0, 1);
  t_.now += 1s;
  size_t adverts = 0;
  while (adverts < kRouters) {
    const std::vector<Sent> sent = t_.Transmit(60);
    ASSERT_FALSE(sent.empty());
    for (const Sent& s : sent) adverts += SeeAdvert(s.frame).has_value() ? 1u : 0u;
    if (adverts < kRouters) {
      ASSERT_FALSE(SeeArp(sent.front().frame).has_value());
    }
  }
}

}  // namespace
}  // namespace dpvrrp
