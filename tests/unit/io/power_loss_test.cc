// SPDX-License-Identifier: BSD-3-Clause
//
// A simulated power loss: of all stored data only the contents of the file after the last copy are left, or what Open()
// itself wrote.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "ah/continuity.h"
#include "ah/sequence_source.h"
#include "io/state_image.h"
#include "unit/io/temp_folder.h"
#include "unit/io/test_state.h"

namespace dpvrrp {
namespace {

using ::testing::Optional;

class PowerLossTest : public ::testing::Test {
 protected:
  PowerLossTest() { Boot(); }

  // As control does before the lcore starts.
  void Boot() {
    state_ = *TestState::Open(directory_, {.instances = 4, .boot_id = "boot-" + std::to_string(++boots_)});
    disk_ = ReadBytes(path_);
    record_ = *state_->Acquire("lan/0.0/4/51");
    ReserveAhead(*record_, record_->sent);
  }
  void StartLcore() {
    Copy();
    source_.emplace(*record_);
  }
  void Copy() {
    const uint32_t wanted = record_->wanted;
    ASSERT_TRUE(state_->Copy().status.ok());
    disk_ = ReadBytes(path_);
    Reserved(*record_, wanted);
  }
  void LosePower() {
    source_.reset();
    state_->LosePower();
    state_.reset();
    WriteBytes(path_, disk_);
    Boot();
  }
  // Sends the next number, above a peer's. False: the lcore must wait.
  bool Send(uint64_t heard = 0) {
    const std::optional<uint32_t> next = source_->Next(heard);
    if (!next.has_value()) return false;
    EXPECT_TRUE(used_.empty() || *next > *used_.rbegin()) << "above all that was ever used";
    EXPECT_TRUE(used_.insert(*next).second) << *next << " was used before";
    return true;
  }
  // Control's answer to a lcore that waits.
  void Reserve(uint64_t reached) {
    EXPECT_TRUE(ReserveAhead(*record_, reached));
    Copy();
    source_->Reserve(record_->reserved);
  }

  TempFolder folder_;
  std::string directory_ = folder_ / "state";
  std::string path_ = directory_ + "/sequences";
  int boots_ = 0;
  std::unique_ptr<TestState> state_;
  SequenceRecord* record_ = nullptr;
  std::optional<SequenceSource> source_;
  std::string disk_;
  std::set<uint32_t> used_;
};

TEST_F(PowerLossTest, TwoInARowRepeatNoNumber) {
  StartLcore();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Send());
  LosePower();
  StartLcore();
  ASSERT_TRUE(Send());
  LosePower();
  LosePower();  // before control came as far as telling an lcore
  StartLcore();
  ASSERT_TRUE(Send());
}

// Behind a peer that has lost power itself, our number jumps by as much as our own gap, or by any amount.
TEST_F(PowerLossTest, TwoInARowRepeatNoNumberThatFollowedAJump) {
  StartLcore();
  ASSERT_TRUE(Send());
  for (const uint64_t beyond : {1ull, 2'000'000ull, 900'000'000ull}) {
    const uint64_t jump = record_->reserved + beyond;
    ASSERT_FALSE(Send(jump)) << "the disk knows nothing of it";
    Reserve(jump + 1);
    ASSERT_TRUE(Send(jump));
    LosePower();
    StartLcore();
    ASSERT_TRUE(Send()) << "though nobody is heard any more";
    LosePower();
    StartLcore();
    ASSERT_TRUE(Send());
  }
}

TEST_F(PowerLossTest, AnLcoreWaitsForItsVeryFirstReservation) {
  source_.emplace(*record_);
  ASSERT_FALSE(Send());
  Copy();
  source_->Reserve(record_->reserved);
  ASSERT_TRUE(Send());
}

// Numbers that were wanted at the power loss are reserved afterwards, because an lcore may have used them.
TEST_F(PowerLossTest, WhatTheDiskWasAskedForCounts) {
  StartLcore();
  ASSERT_TRUE(ReserveAhead(*record_, 5'000'000));
  const uint32_t wanted = record_->wanted;
  ASSERT_TRUE(state_->Copy().status.ok());
  disk_ = ReadBytes(path_);  // and control hears no more of it
  LosePower();
  EXPECT_GE(record_->sent, wanted);
}

TEST_F(PowerLossTest, AReservationThatTheDiskDoesNotKnowOfWasNotUsed) {
  StartLcore();
  ASSERT_TRUE(Send());
  EXPECT_TRUE(ReserveAhead(*record_, 5'000'000));
  ASSERT_FALSE(Send(5'000'000)) << "control has not told the lcore";
  LosePower();
  EXPECT_LT(record_->sent, 5'000'000u);
}

TEST_F(PowerLossTest, TheVeryLastNumberStaysUsable) {
  StartLcore();
  Reserve(0xffff'ff00);
  ASSERT_TRUE(Send(0xffff'ff00));
  LosePower();
  EXPECT_EQ(record_->sent, kMaxMovedSent);
}

class StateClockTest : public PowerLossTest {
 protected:
  static constexpr int64_t kNow = 1'700'000'000;
  void Restart(size_t instances = 4, const std::string& boot = "boot-1") {
    state_.reset();
    state_ = *TestState::Open(directory_, {.instances = instances, .boot_id = boot});
    record_ = *state_->Acquire("lan/0.0/4/51");
  }
};

TEST_F(StateClockTest, AnInstanceServedAtACrashWasLastServedThen) {
  SequenceRecord& gone = **state_->Acquire("gone since");
  gone.left_at = kNow - 1000;
  state_->NoteTime(kNow * 1000 + 999);
  Restart();
  EXPECT_EQ(record_->left_at, kNow);
  EXPECT_EQ((*state_->Acquire("gone since"))->left_at, kNow - 1000);
  // It is served again, and crashes before the first NoteTime(): the time is still the old one, which is on the safe
  // side.
  record_->left_at = 0;
  Restart();
  EXPECT_EQ(record_->left_at, kNow);
}

TEST_F(StateClockTest, ARewrittenFileKeepsTheTimes) {
  state_->NoteTime(kNow * 1000);
  Restart(100);
  EXPECT_EQ(record_->left_at, kNow);
  record_->left_at = 0;
  state_->NoteTime((kNow + 5) * 1000);
  Restart(100, "boot-2");
  EXPECT_EQ(record_->left_at, kNow + 5);
}

TEST_F(StateClockTest, AClockThatWasNeverSetIsIgnored) {
  state_->NoteTime(kNow * 1000);
  state_->NoteTime(3'600'000);  // 1970, as without a battery
  Restart();
  EXPECT_EQ(record_->left_at, kNow);
}

TEST_F(StateClockTest, AFileOfAReleaseWithoutAClockHasNoTime) {
  Restart();
  EXPECT_EQ(record_->left_at, 0u);
}

}  // namespace
}  // namespace dpvrrp
