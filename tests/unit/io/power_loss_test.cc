// SPDX-License-Identifier: BSD-3-Clause
//
// A power loss, simulated: of all that was stored only what the file held at the last Flush() is left, or what Open()
// itself made durable.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "ah/continuity.h"
#include "ah/sequence_source.h"
#include "io/state_file.h"
#include "io/state_image.h"
#include "unit/io/temp_folder.h"

namespace dpvrrp {
namespace {

using ::testing::Optional;

class PowerLossTest : public ::testing::Test {
 protected:
  PowerLossTest() { Boot(); }

  // As control does before the lcore starts.
  void Boot() {
    state_ = *StateFile::Open(directory_, {.instances = 4, .boot_id = "boot-" + std::to_string(++boots_)}, nullptr);
    disk_ = ReadBytes(path_);
    record_ = *state_->Acquire("lan/0.0/4/51");
    ReserveAhead(*record_, record_->sent);
  }
  void StartLcore() {
    Flush();
    source_.emplace(*record_);
  }
  void Flush() {
    ASSERT_TRUE(state_->Flush().ok());
    disk_ = ReadBytes(path_);
  }
  void LosePower() {
    source_.reset();
    state_.reset();
    WriteBytes(path_, disk_);
    Boot();
  }
  // The next number goes on the wire, above what a peer has sent. False: the lcore has to wait.
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
    Flush();
    source_->Reserve(record_->reserved);
  }

  TempFolder folder_;
  std::string directory_ = folder_ / "state";
  std::string path_ = directory_ + "/sequences";
  int boots_ = 0;
  std::unique_ptr<StateFile> state_;
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
    state_ = *StateFile::Open(directory_, {.instances = instances, .boot_id = boot}, nullptr);
    record_ = *state_->Acquire("lan/0.0/4/51");
  }
};

TEST_F(StateClockTest, WhoeverWasServedAtACrashHasLeftThen) {
  SequenceRecord& gone = **state_->Acquire("gone since");
  gone.left_at = kNow - 1000;
  state_->Sync(kNow * 1000 + 999);
  Restart();
  EXPECT_EQ(record_->left_at, kNow);
  EXPECT_EQ((*state_->Acquire("gone since"))->left_at, kNow - 1000);
  // It is served again, and crashes before the first Sync(): the time is still the old one, which is on the safe side.
  record_->left_at = 0;
  Restart();
  EXPECT_EQ(record_->left_at, kNow);
}

TEST_F(StateClockTest, ARewrittenFileKeepsTheTimes) {
  state_->Sync(kNow * 1000);
  Restart(100);
  EXPECT_EQ(record_->left_at, kNow);
  record_->left_at = 0;
  state_->Sync((kNow + 5) * 1000);
  Restart(100, "boot-2");
  EXPECT_EQ(record_->left_at, kNow + 5);
}

TEST_F(StateClockTest, AClockThatWasNeverSetSaysNothing) {
  state_->Sync(kNow * 1000);
  state_->Sync(3'600'000);  // 1970, as without a battery
  Restart();
  EXPECT_EQ(record_->left_at, kNow);
}

TEST_F(StateClockTest, AFileOfAReleaseWithoutAClockSaysNothing) {
  Restart();
  EXPECT_EQ(record_->left_at, 0u);
}

}  // namespace
}  // namespace dpvrrp
