// SPDX-License-Identifier: BSD-3-Clause
#include "ah/sender_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

namespace dpvrrp {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr DropReason kFresh = DropReason::kNone;
constexpr DropReason kReplayed = DropReason::kReplayed;
constexpr DropReason kStale = DropReason::kStale;

IpAddress Router(uint32_t n) { return IpAddress::V4(0x0a630000 + n); }  // 10.99.0.n
Instant At(int s) { return Instant(seconds(s)); }

MATCHER_P(IsSender, address, "is sender " + ToString(address)) { return arg.address == address; }

// The record is equal to the table, entry by entry.
void ExpectMirrored(const SenderTable& table, const SequenceRecord& record) {
  for (size_t i = 0; i < kMaxSenders; ++i) {
    SequenceRecord::Sender expected;
    if (i < table.senders().size()) {
      const Sender& sender = table.senders()[i];
      expected.address = sender.address.bytes();
      expected.highest = sender.window.highest();
      expected.family = static_cast<uint32_t>(sender.address.family());
    }
    EXPECT_EQ(std::memcmp(&record.senders[i], &expected, sizeof expected), 0) << "entry " << i;
  }
}

// AH-31: looking creates nothing, neither in the table nor in the record.
TEST(SenderTableTest, OnlyCommitCreatesASender) {
  SequenceRecord record;
  SenderTable table(record);
  EXPECT_EQ(table.Check(Router(1), 5), kFresh);
  EXPECT_EQ(table.Check(Router(1), 0), kReplayed);
  EXPECT_THAT(table.senders(), IsEmpty());
  ExpectMirrored(table, record);

  EXPECT_EQ(table.Commit(Router(1), 5, At(1)), kFresh);
  EXPECT_THAT(table.senders(), ElementsAre(IsSender(Router(1))));
  ExpectMirrored(table, record);
}

// W-02
TEST(SenderTableTest, ZeroCreatesNoSender) {
  SequenceRecord record;
  SenderTable table(record);
  EXPECT_EQ(table.Commit(Router(1), 0, At(1)), kReplayed);
  EXPECT_THAT(table.senders(), IsEmpty());
}

// AH-27: 10.99.0.2 starts at 1 while 10.99.0.1 stands at 1000.
TEST(SenderTableTest, EverySenderHasAWindowOfItsOwn) {
  SequenceRecord record;
  SenderTable table(record);
  EXPECT_EQ(table.Commit(Router(1), 1000, At(1)), kFresh);
  EXPECT_EQ(table.Commit(Router(2), 1, At(1)), kFresh);
  EXPECT_EQ(table.Check(Router(1), 1), kStale);
  EXPECT_EQ(table.Check(Router(2), 1), kReplayed);
  EXPECT_EQ(table.Check(Router(2), 2), kFresh);
  const IpAddress v6 = *ParseIpAddress("fe80::1");
  EXPECT_EQ(table.Commit(v6, 1, At(1)), kFresh);
  EXPECT_EQ(table.Check(v6, 1), kReplayed);
  ExpectMirrored(table, record);
}

// W-09: the same number twice in a burst passes Check twice and Commit once.
TEST(SenderTableTest, CommitLooksAgain) {
  SequenceRecord record;
  SenderTable table(record);
  ASSERT_EQ(table.Check(Router(1), 7), kFresh);
  ASSERT_EQ(table.Check(Router(1), 7), kFresh);
  EXPECT_EQ(table.Commit(Router(1), 7, At(1)), kFresh);
  EXPECT_EQ(table.Commit(Router(1), 7, At(2)), kReplayed);
  EXPECT_EQ(table.Commit(Router(1), 100, At(3)), kFresh);
  EXPECT_EQ(table.Commit(Router(1), 7, At(4)), kStale);
  EXPECT_EQ(table.senders()[0].accepted, 2u);
}

TEST(SenderTableTest, KeepsWhatTheOperatorAsks) {
  SequenceRecord record;
  SenderTable table(record);
  table.Commit(Router(1), 10, At(1));
  table.Commit(Router(1), 12, At(2));
  table.Commit(Router(1), 11, At(3));
  table.Commit(Router(1), 11, At(9));  // a replay is not hearing from it
  const Sender& sender = table.senders()[0];
  EXPECT_EQ(sender.first_seen, At(1));
  EXPECT_EQ(sender.last_seen, At(3));
  EXPECT_EQ(sender.accepted, 3u);
  EXPECT_EQ(sender.window.highest(), 12u);
}

// keepalived's shared counter is a number of the whole instance.
TEST(SenderTableTest, HighestIsOverAllSenders) {
  SequenceRecord record;
  SenderTable table(record);
  EXPECT_EQ(table.highest(), 0u);
  table.Commit(Router(1), 10, At(1));
  table.Commit(Router(2), 30, At(2));
  table.Commit(Router(1), 20, At(3));
  EXPECT_EQ(table.highest(), 30u);
  EXPECT_EQ(table.Check(Router(1), 0xffffffff), kFresh);  // a number that only claims to be high
  EXPECT_EQ(table.highest(), 30u);
  EXPECT_EQ(SenderTable(record).highest(), 30u) << "also from the record";
}

TEST(SenderTableTest, HighestDoesNotFallWhenItsSenderIsEvicted) {
  SequenceRecord record;
  SenderTable table(record);
  table.Commit(Router(1), 5000, At(1));
  for (uint32_t n = 2; n <= kMaxSenders + 1; ++n) table.Commit(Router(n), n, At(10));
  ASSERT_EQ(table.evictions(), 1u);
  EXPECT_EQ(table.highest(), 5000u);
}

TEST(SenderTableTest, TheLongestSilentMakesRoom) {
  SequenceRecord record;
  SenderTable table(record);
  for (uint32_t n = 1; n <= kMaxSenders; ++n) table.Commit(Router(n), 100, At(static_cast<int>(n)));
  table.Commit(Router(1), 101, At(50));  // so now router 2 is

  EXPECT_EQ(table.Commit(Router(99), 1, At(60)), kFresh);

  EXPECT_EQ(table.evictions(), 1u);
  EXPECT_THAT(table.senders(), SizeIs(kMaxSenders));
  EXPECT_THAT(table.senders()[1], IsSender(Router(99)));
  EXPECT_EQ(table.senders()[1].first_seen, At(60));
  EXPECT_EQ(table.senders()[1].accepted, 1u);
  EXPECT_EQ(table.Check(Router(99), 1), kReplayed);
  EXPECT_EQ(table.Check(Router(99), 2), kFresh) << "nothing of the evicted window is left";
  EXPECT_EQ(table.Check(Router(1), 101), kReplayed);
  ExpectMirrored(table, record);
}

TEST(SenderTableTest, ARestoredSenderNotHeardInThisRunMakesRoomFirst) {
  SequenceRecord record;
  {
    SenderTable before(record);
    for (uint32_t n = 1; n <= kMaxSenders; ++n) before.Commit(Router(n), 100, At(1000));
  }
  SenderTable table(record);
  // All but router 3 speak, before the clock's zero point even: what counts is having been heard at all.
  for (uint32_t n = 1; n <= kMaxSenders; ++n) {
    if (n != 3) table.Commit(Router(n), 101, At(-5));
  }
  table.Commit(Router(99), 1, At(2));
  EXPECT_THAT(table.senders()[2], IsSender(Router(99)));
  ExpectMirrored(table, record);
}

// AH-31
TEST(SenderTableTest, AFullTableLosesNoSenderToAFrameThatOnlyPassesCheck) {
  SequenceRecord record;
  SenderTable table(record);
  for (uint32_t n = 1; n <= kMaxSenders; ++n) table.Commit(Router(n), 100, At(1));
  const SequenceRecord before = record;
  for (uint32_t n = 1; n < 1000; ++n) static_cast<void>(table.Check(Router(n), 0xffffffff - n));
  EXPECT_EQ(table.evictions(), 0u);
  EXPECT_EQ(std::memcmp(&before, &record, sizeof record), 0);
}

// Never more than kMaxSenders, and always equal to a simple implementation of the rules; seeded.
TEST(SenderTableTest, TheRecordMirrorsTheTableWhateverHappens) {
  std::mt19937 random(7);
  SequenceRecord record;
  SenderTable table(record);
  for (int step = 0; step < 20000; ++step) {
    const IpAddress sender = Router(1 + random() % 12);
    const uint32_t sequence = random() % 2000;
    const DropReason checked = table.Check(sender, sequence);
    ASSERT_EQ(table.Commit(sender, sequence, At(step)), checked);
    ASSERT_LE(table.senders().size(), kMaxSenders);
    ASSERT_NO_FATAL_FAILURE(ExpectMirrored(table, record));
    if (checked == kFresh) {
      ASSERT_NE(table.Check(sender, sequence), kFresh);
    }
  }
  EXPECT_GT(table.evictions(), 100u);
}

// AH-28: no captured advert gets in after a restart, and the sender's next one does.
TEST(SenderTableRestoreTest, RefusesEverythingUpToHighest) {
  SequenceRecord record;
  {
    SenderTable before(record);
    before.Commit(Router(1), 500, At(1));
    before.Commit(Router(2), 90, At(1));
    before.Commit(Router(1), 499, At(1));
  }
  SenderTable table(record);
  EXPECT_THAT(table.senders(), ElementsAre(IsSender(Router(1)), IsSender(Router(2))));
  ExpectMirrored(table, record);
  for (uint32_t sequence = 0; sequence <= 500; ++sequence) ASSERT_NE(table.Commit(Router(1), sequence, At(2)), kFresh);
  for (uint32_t sequence = 0; sequence <= 90; ++sequence) ASSERT_NE(table.Commit(Router(2), sequence, At(2)), kFresh);
  EXPECT_EQ(table.senders()[0].accepted, 0u) << "restored, not heard";
  EXPECT_EQ(table.Commit(Router(1), 501, At(3)), kFresh);
  EXPECT_EQ(table.Commit(Router(2), 91, At(4)), kFresh);
  EXPECT_EQ(table.senders()[0].first_seen, At(3));
  ExpectMirrored(table, record);
}

TEST(SenderTableRestoreTest, RestoresBothFamilies) {
  SequenceRecord record;
  const IpAddress v6 = *ParseIpAddress("fe80::200:aff:fe63:1");
  SenderTable(record).Commit(v6, 3, At(1));
  SenderTable(record).Commit(Router(1), 4, At(1));
  EXPECT_THAT(SenderTable(record).senders(), ElementsAre(IsSender(v6), IsSender(Router(1))));
}

// Numbers heard under another name, from known senders and from others. No known sender is evicted for them.
TEST(SenderTableRestoreTest, RemembersAnotherRecordsNumbers) {
  SequenceRecord former;
  {
    SenderTable table(former);
    for (const uint32_t n : {1, 2, 3}) table.Commit(Router(n), 100 * n, At(1));
  }
  EXPECT_EQ(HighestOf(former, Router(3)), 300u);
  EXPECT_EQ(HighestOf(former, Router(4)), 0u);
  for (const size_t window : {size_t{ReplayWindow::kSize}, size_t{kMaxReplayWindow}}) {
    SequenceRecord record;
    SenderTable table(record, window);
    table.Commit(Router(1), 50, At(1));
    table.Commit(Router(2), 250, At(1));
    table.Remember(former);
    EXPECT_THAT(table.senders(), ElementsAre(IsSender(Router(1)), IsSender(Router(2)), IsSender(Router(3))));
    ExpectMirrored(table, record);
    EXPECT_EQ(table.highest(), 300u);
    for (uint32_t sequence = 0; sequence <= 100; ++sequence) {
      ASSERT_NE(table.Commit(Router(1), sequence, At(2)), kFresh);
    }
    EXPECT_EQ(table.Commit(Router(1), 101, At(2)), kFresh);
    EXPECT_EQ(table.Commit(Router(2), 251, At(2)), kFresh) << "its own number is the higher one";
    EXPECT_NE(table.Commit(Router(3), 300, At(2)), kFresh);
    EXPECT_EQ(table.senders()[2].accepted, 0u) << "recorded, not heard";
  }
  SequenceRecord full;
  SenderTable table(full);
  for (uint32_t n = 11; n < 11 + kMaxSenders; ++n) table.Commit(Router(n), 7, At(1));
  table.Remember(former);
  EXPECT_EQ(table.evictions(), 0u);
  EXPECT_EQ(table.Find(Router(1)), nullptr);
}

// The remains of a kill during an eviction: a free entry before used ones, with its old bytes.
TEST(SenderTableRestoreTest, ClosesAGap) {
  SequenceRecord record;
  {
    SenderTable before(record);
    for (uint32_t n = 1; n <= 4; ++n) before.Commit(Router(n), 10 * n, At(1));
  }
  record.senders[1].family = 0;
  SenderTable table(record);
  EXPECT_THAT(table.senders(), ElementsAre(IsSender(Router(1)), IsSender(Router(3)), IsSender(Router(4))));
  EXPECT_EQ(table.Check(Router(3), 30), kReplayed);
  EXPECT_EQ(table.Check(Router(4), 41), kFresh);
  ExpectMirrored(table, record);
}

// The remains of a kill while a gap is closed: one sender twice. The higher number counts.
TEST(SenderTableRestoreTest, ASenderFoundTwiceKeepsTheHigherNumber) {
  for (const auto& [first, second] : {std::pair{10u, 20u}, std::pair{20u, 10u}}) {
    SequenceRecord record;
    SenderTable(record).Commit(Router(1), first, At(1));
    record.senders[5] = record.senders[0];
    record.senders[5].highest = second;
    SenderTable table(record);
    EXPECT_THAT(table.senders(), ElementsAre(IsSender(Router(1))));
    EXPECT_EQ(table.Check(Router(1), 20), kReplayed);
    EXPECT_EQ(table.Check(Router(1), 21), kFresh);
    ExpectMirrored(table, record);
  }
}

// A damaged file must not become a sender without a valid address.
TEST(SenderTableRestoreTest, AnEntryOfNoFamilyIsFree) {
  SequenceRecord record;
  record.senders[0] = {.address = {10, 99, 0, 1}, .highest = 7, .family = 5};
  record.senders[1] = {.address = {10, 99, 0, 1}, .highest = 0, .family = 4};
  SenderTable table(record);
  EXPECT_THAT(table.senders(), IsEmpty());
  EXPECT_EQ(table.highest(), 0u);
  ExpectMirrored(table, record);
}

}  // namespace
}  // namespace dpvrrp
