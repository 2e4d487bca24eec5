// SPDX-License-Identifier: BSD-3-Clause
#include "io/handover_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/io/temp_folder.h"

namespace dpvrrp {
namespace {

constexpr Instant kEnd{std::chrono::seconds(1000)};

class HandoverFileTest : public testing::Test {
 protected:
  absl::StatusOr<std::string> TakeNext() {
    absl::StatusOr<HandoverFile> file = HandoverFile::Open(folder_.path());
    EXPECT_TRUE(file.ok()) << file.status();
    return file->Take();
  }
  void Leave(const std::string& text) {
    absl::StatusOr<HandoverFile> file = HandoverFile::Open(folder_.path());
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_TRUE(file->Write(text, kEnd).ok());
  }

  TempFolder folder_;
  const std::string path_ = folder_ / "handover";
};

TEST_F(HandoverFileTest, TheNextRunTakesItOnce) {
  EXPECT_TRUE(absl::IsNotFound(TakeNext().status()));
  Leave("1\ta\tb\n2\tc\td\n");
  EXPECT_EQ(ModeOf(path_), 0600u);
  EXPECT_EQ(HandoverFile::EndOf(folder_.path()), std::optional(kEnd));
  EXPECT_EQ(TakeNext().value_or(""), "1\ta\tb\n2\tc\td\n");
  EXPECT_TRUE(absl::IsNotFound(TakeNext().status()));
  EXPECT_EQ(HandoverFile::EndOf(folder_.path()), std::nullopt);
}

TEST_F(HandoverFileTest, AnotherBootOrNetworkIsRefused) {
  Leave("text\n");
  std::string bytes = ReadBytes(path_);
  const size_t boot = bytes.find(' ') + 1;
  bytes[boot] = bytes[boot] == '0' ? '1' : '0';
  WriteBytes(path_, bytes);
  EXPECT_EQ(HandoverFile::EndOf(folder_.path()), std::nullopt);
  EXPECT_TRUE(absl::IsFailedPrecondition(TakeNext().status()));
  EXPECT_TRUE(absl::IsNotFound(TakeNext().status())) << "it is not reported twice";
}

TEST_F(HandoverFileTest, EveryPartOfAFileIsRefused) {
  Leave("some text\n");
  const std::string whole = ReadBytes(path_);
  for (size_t length = 1; length < whole.size(); ++length) {
    WriteBytes(path_, whole.substr(0, length));
    EXPECT_TRUE(absl::IsDataLoss(TakeNext().status())) << length;
  }
}

TEST_F(HandoverFileTest, ALinkOrAFolderIsNoFile) {
  ASSERT_EQ(symlink((folder_ / "elsewhere").c_str(), path_.c_str()), 0);
  EXPECT_FALSE(HandoverFile::Open(folder_.path()).ok());
  EXPECT_FALSE(std::filesystem::exists(folder_ / "elsewhere"));
  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
  EXPECT_FALSE(HandoverFile::Open(folder_.path()).ok());
}

}  // namespace
}  // namespace dpvrrp
