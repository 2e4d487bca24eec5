// SPDX-License-Identifier: BSD-3-Clause
#include "gen/pacer.h"

#include <gtest/gtest.h>

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;

constexpr Instant kPacerStart{1000s};

TEST(PacerTest, SpreadsAPeriodEvenly) {
  const Pacer pacer(kPacerStart, 1s, 4);
  EXPECT_EQ(pacer.TimeOf(0), kPacerStart);
  EXPECT_EQ(pacer.TimeOf(1), kPacerStart + 250ms);
  EXPECT_EQ(pacer.TimeOf(9), kPacerStart + 2250ms);
}

TEST(PacerTest, CountsAFrameFromItsOwnTimeOn) {
  for (const uint64_t rate : {uint64_t{1}, uint64_t{3}, uint64_t{7}, uint64_t{1000}, uint64_t{12'345'679}}) {
    const Pacer pacer(kPacerStart, 1s, rate);
    for (const uint64_t n : {uint64_t{0}, uint64_t{1}, uint64_t{2}, rate - 1, rate, rate + 1, 100 * rate + rate / 2}) {
      EXPECT_GT(pacer.DueBy(pacer.TimeOf(n)), n) << rate;
      EXPECT_LE(pacer.DueBy(pacer.TimeOf(n) - 1ns), n) << rate;
    }
  }
}

TEST(PacerTest, HasNothingDueBeforeItsStart) {
  EXPECT_EQ(Pacer(kPacerStart, 1s, 10).DueBy(kPacerStart - 1ns), 0u);
  EXPECT_EQ(Pacer(kPacerStart, 1s, 0).DueBy(kPacerStart - 1ns), 0u);
}

TEST(PacerTest, HasEverythingDueWithoutARate) { EXPECT_EQ(Pacer(kPacerStart, 1s, 0).DueBy(kPacerStart), UINT64_MAX); }

}  // namespace
}  // namespace dpvrrp
