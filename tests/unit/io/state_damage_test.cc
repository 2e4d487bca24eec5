// SPDX-License-Identifier: BSD-3-Clause
//
// A state file that does not check out is named, explained, and left exactly as it is.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstring>
#include <functional>
#include <random>

#include "io/state_file.h"
#include "io/state_image.h"
#include "unit/io/temp_folder.h"

namespace dpvrrp {
namespace {

using internal::StateFileBytes;

class StateDamageTest : public ::testing::Test {
 protected:
  StateDamageTest() {
    const std::unique_ptr<StateFile> state = *Open();
    (*state->Acquire("lan"))->sent = 10;
    (*state->Acquire("wan"))->sent = 20;
  }

  absl::StatusOr<std::unique_ptr<StateFile>> Open() {
    return StateFile::Open(directory_, {.instances = 4, .boot_id = "boot-1"}, nullptr);
  }

  // Damages the file, sees Open() fail, and returns how.
  absl::Status OpenAfter(const std::function<void(std::string&)>& damage) {
    std::string bytes = ReadBytes(path_);
    damage(bytes);
    WriteBytes(path_, bytes);
    const absl::Status status = Open().status();
    EXPECT_EQ(ReadBytes(path_), bytes) << "it was overwritten";
    EXPECT_EQ(status.message().substr(0, path_.size()), path_);
    EXPECT_NE(status.message().find("move it away to start with fresh sequence numbers"), absl::string_view::npos);
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
       {StateFileBytes(8) - 1, StateFileBytes(1), size_t{4096}, size_t{4095}, size_t{1}, size_t{0}}) {
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
    bytes.replace(0, 4,
                  "\x7f"
                  "ELF");
  });
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_TRUE(Says(status, "not a dpvrrp state file")) << status;
}

TEST_F(StateDamageTest, ANewerVersionIsNotTouched) {
  const absl::Status status =
      OpenAfter([](std::string& bytes) { bytes[offsetof(internal::StateHeader, version)] = 3; });
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_TRUE(Says(status, "format version 3, this one knows 1..2")) << status;
}

TEST_F(StateDamageTest, AFlippedBitInAKeyIsDataLoss) {
  const absl::Status status = OpenAfter([](std::string& bytes) { bytes[StateFileBytes(1) + 2] ^= 0x20; });
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_TRUE(Says(status, "key checksum of slot 1 is wrong")) << status;
}

// Whatever single bit flips in the header or a key, it is noticed; a bit in the padding or a record changes no key.
TEST_F(StateDamageTest, EveryFlippedBitOfHeaderAndKeyIsNoticed) {
  const std::string good = ReadBytes(path_);
  const auto check = [&](size_t bit) {
    std::string bytes = good;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    return internal::CheckStateImage({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  };
  for (size_t bit = 0; bit < 8 * sizeof(internal::StateHeader); ++bit) EXPECT_FALSE(check(bit).ok()) << bit;
  for (size_t bit = 8 * StateFileBytes(0); bit < 8 * (StateFileBytes(0) + 128); ++bit)
    EXPECT_FALSE(check(bit).ok()) << bit;
  EXPECT_TRUE(check(8 * (StateFileBytes(0) + 128)).ok());
}

// Seeded: any bytes are checked without reading outside of them.
TEST_F(StateDamageTest, RandomDamageNeverPassesTheBounds) {
  std::mt19937 random(2402);
  const std::string good = ReadBytes(path_);
  for (int round = 0; round < 2'000; ++round) {
    std::string bytes = good.substr(0, random() % (good.size() + 1));
    for (int i = 0; i < 4 && !bytes.empty(); ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    const auto image = internal::CheckStateImage({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
    if (image.ok()) {
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
