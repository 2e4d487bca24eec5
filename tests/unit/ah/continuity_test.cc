// SPDX-License-Identifier: BSD-3-Clause
#include "ah/continuity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ah/sequence_source.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::Optional;

constexpr uint64_t kTop = UINT32_MAX;
constexpr uint32_t kLeft = 1'700'000'000;

SequenceRecord::Sender Heard(uint64_t highest) { return {.address = {10, 99, 0, 1}, .highest = highest, .family = 4}; }

TEST(ContinuityTest, NumbersAreReservedFarAheadAndAgainAtHalf) {
  SequenceRecord record;
  EXPECT_TRUE(ReserveAhead(record, 0));
  EXPECT_EQ(record.wanted, kReserveAhead);
  EXPECT_FALSE(ReserveAhead(record, kReserveAhead / 2));
  EXPECT_EQ(record.wanted, kReserveAhead);
  EXPECT_TRUE(ReserveAhead(record, kReserveAhead / 2 + 1));
  EXPECT_EQ(record.wanted, kReserveAhead / 2 + 1 + kReserveAhead);
}

TEST(ContinuityTest, AReservationEndsWithTheNumbersAndDoesNotGoBack) {
  SequenceRecord record;
  EXPECT_TRUE(ReserveAhead(record, kTop - 10));
  EXPECT_EQ(record.wanted, kTop);
  EXPECT_FALSE(ReserveAhead(record, kTop));
  EXPECT_FALSE(ReserveAhead(record, 5));
  EXPECT_EQ(record.wanted, kTop);
}

TEST(ContinuityTest, OnlyAFollowerOfTheGroupReservesForNumbersHeard) {
  SequenceRecord record{.sent = 7};
  record.senders[3] = Heard(900);
  record.senders[5] = Heard(kTop);  // above which there is nothing: it must not use up our numbers
  EXPECT_EQ(Reached(record, false), 7u);
  EXPECT_EQ(Reached(record, true), 900u);
}

TEST(ContinuityTest, AnLcoreUsesNoNumberThatIsNotReserved) {
  SequenceRecord record{.sent = 7, .reserved = 9};
  SequenceSource source(record);
  EXPECT_THAT(source.Next(0), Optional(8u));
  EXPECT_EQ(source.Next(9), std::nullopt);
  EXPECT_EQ(record.sent, 8u);
  EXPECT_THAT(source.Next(0), Optional(9u));
  EXPECT_EQ(source.Next(0), std::nullopt);
  EXPECT_FALSE(source.IsExhausted(0));
  source.Reserve(5);  // late; never back
  EXPECT_EQ(source.Next(0), std::nullopt);
  source.Reserve(UINT32_MAX);
  EXPECT_THAT(source.Next(kTop - 1), Optional(UINT32_MAX));
  EXPECT_TRUE(source.IsExhausted(0));
}

TEST(ContinuityTest, AGroupGoesOnAtItsPace) {
  for (const Nanoseconds away : {1s, 10s, 3600s, 86400s * 365}) {
    for (const Nanoseconds interval : {Nanoseconds(10ms), Nanoseconds(1s), Nanoseconds(40s)}) {
      if (away / interval > 50'000'000) continue;
      const uint64_t now = AfterAbsence(500, away, interval);
      if (away < interval) {
        EXPECT_EQ(now, 500u);
        continue;
      }
      const auto in_turn = static_cast<uint64_t>(away / interval);
      EXPECT_GT(now, 500 + in_turn + 10) << "a change of master takes adverts out of turn";
      EXPECT_LT(now, 500 + in_turn + in_turn / 10 + 100);
    }
  }
}

TEST(ContinuityTest, AGroupThatWasNeverHeardIsUnknown) {
  EXPECT_EQ(AfterAbsence(0, 3600s, 1s), 0u);
  EXPECT_EQ(AfterAbsence(kTop, 3600s, 1s), kTop);
}

// The bound that the header states.
TEST(ContinuityTest, AClockThatIsWrongByDecadesDoesNotUseUpTheNumbers) {
  SequenceRecord record{.sent = 1'000'000};
  for (int start = 0; start < 100; ++start) {
    record.left_at = 1;
    const uint64_t left = kTop - record.sent;
    EXPECT_EQ(CatchUpWithGroup(record, INT64_MAX, 10ms), left / 64);
  }
  EXPECT_GT(kTop - record.sent, kTop / 5);
  // Two years of absence at an advert a second are within it.
  record = {.sent = 1'000'000, .left_at = kLeft};
  EXPECT_GT(CatchUpWithGroup(record, kLeft + 86400ll * 365 * 2, 1s), 86400u * 365 * 2);
}

TEST(ContinuityTest, AnOwnerGoesOnWhereTheGroupMayBe) {
  SequenceRecord record{.sent = 700, .left_at = kLeft};
  record.senders[0] = Heard(703);
  const uint64_t moved = CatchUpWithGroup(record, kLeft + 60, 1s);
  EXPECT_EQ(record.sent, 700 + moved);
  EXPECT_GT(record.sent, 703u + 62u);
  EXPECT_LT(record.sent, 703u + 62u + 100u);
}

TEST(ContinuityTest, NumbersDoNotMoveIfTheTimeIsNotKnownOrTheClockWentBack) {
  SequenceRecord unknown{.sent = 700};
  EXPECT_EQ(CatchUpWithGroup(unknown, kLeft, 1s), 0u);
  SequenceRecord back{.sent = 700, .left_at = kLeft};
  for (const int64_t now : {int64_t{kLeft} - 1, int64_t{0}, INT64_MIN}) EXPECT_EQ(CatchUpWithGroup(back, now, 1s), 0u);
  EXPECT_EQ(unknown.sent, 700u);
  EXPECT_EQ(back.sent, 700u);
  SequenceRecord fresh{.left_at = kLeft};
  EXPECT_EQ(CatchUpWithGroup(fresh, kLeft + 60, 1s), 0u);
}

}  // namespace
}  // namespace dpvrrp
