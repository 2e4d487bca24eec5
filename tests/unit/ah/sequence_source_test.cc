// SPDX-License-Identifier: BSD-3-Clause
#include "ah/sequence_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dpvrrp {
namespace {

using ::testing::Optional;

constexpr uint32_t kTop = 0xffffffff;

// AH-24
TEST(SequenceSourceTest, StartsAtOneAndGoesUpByOne) {
  SequenceRecord record;
  SequenceSource source(record);
  EXPECT_EQ(source.sent(), 0u);
  for (uint32_t expected = 1; expected <= 1000; ++expected) ASSERT_THAT(source.Next(0), Optional(expected));
}

// A number is in the record when it is returned, so no kill can make us use it twice (AH-28).
TEST(SequenceSourceTest, ANumberIsRecordedBeforeItIsReturned) {
  SequenceRecord record;
  SequenceSource source(record);
  for (uint32_t at_least : {0u, 0u, 41u, 7u}) {
    const std::optional<uint32_t> next = source.Next(at_least);
    EXPECT_THAT(next, Optional(record.sent));
    EXPECT_EQ(source.sent(), record.sent);
  }
}

// AH-28: across a restart.
TEST(SequenceSourceTest, GoesOnFromTheRecord) {
  SequenceRecord record;
  static_cast<void>(SequenceSource(record).Next(499));
  SequenceSource restarted(record);
  EXPECT_THAT(restarted.Next(0), Optional(501u));
}

// With keepalived, whose routers share one counter: above the numbers heard, and never lower again.
TEST(SequenceSourceTest, IsAboveWhatItIsTold) {
  SequenceRecord record;
  SequenceSource source(record);
  EXPECT_THAT(source.Next(18), Optional(19u));
  EXPECT_THAT(source.Next(18), Optional(20u));
  EXPECT_THAT(source.Next(19), Optional(21u));
  EXPECT_THAT(source.Next(0), Optional(22u));
  EXPECT_THAT(source.Next(22), Optional(23u));
}

// AH-25
TEST(SequenceSourceTest, GivesTheLastNumberOnceAndThenNone) {
  SequenceRecord record{.sent = kTop - 1};
  SequenceSource source(record);
  EXPECT_THAT(source.Next(0), Optional(kTop));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(source.Next(0), std::nullopt);
  EXPECT_EQ(record.sent, kTop);
  EXPECT_EQ(SequenceSource(record).Next(0), std::nullopt) << "nor after a restart";
}

// AH-25: a peer that has reached the top blocks us while we must stay above it, and costs us no number.
TEST(SequenceSourceTest, APeerAtTheTopDoesNotUseUpOurNumbers) {
  SequenceRecord record{.sent = 5};
  SequenceSource source(record);
  EXPECT_EQ(source.Next(kTop), std::nullopt);
  EXPECT_EQ(source.Next(kTop), std::nullopt);
  EXPECT_EQ(record.sent, 5u);
  EXPECT_THAT(source.Next(0), Optional(6u));
}

}  // namespace
}  // namespace dpvrrp
