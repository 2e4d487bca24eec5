// SPDX-License-Identifier: BSD-3-Clause
#include "control/event_log.h"

#include <gtest/gtest.h>

namespace dpvrrp {
namespace {

TEST(EventLogTest, KeepsTheLastAndNumbersGoOn) {
  EventLog log;
  for (size_t i = 0; i < EventLog::kCapacity + 10; ++i) log.Add(LogEvent{});
  EXPECT_EQ(log.events().size(), EventLog::kCapacity);
  EXPECT_EQ(log.events().front().number, 11u);
  EXPECT_EQ(log.events().back().number, EventLog::kCapacity + 10);
}

TEST(EventLogTest, TimesAreUtcToTheMillisecond) {
  EXPECT_EQ(FormatTime(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatTime(1'700'000'000'007), "2023-11-14T22:13:20.007Z");
}

}  // namespace
}  // namespace dpvrrp
