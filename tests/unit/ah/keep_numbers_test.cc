// SPDX-License-Identifier: BSD-3-Clause
#include "ah/keep_numbers.h"

#include <gtest/gtest.h>

#include <limits>

namespace dpvrrp {
namespace {

SequenceRecord::Sender Sender(uint8_t last_byte, uint64_t highest) {
  return {.address = {10, 99, 0, last_byte}, .highest = highest, .family = 4};
}

uint64_t KeptSent(uint64_t live_sent, uint64_t kept_sent = 0) {
  SequenceRecord live, kept;
  live.sent = live_sent;
  kept.sent = kept_sent;
  KeepNumbers(live, kept, 1000);
  EXPECT_EQ(live.sent, live_sent);
  return kept.sent;
}

TEST(KeepNumbersTest, WhatWasSentIsPassedAndNeverGoesBack) {
  constexpr uint64_t kLast = std::numeric_limits<uint32_t>::max();
  EXPECT_EQ(KeptSent(0), 0u);
  EXPECT_EQ(KeptSent(7), 1007u);
  EXPECT_EQ(KeptSent(7, 5000), 5000u);
  EXPECT_EQ(KeptSent(kLast - 10), kLast - 1);  // the last one stays to be used
  EXPECT_EQ(KeptSent(kLast), kLast);
  EXPECT_EQ(KeptSent(kLast << 20), kLast << 20);  // the trailer's
}

TEST(KeepNumbersTest, MarksAreTheHigherOfBoth) {
  SequenceRecord live, kept;
  live.senders[0] = Sender(1, 10);
  live.senders[1] = Sender(2, 20);
  kept.senders[0] = Sender(2, 5);
  kept.senders[1] = Sender(1, 50);
  kept.senders[2] = Sender(3, 30);
  KeepNumbers(live, kept, 0);
  EXPECT_EQ(kept.senders[0].highest, 50u);
  EXPECT_EQ(kept.senders[1].highest, 20u);
  EXPECT_EQ(kept.senders[2].highest, 30u);
  EXPECT_EQ(kept.senders[3].family, 0u);
}

TEST(KeepNumbersTest, OfTooManySendersThoseOfTheLiveRecordAreKept) {
  SequenceRecord live, kept;
  for (uint8_t i = 0; i < kMaxSenders; ++i) {
    live.senders[i] = Sender(i, 1);
    kept.senders[i] = Sender(static_cast<uint8_t>(100 + i), 1);
  }
  KeepNumbers(live, kept, 0);
  for (uint8_t i = 0; i < kMaxSenders; ++i) EXPECT_EQ(kept.senders[i].address[3], i);
}

}  // namespace
}  // namespace dpvrrp
