// SPDX-License-Identifier: BSD-3-Clause
//
// A damaged state file is named, explained, and left unchanged.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstring>
#include <functional>
#include <random>

#include "io/state_image.h"
#include "unit/io/temp_folder.h"
#include "unit/io/test_state.h"

namespace dpvrrp {
namespace {

using internal::StateFileBytes;

class StateDamageTest : public ::testing::Test {
 protected:
  StateDamageTest() {
    const std::unique_ptr<TestState> state = *Open();
    (*state->Acquire("lan"))->sent = 9;
    EXPECT_TRUE(state->Copy().status.ok());
    (*state->Acquire("lan"))->sent = 10;  // and so to the other copy
    (*state->Acquire("wan"))->sent = 20;
  }

  absl::StatusOr<std::unique_ptr<TestState>> Open() {
    return TestState::Open(directory_, {.instances = 4, .boot_id = "boot-1"});
  }

  // Damages the file, sees Open() fail, and returns how.
  absl::Status OpenAfter(const std::function<void(std::string&)>& damage) {
    std::string bytes = ReadBytes(path_);
    damage(bytes);
    WriteBytes(path_, bytes);
    const absl::Status status = Open().status();
    EXPECT_EQ(ReadBytes(path_), bytes) << "it was overwritten";
    EXPECT_EQ(status.message().substr(0, path_.size()), path_);
    EXPECT_NE(status.message().find("move it away to start with new sequence numbers"), absl::string_view::npos);
    return status;
  }

  bool Says(const absl::Status& status, absl::string_view words) {
    return status.message().find(words) != absl::string_view::npos;
  }

  TempFolder folder_;
  std::string directory_ = folder_ / "state";
  std::string path_ = directory_ + "/sequences";
};

TEST_F(StateDamageTest, ATruncatedFileIsDataLoss) {
  for (const size_t length :
       {size_t{StateFileBytes(8) - 1}, size_t{3 * 4096}, size_t{4096}, size_t{4095}, size_t{1}, size_t{0}}) {
    const absl::Status status = OpenAfter([length](std::string& bytes) { bytes.resize(length); });
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_TRUE(Says(status, "truncated")) << status;
  }
}

TEST_F(StateDamageTest, ALongerFileIsDataLoss) {
  EXPECT_TRUE(absl::IsDataLoss(OpenAfter([](std::string& bytes) { bytes += '\0'; })));
}

TEST_F(StateDamageTest, AForeignFileIsNotOurs) {
  const absl::Status status = OpenAfter([](std::string& bytes) {
    for (const size_t copy : {0, 4096})
      bytes.replace(copy, 4,
                    "\x7f"
                    "ELF");
  });
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_TRUE(Says(status, "not a dpvrrp state file")) << status;
}

TEST_F(StateDamageTest, ANewerVersionIsNotTouched) {
  const absl::Status status = OpenAfter([](std::string& bytes) {
    for (const size_t copy : {0, 4096}) bytes[copy + offsetof(internal::StateHeader, version)] = 4;
  });
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_TRUE(Says(status, "format version 4, this one knows 1..3")) << status;
}

// Page 0 is in blocks 2 and 3.
TEST_F(StateDamageTest, ADamagedPageIsDataLossIfBothCopiesAre) {
  const absl::Status status = OpenAfter([](std::string& bytes) {
    for (const size_t copy : {2, 3}) bytes[copy * 4096 + 500] ^= 0x20;
  });
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_TRUE(Says(status, "no copy of page 0 is right")) << status;
}

TEST_F(StateDamageTest, OneDamagedCopyOfAPageIsAsAPowerLoss) {
  const std::string good = ReadBytes(path_);
  for (const size_t block : {2, 3}) {
    std::string bytes = good;
    bytes[block * 4096 + 500] ^= 0x20;
    WriteBytes(path_, bytes);
    StateReport report;
    const std::unique_ptr<TestState> state =
        *TestState::Open(directory_, {.instances = 4, .boot_id = "boot-1"}, &report);
    EXPECT_EQ(report.damaged, 1u);
    EXPECT_TRUE(report.moved_ahead);
    EXPECT_GE((*state->Acquire("lan"))->sent, kPowerLossGap);
  }
}

absl::StatusOr<internal::StateContents> Read(const std::string& bytes) {
  return internal::ReadState(bytes.size(), [&bytes](uint64_t offset, std::span<uint8_t> into) -> absl::Status {
    if (offset + into.size() > bytes.size()) return absl::DataLossError("truncated");
    std::memcpy(into.data(), bytes.data() + offset, into.size());
    return absl::OkStatus();
  });
}

// Whatever single bit flips in a block, it is noticed, and the other copy is taken.
TEST_F(StateDamageTest, EveryFlippedBitIsNoticed) {
  const std::string good = ReadBytes(path_);
  const auto check = [&](size_t bit) {
    std::string bytes = good;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    return Read(bytes);
  };
  for (const size_t block : {0, 1}) {
    for (size_t bit = 0; bit < 8 * sizeof(internal::StateHeader); ++bit) {
      const auto contents = check(8 * 4096 * block + bit);
      ASSERT_TRUE(contents.ok()) << bit << contents.status();
      ASSERT_EQ(contents->damaged, 1u) << bit;
    }
  }
  for (const size_t block : {2, 3}) {
    for (size_t bit = 0; bit < size_t{8} * 4096; bit += 7) {
      const auto contents = check(8 * 4096 * block + bit);
      ASSERT_TRUE(contents.ok()) << bit << contents.status();
      ASSERT_EQ(contents->damaged, 1u) << bit;
    }
  }
}

// Seeded: any bytes are checked without reading outside of them.
TEST_F(StateDamageTest, RandomDamageNeverPassesTheBounds) {
  std::mt19937 random(2402);
  const std::string good = ReadBytes(path_);
  for (int round = 0; round < 2'000; ++round) {
    std::string bytes = good.substr(0, random() % (good.size() + 1));
    for (int i = 0; i < 4 && !bytes.empty(); ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    const auto contents = Read(bytes);
    if (contents.ok()) {
      EXPECT_EQ(bytes.size(), good.size());
    }
  }
}

TEST_F(StateDamageTest, ASymbolicLinkOrAFolderInItsPlaceIsRefused) {
  ASSERT_EQ(rename(path_.c_str(), (folder_ / "elsewhere").c_str()), 0);
  ASSERT_EQ(symlink((folder_ / "elsewhere").c_str(), path_.c_str()), 0);
  EXPECT_FALSE(Open().ok());
  ASSERT_EQ(unlink(path_.c_str()), 0);
  ASSERT_EQ(mkdir(path_.c_str(), 0700), 0);
  EXPECT_FALSE(Open().ok());
}

}  // namespace
}  // namespace dpvrrp
