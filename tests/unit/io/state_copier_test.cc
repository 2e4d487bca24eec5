// SPDX-License-Identifier: BSD-3-Clause
//
// The copier on disks that are slow, broken, full or lose power, and on a file that other processes change.
#include "io/state_copier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <random>

#include "unit/io/temp_folder.h"
#include "unit/io/test_state.h"

namespace dpvrrp {
namespace {

using internal::kStateBlock;
using ::testing::HasSubstr;
using Block = std::array<uint8_t, kStateBlock>;

// A disk in memory. Writes that were not synced are lost with the power, sector by sector.
class FakeDisk : public StateDisk {
 public:
  absl::Status Inspect() override { return found; }
  absl::StatusOr<internal::StateContents> Read() override { return ReadOf(durable_); }
  absl::Status Write(uint64_t block, const void* bytes) override {
    ++writes;
    if (fail_at != 0 && writes >= fail_at) return absl::ResourceExhaustedError("no space left on device");
    std::memcpy(pending_[block].data(), bytes, kStateBlock);
    return absl::OkStatus();
  }
  absl::Status Sync() override {
    if (!sync.ok()) return sync;
    for (const auto& [block, bytes] : std::exchange(pending_, {})) durable_[block] = bytes;
    return absl::OkStatus();
  }
  absl::Status Renew(uint64_t) override {
    ++renewed;
    durable_.clear();
    pending_.clear();
    found = absl::OkStatus();
    return absl::OkStatus();
  }

  // The state after a power loss: each sector in progress has the old or the new bytes.
  absl::StatusOr<internal::StateContents> AfterPowerLoss(std::mt19937& random) const {
    auto left = durable_;
    for (const auto& [block, bytes] : pending_) {
      for (size_t sector = 0; sector < kStateBlock; sector += 512) {
        if (random() % 2 == 0) std::memcpy(left[block].data() + sector, bytes.data() + sector, 512);
      }
    }
    return ReadOf(left);
  }

  absl::Status found;
  absl::Status sync;
  int writes = 0;
  int fail_at = 0;  // this write and all later ones; 0: none
  int renewed = 0;

 private:
  static absl::StatusOr<internal::StateContents> ReadOf(const std::map<uint64_t, Block>& blocks) {
    return internal::ReadState(internal::StateFileBytes(kSlots),
                               [&blocks](uint64_t offset, std::span<uint8_t> into) -> absl::Status {
                                 const auto block = blocks.find(offset / kStateBlock);
                                 std::fill(into.begin(), into.end(), uint8_t{0});
                                 if (block == blocks.end()) return absl::OkStatus();
                                 std::memcpy(into.data(), block->second.data() + offset % kStateBlock, into.size());
                                 return absl::OkStatus();
                               });
  }
  static constexpr size_t kSlots = 40;

  std::map<uint64_t, Block> durable_;
  std::map<uint64_t, Block> pending_;
};

class StateCopierTest : public ::testing::Test {
 protected:
  StateCopierTest() : copier_(disk_, *StateMemory::Create(folder_.path(), 7, 40, nullptr), Header(), {}) {
    copier_.Renew();
    for (int i = 0; i < 20; ++i) records_.push_back(*state_.Acquire("key" + std::to_string(i)));
    EXPECT_TRUE(copier_.Copy(false).status.ok());
  }
  ~StateCopierTest() override { copier_.RemoveMemory(); }

  static internal::StateHeader Header() {
    internal::StateHeader header;
    header.slot_count = 40;
    header.identity = 7;
    return header;
  }
  std::map<std::string, uint64_t> Sent(const absl::StatusOr<internal::StateContents>& contents) {
    std::map<std::string, uint64_t> sent;
    if (!contents.ok()) return sent;
    for (const internal::StateSlot& slot : contents->slots) {
      sent[std::string(slot.key.data(), slot.key_bytes)] = slot.record.sent;
    }
    return sent;
  }

