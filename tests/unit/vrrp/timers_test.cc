// SPDX-License-Identifier: BSD-3-Clause
#include "vrrp/timers.h"

#include <gtest/gtest.h>

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds Cs(int n) { return Centiseconds(n); }

// Conformance V2-09: RFC 3768's skew is a share of one second, whatever the interval.
TEST(TimersV2Test, ReferenceValuesMatch) {
  EXPECT_EQ(SkewTime(VrrpVersion::kV2, Priority(100), 1s), 609375us);
  EXPECT_EQ(SkewTime(VrrpVersion::kV2, Priority(100), 10s), 609375us);
  EXPECT_EQ(MasterDownInterval(VrrpVersion::kV2, Priority(100), 1s), 3609375us);
  EXPECT_EQ(MasterDownInterval(VrrpVersion::kV2, Priority(100), 10s), 30609375us);
  EXPECT_EQ(MasterDownInterval(VrrpVersion::kV2, Priority(1), 255s), 765996093750ns);
  EXPECT_EQ(SkewTime(VrrpVersion::kV2, Priority(255), 1s), 3906250ns);
}

// Conformance A3's table: priority, master's interval in centiseconds, skew and down interval in nanoseconds.
TEST(TimersV3Test, ReferenceValuesMatch) {
  const struct {
    int priority, interval_cs;
    int64_t skew_ns, down_ns;
  } kTable[] = {
      {100, 100, 609375000, 3609375000},     {100, 10, 60937500, 360937500}, {100, 1, 6093750, 36093750},
      {254, 100, 7812500, 3007812500},       {254, 1, 78125, 30078125},      {1, 100, 996093750, 3996093750},
      {200, 4095, 8957812500, 131807812500}, {255, 1, 39062, 30039062},  // 39062.5 and 30039062.5, cut
  };
  for (const auto& row : kTable) {
    const Priority priority(static_cast<uint8_t>(row.priority));
    EXPECT_EQ(SkewTime(VrrpVersion::kV3, priority, Cs(row.interval_cs)).count(), row.skew_ns) << row.priority;
    EXPECT_EQ(MasterDownInterval(VrrpVersion::kV3, priority, Cs(row.interval_cs)).count(), row.down_ns) << row.priority;
  }
}

// At 10 ms intervals every priority still has a different skew, and a higher one waits less.
TEST(TimersV3Test, NoTwoPrioritiesTieAtTheShortestInterval) {
  for (int p = 1; p < 255; ++p) {
    EXPECT_GT(SkewTime(VrrpVersion::kV3, Priority(static_cast<uint8_t>(p)), Cs(1)),
              SkewTime(VrrpVersion::kV3, Priority(static_cast<uint8_t>(p + 1)), Cs(1)));
  }
}

}  // namespace
}  // namespace dpvrrp
