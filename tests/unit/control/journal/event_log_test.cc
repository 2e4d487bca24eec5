// SPDX-License-Identifier: BSD-3-Clause
#include "control/journal/event_log.h"

#include <gtest/gtest.h>

namespace dpvrrp {
namespace {

TEST(EventLogTest, KeepsTheLatestEventsAndContinuesTheirNumbers) {
  EventLog log;
  for (size_t i = 0; i < EventLog::kDefaultCapacity + 10; ++i) log.Add(LogEvent{});
  EXPECT_EQ(log.events().size(), EventLog::kDefaultCapacity);
  EXPECT_EQ(log.events().front().number, 11u);
  EXPECT_EQ(log.events().back().number, EventLog::kDefaultCapacity + 10);
}

// Programs resume by number.
TEST(EventLogTest, TheNumbersOfTheNextRunAreHigher) {
  SequenceRecord record;
  for (const uint64_t first : {1, 4}) {
    EventLog log;
    log.ContinueIn(record);
    EXPECT_EQ(log.last_number(), first - 1);
    for (uint64_t n = first; n < first + 3; ++n) EXPECT_EQ(log.Add(LogEvent{}).number, n);
  }
  EXPECT_GT(record.sent, UINT32_MAX) << "no number of AH";
}

TEST(EventLogTest, ItsSizeCanChange) {
  EventLog log;
  log.SetCapacity(300);
  for (size_t i = 0; i < 1000; ++i) log.Add(LogEvent{});
  EXPECT_EQ(log.events().size(), 300u);
  log.SetCapacity(256);
  EXPECT_EQ(log.events().size(), 256u);
  EXPECT_EQ(log.events().back().number, 1000u);
  log.SetCapacity(1000);
  log.Add(LogEvent{});
  EXPECT_EQ(log.events().size(), 257u);
}

// docs/config.md states 300 bytes, including text that is too long for the string objects.
TEST(EventLogTest, AnEventIsSmall) { EXPECT_LE(sizeof(LogEvent), 220u); }

TEST(EventLogTest, TimesAreUtcToTheMillisecond) {
  EXPECT_EQ(FormatTime(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatTime(1'700'000'000'007), "2023-11-14T22:13:20.007Z");
}

}  // namespace
}  // namespace dpvrrp