  TempFolder folder_;
  FakeDisk disk_;
  StateCopier copier_;
  StateRecords state_{copier_.memory()};
  std::vector<SequenceRecord*> records_;
};

TEST_F(StateCopierTest, OnlyWhatHasChangedIsWritten) {
  disk_.writes = 0;
  ASSERT_TRUE(copier_.Copy(false).status.ok());
  EXPECT_EQ(disk_.writes, 1) << "the header, which has the time";
  records_[0]->sent = 1;
  records_[8]->sent = 1;  // of the same page
  ASSERT_TRUE(copier_.Copy(false).status.ok());
  EXPECT_EQ(disk_.writes, 3);
  EXPECT_EQ(Sent(disk_.Read())["key8"], 1u);
}

// Whatever sectors of the copy under way reach the disk: each record is as it was before or after it.
TEST_F(StateCopierTest, APowerLossLeavesEachPageOldOrNew) {
  std::mt19937 random(12);
  for (uint64_t round = 1; round < 300; ++round) {
    for (SequenceRecord* record : records_) record->sent = round;
    disk_.sync = absl::UnavailableError("power fails before it ends");
    ASSERT_FALSE(copier_.Copy(false).status.ok());
    const auto contents = disk_.AfterPowerLoss(random);
    ASSERT_TRUE(contents.ok()) << round << contents.status();
    const auto sent = Sent(contents);
    ASSERT_EQ(sent.size(), records_.size());
    for (const auto& [key, number] : sent) ASSERT_TRUE(number == round || number == round - 1) << key << number;
    disk_.sync = absl::OkStatus();
    ASSERT_TRUE(copier_.Copy(false).status.ok());
  }
}

// Page 3, whose other copy was never written either.
TEST_F(StateCopierTest, ATornFirstCopyOfAPageIsNoDamage) {
  for (int i = 20; i < 30; ++i) (*state_.Acquire("key" + std::to_string(i)))->sent = 5;
  disk_.sync = absl::UnavailableError("power fails before it ends");
  ASSERT_FALSE(copier_.Copy(false).status.ok());
  for (uint32_t seed = 0; seed < 100; ++seed) {
    std::mt19937 random(seed);
    const auto contents = disk_.AfterPowerLoss(random);
    ASSERT_TRUE(contents.ok()) << contents.status();
    ASSERT_GE(contents->slots.size(), 20u);
  }
}

// But a page that existed and does not any more is damage.
TEST_F(StateCopierTest, AZeroedPageIsDamage) {
  ASSERT_TRUE(copier_.Copy(true).status.ok());
  for (const uint64_t copy : {4, 5}) {
    const Block zero{};
    ASSERT_TRUE(disk_.Write(copy, zero.data()).ok());
  }
  ASSERT_TRUE(disk_.Sync().ok());
  EXPECT_TRUE(absl::IsDataLoss(disk_.Read().status()));
}

TEST_F(StateCopierTest, AFailedCopyIsTriedAgainAndHarmsNothing) {
  for (int fail_at = 1; fail_at <= 4; ++fail_at) {
    const auto before = Sent(disk_.Read());
    for (SequenceRecord* record : records_) ++record->sent;
    disk_.writes = 0;
    disk_.fail_at = fail_at;
    const StateCopier::Outcome outcome = copier_.Copy(false);
    EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("no space left"));
    std::mt19937 random(static_cast<uint32_t>(fail_at));
    EXPECT_EQ(Sent(disk_.AfterPowerLoss(random)).size(), before.size());
    disk_.fail_at = 0;
    ASSERT_TRUE(copier_.Copy(false).status.ok());
    EXPECT_EQ(Sent(disk_.Read())["key19"], static_cast<uint64_t>(fail_at));
  }
}

TEST_F(StateCopierTest, AGenerationIsThatOfWhatWasStoredBefore) {
  state_.Want(5);
  const StateCopier::Outcome outcome = copier_.Copy(false);
  EXPECT_EQ(outcome.generation, 5u);
  EXPECT_TRUE(outcome.status.ok());
}

TEST_F(StateCopierTest, AFileThatOthersChangedIsWrittenAnew) {
  records_[3]->sent = 77;
  disk_.found = absl::DataLossError("truncated by an operator");
  const StateCopier::Outcome outcome = copier_.Copy(false);
  EXPECT_TRUE(outcome.status.ok());
  EXPECT_EQ(outcome.found.message(), "truncated by an operator");
  EXPECT_EQ(disk_.renewed, 2);
  const auto contents = disk_.Read();
  EXPECT_EQ(contents->damaged, 0u);
  EXPECT_EQ(Sent(contents)["key3"], 77u);
  EXPECT_TRUE(copier_.Copy(false).found.ok()) << "said once";
}

// ---- The real file ----

class StateRepairTest : public ::testing::Test {
 protected:
  StateRepairTest() : state_(*TestState::Open(directory_, {.instances = 4})) {
    record_ = *state_->Acquire("lan");
    record_->sent = 5;
    EXPECT_TRUE(state_->Copy().status.ok());
  }

