// SPDX-License-Identifier: BSD-3-Clause
//
// Replay windows of every size, as SenderTable uses them (conformance section E).
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "ah/sender_table.h"

namespace dpvrrp {
namespace {

const IpAddress kSender = IpAddress::V4(0x0a630001);

class WideWindowTest : public testing::TestWithParam<uint32_t> {
 protected:
  DropReason Take(uint64_t sequence) { return table_.Commit(kSender, sequence, Instant{}); }

  SequenceRecord record_;
  SenderTable table_{record_, GetParam()};
};

// W-11. Bursts, gaps, repetitions and stragglers around the window's edges.
TEST_P(WideWindowTest, IsTheNaiveSetOfSeenNumbers) {
  const uint32_t window = GetParam();
  std::mt19937 random(window);
  std::set<uint64_t> seen;
  uint64_t highest = 0;
  for (int i = 0; i < 200'000; ++i) {
    uint64_t number = 0;
    switch (random() % 8) {
      case 0:
        number = highest + 1 + random() % (2 * window);
        break;
      case 1:
      case 2:
        number = highest + 1;
        break;
      case 3:
        number = highest - std::min<uint64_t>(highest, window - 2 + random() % 4);
        break;
      default:
        number = highest - std::min<uint64_t>(highest, random() % (window + 70));
    }
    const DropReason expected = number == 0                  ? DropReason::kReplayed
                                : number > highest           ? DropReason::kNone
                                : highest - number >= window ? DropReason::kStale
                                : seen.contains(number)      ? DropReason::kReplayed
                                                             : DropReason::kNone;
    ASSERT_EQ(table_.Check(kSender, number), expected) << number << " of " << highest;
    ASSERT_EQ(Take(number), expected);
    if (expected != DropReason::kNone) continue;
    seen.insert(number);
    highest = std::max(highest, number);
    while (*seen.begin() + window < highest) seen.erase(seen.begin());
    ASSERT_EQ(record_.senders[0].highest, highest);
  }
}

// W-04, W-06.
TEST_P(WideWindowTest, ItsEdges) {
  const uint64_t window = GetParam();
  ASSERT_EQ(Take(1), DropReason::kNone);
  ASSERT_EQ(Take(10 * window), DropReason::kNone);
  EXPECT_EQ(table_.Check(kSender, 9 * window), DropReason::kStale);
  EXPECT_EQ(Take(9 * window + 1), DropReason::kNone);
  EXPECT_EQ(Take(9 * window + 1), DropReason::kReplayed);
  ASSERT_EQ(Take(100 * window), DropReason::kNone) << "over the whole ring";
  EXPECT_EQ(Take(99 * window + 1), DropReason::kNone) << "no old bit is left";
}

// W-07, W-08.
TEST_P(WideWindowTest, TheTop) {
  ASSERT_EQ(Take(0xffff'ffff), DropReason::kNone);
  EXPECT_EQ(Take(0xffff'fff0), DropReason::kNone);
  EXPECT_EQ(Take(0xffff'ffff), DropReason::kReplayed);
  EXPECT_EQ(Take(1), DropReason::kStale);
}

TEST_P(WideWindowTest, AfterARestartEverythingUpToTheHighestCountsAsSeen) {
  ASSERT_EQ(Take(GetParam() * 3), DropReason::kNone);
  SenderTable next(record_, GetParam());
  for (uint64_t back = 0; back < GetParam(); ++back) {
    ASSERT_EQ(next.Check(kSender, GetParam() * 3 - back), DropReason::kReplayed);
  }
  EXPECT_EQ(next.Check(kSender, GetParam() * 2), DropReason::kStale);
  EXPECT_EQ(next.Commit(kSender, GetParam() * 3 + 1, Instant{}), DropReason::kNone);
}

TEST_P(WideWindowTest, ASenderInAnEvictedOnesPlaceStartsAfresh) {
  for (uint64_t n = 1; n <= 2 * GetParam(); ++n) ASSERT_EQ(Take(n), DropReason::kNone);
  for (uint32_t i = 1; i <= kMaxSenders; ++i) {
    table_.Commit(IpAddress::V4(0x0a630100 + i), 2 * GetParam(), Instant{} + Nanoseconds(i));
  }
  EXPECT_EQ(table_.Find(kSender), nullptr);
  const IpAddress newcomer = IpAddress::V4(0x0a630100 + kMaxSenders);
  EXPECT_EQ(table_.Commit(newcomer, GetParam() + 1, Instant{}), DropReason::kNone);
}

TEST_P(WideWindowTest, AReadmittedSenderBeginsThere) {
  ASSERT_EQ(Take(100'000), DropReason::kNone);
  table_.Readmit(kSender, 5, Instant{});
  EXPECT_EQ(record_.senders[0].highest, 5u);
  for (uint64_t n = 1; n <= 5; ++n) EXPECT_EQ(table_.Check(kSender, n), DropReason::kReplayed);
  EXPECT_EQ(Take(6), DropReason::kNone);
  EXPECT_EQ(Take(99'999), DropReason::kNone);
}

// A reload changes the size of the window (docs/decisions/0019). A seen number stays seen, and a number that is new in
// both windows stays new.
TEST_P(WideWindowTest, ATableOfAnotherSizeGoesOnWhereThisOneStands) {
  const uint32_t window = GetParam();
  std::set<uint64_t> seen;
  std::mt19937 random(window);
  for (int i = 0; i < 5000; ++i) {
    const uint64_t number = 1 + i + random() % window;
    if (Take(number) == DropReason::kNone) seen.insert(number);
  }
  const uint64_t highest = *seen.rbegin();
  for (const uint32_t next_size : {64u, 128u, 192u, 1024u, 4096u}) {
    SequenceRecord stand_in;
    SenderTable next(stand_in, next_size);
    next.ContinueFrom(table_);
    EXPECT_EQ(next.highest(), table_.highest());
    const uint64_t told = std::min(window, next_size);
    for (uint64_t back = 0; back < 5000 && back < highest; ++back) {
      const uint64_t number = highest - back;
      const bool is_new = next.Check(kSender, number) == DropReason::kNone;
      if (!seen.contains(number) && back >= told) continue;  // too old for one of the windows
      EXPECT_EQ(is_new, !seen.contains(number)) << number << ", " << window << " to " << next_size;
    }
    EXPECT_EQ(next.Commit(kSender, highest + 1 + next_size, Instant{}), DropReason::kNone);
    EXPECT_EQ(record_.senders[0].highest, highest + 1 + next_size) << "the number is recorded in the former's record";
    EXPECT_EQ(stand_in.senders[0].highest, 0u);
    record_.senders[0].highest = highest;
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, WideWindowTest, testing::Values(64, 128, 192, 256, 512, 1024, 2048, 4096));

}  // namespace
}  // namespace dpvrrp
