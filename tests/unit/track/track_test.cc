// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "track/change_limit.h"
#include "track/damper.h"
#include "track/effect.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart{1000s};

TEST(Damper, TheFirstObservationDecidesAtOnce) {
  Damper damper({.rise = 3, .fall = 3, .up_delay = 5s, .down_delay = 5s}, std::nullopt);
  EXPECT_FALSE(damper.is_up().has_value());
  EXPECT_TRUE(damper.Observe(true, kStart));
  EXPECT_EQ(damper.is_up(), true);
}

TEST(Damper, FallBadObservationsInARowMakeItDown) {
  Damper damper({.rise = 2, .fall = 3}, true);
  EXPECT_FALSE(damper.Observe(false, kStart));
  EXPECT_FALSE(damper.Observe(false, kStart + 1s));
  EXPECT_FALSE(damper.Observe(true, kStart + 2s)) << "a good one begins the count again";
  EXPECT_FALSE(damper.Observe(false, kStart + 3s));
  EXPECT_FALSE(damper.Observe(false, kStart + 4s));
  EXPECT_TRUE(damper.Observe(false, kStart + 5s));
  EXPECT_EQ(damper.is_up(), false);
  EXPECT_FALSE(damper.Observe(true, kStart + 6s));
  EXPECT_TRUE(damper.Observe(true, kStart + 7s));
  EXPECT_EQ(damper.is_up(), true);
}

TEST(Damper, AChangeMustLastForItsDelay) {
  Damper damper({.up_delay = 3s, .down_delay = 1s}, true);
  EXPECT_FALSE(damper.Observe(false, kStart));
  EXPECT_EQ(damper.NextDeadline(), kStart + 1s);
  EXPECT_FALSE(damper.Observe(false, kStart + 500ms)) << "the delay does not begin again";
  EXPECT_EQ(damper.NextDeadline(), kStart + 1s);
  EXPECT_FALSE(damper.OnTime(kStart + 999ms));
  EXPECT_TRUE(damper.OnTime(kStart + 1s));
  EXPECT_EQ(damper.is_up(), false);
  EXPECT_EQ(damper.NextDeadline(), kNever);

  EXPECT_FALSE(damper.Observe(true, kStart + 2s));
  EXPECT_FALSE(damper.Observe(false, kStart + 4s)) << "undone in time";
  EXPECT_EQ(damper.NextDeadline(), kNever);
  EXPECT_FALSE(damper.OnTime(kStart + 10s));
}

TEST(ChangeLimit, PermitsSoManyInEverySecond) {
  ChangeLimit limit;
  for (size_t i = 0; i < ChangeLimit::kMost; ++i) EXPECT_TRUE(limit.Take(kStart + i * 10ms));
  EXPECT_FALSE(limit.Take(kStart + 900ms));
  EXPECT_EQ(limit.NextFree(), kStart + 1s);
  EXPECT_TRUE(limit.Take(kStart + 1s));
  EXPECT_FALSE(limit.Take(kStart + 1s)) << "the second change was 990 ms ago";
  EXPECT_TRUE(limit.Take(kStart + 1010ms));
}

// keepalived.md section 3.2: vrrp_script and track_file.
TEST(TrackEffect, WithoutAWeightFailureIsAFault) {
  EXPECT_EQ(EffectOf(TrackValue::Of(true), {}, false), TrackEffect{});
  EXPECT_EQ(EffectOf(TrackValue::Of(false), {}, false), TrackEffect{.fault = true});
  EXPECT_EQ(EffectOf(TrackValue::Of({}), {}, false), TrackEffect{.unknown = true});
  EXPECT_EQ(EffectOf({TrackValue::Kind::kNumber, 0}, {}, false), TrackEffect{});
  EXPECT_EQ(EffectOf({TrackValue::Kind::kNumber, 1}, {}, false), TrackEffect{.fault = true});
}

TEST(TrackEffect, APositiveWeightCountsWhileUpANegativeOneWhileDown) {
  EXPECT_EQ(EffectOf(TrackValue::Of(true), 2, false).weight, 2);
  EXPECT_EQ(EffectOf(TrackValue::Of(false), 2, false).weight, 0);
  EXPECT_EQ(EffectOf(TrackValue::Of(true), -20, false).weight, 0);
  EXPECT_EQ(EffectOf(TrackValue::Of(false), -20, false).weight, -20);
  EXPECT_EQ(EffectOf(TrackValue::Of({}), 2, false), TrackEffect{});
  EXPECT_EQ(EffectOf(TrackValue::Of({}), -2, true), TrackEffect{});
}

TEST(TrackEffect, ReverseExchangesUpAndDown) {
  EXPECT_EQ(EffectOf(TrackValue::Of(true), {}, true), TrackEffect{.fault = true});
  EXPECT_EQ(EffectOf(TrackValue::Of(false), {}, true), TrackEffect{});
  EXPECT_EQ(EffectOf(TrackValue::Of(true), 2, true).weight, 0);
  EXPECT_EQ(EffectOf(TrackValue::Of(false), 2, true).weight, 2);
  EXPECT_EQ(EffectOf(TrackValue::Of(true), -2, true).weight, -2);
}

TEST(TrackEffect, ANumberIsMultipliedAndClamped) {
  EXPECT_EQ(EffectOf({TrackValue::Kind::kNumber, 7}, 3, false).weight, 21);
  EXPECT_EQ(EffectOf({TrackValue::Kind::kNumber, 7}, 3, true).weight, -21);
  EXPECT_EQ(EffectOf({TrackValue::Kind::kNumber, 254}, 253, false).weight, 253);
  EXPECT_EQ(EffectOf({TrackValue::Kind::kNumber, 254}, -253, false).weight, -253);
}

}  // namespace
}  // namespace dpvrrp