  // Another process changes the file. The next copy notices it, reports `words`, and repairs the file.
  void ExpectRepaired(const std::string& words) {
    ++record_->sent;
    const StateCopier::Outcome outcome = state_->Copy();
    EXPECT_TRUE(outcome.status.ok()) << outcome.status;
    EXPECT_THAT(std::string(outcome.found.message()), HasSubstr(words));
    const StateCopier::Outcome next = state_->Copy();
    EXPECT_TRUE(next.found.ok()) << "said once: " << next.found;
    EXPECT_EQ(ModeOf(path_), 0600u);
    EXPECT_EQ(ModeOf(directory_), 0700u);
    const uint64_t sent = record_->sent;
    state_->LosePower();
    state_ = *TestState::Open(directory_, {.instances = 4});
    record_ = *state_->Acquire("lan");
    EXPECT_EQ(record_->sent, sent + kPowerLossGap) << "it was on the disk";
    EXPECT_TRUE(state_->Copy().status.ok());
  }

  TempFolder folder_;
  std::string directory_ = folder_ / "state";
  std::string path_ = directory_ + "/sequences";
  std::unique_ptr<TestState> state_;
  SequenceRecord* record_ = nullptr;
};

TEST_F(StateRepairTest, Truncated) {
  for (const off_t length : {0, 4096, 10'000}) {
    ASSERT_EQ(truncate(path_.c_str(), length), 0);
    ExpectRepaired("was changed from");
  }
}

TEST_F(StateRepairTest, Removed) {
  ASSERT_EQ(unlink(path_.c_str()), 0);
  ExpectRepaired("sequences was removed");
  std::filesystem::remove_all(directory_);
  ExpectRepaired("state was removed");
}

TEST_F(StateRepairTest, Replaced) {
  ASSERT_EQ(rename(path_.c_str(), (folder_ / "elsewhere").c_str()), 0);
  ExpectRepaired("was removed");
  WriteBytes(folder_ / "other", ReadBytes(path_));
  ASSERT_EQ(rename((folder_ / "other").c_str(), path_.c_str()), 0);
  ExpectRepaired("replaced by another file");
  ASSERT_EQ(rename(directory_.c_str(), (folder_ / "moved").c_str()), 0);
  ASSERT_EQ(mkdir(directory_.c_str(), 0700), 0);
  ExpectRepaired("replaced by another directory");
}

TEST_F(StateRepairTest, Overwritten) {
  std::fstream(path_, std::ios::in | std::ios::out | std::ios::binary).seekp(2 * 4096 + 1000).write("garbage", 7);
  ExpectRepaired("changed by another process");
}

TEST_F(StateRepairTest, GivenOtherPermissions) {
  ASSERT_EQ(chmod(path_.c_str(), 0666), 0);
  ExpectRepaired("mode 0666");
}

// A touch changes nothing that matters.
TEST_F(StateRepairTest, TouchedOnly) {
  ASSERT_EQ(utimensat(AT_FDCWD, path_.c_str(), nullptr, 0), 0);
  EXPECT_TRUE(state_->Copy().found.ok());
}

}  // namespace
}  // namespace dpvrrp
