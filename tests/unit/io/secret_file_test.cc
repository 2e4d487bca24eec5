// SPDX-License-Identifier: BSD-3-Clause
#include "io/secret_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/io/temp_folder.h"

namespace dpvrrp {
namespace {

class SecretFileTest : public ::testing::Test {
 protected:
  std::string ErrorOf(const std::string& path) {
    const absl::StatusOr<std::vector<uint8_t>> secret = ReadSecretFile(path);
    return secret.ok() ? "read" : std::string(secret.status().message());
  }

  TempFolder folder_;
  std::string path_ = folder_ / "lan.key";
};

TEST_F(SecretFileTest, BytesAreReturnedAsTheyAre) {
  WriteBytes(path_, std::string("k\0y\n", 4));
  const absl::StatusOr<std::vector<uint8_t>> secret = ReadSecretFile(path_);
  ASSERT_TRUE(secret.ok()) << secret.status();
  EXPECT_EQ(*secret, (std::vector<uint8_t>{'k', 0, 'y', '\n'}));
}

TEST_F(SecretFileTest, OnlyTheOwnerMayHaveAnyRight) {
  for (const mode_t mode : {0600u, 0400u}) {
    WriteBytes(path_, "key", mode);
    EXPECT_EQ(ErrorOf(path_), "read") << mode;
  }
  for (const mode_t mode : {0644u, 0640u, 0604u, 0610u, 0601u, 0602u, 0700u, 04600u}) {
    WriteBytes(path_, "key", mode);
    EXPECT_TRUE(absl::IsPermissionDenied(ReadSecretFile(path_).status())) << mode;
  }
  WriteBytes(path_, "key", 0644);
  EXPECT_EQ(ErrorOf(path_), path_ + ": mode is 0644, must be 0600 or stricter");
}

TEST_F(SecretFileTest, SizeIsOneToTheLimit) {
  WriteBytes(path_, "");
  EXPECT_EQ(ErrorOf(path_), path_ + ": is empty, must be 1 to 4096 bytes");
  WriteBytes(path_, std::string(kMaxSecretFile, 'k'));
  EXPECT_EQ(ReadSecretFile(path_)->size(), kMaxSecretFile);
  WriteBytes(path_, std::string(kMaxSecretFile + 1, 'k'));
  EXPECT_EQ(ErrorOf(path_), path_ + ": is longer than 4096 bytes, must be 1 to 4096 bytes");
}

TEST_F(SecretFileTest, OnlyARegularFileIsRead) {
  WriteBytes(path_, "key");
  ASSERT_EQ(symlink(path_.c_str(), (folder_ / "link").c_str()), 0);
  EXPECT_EQ(ErrorOf(folder_ / "link"), folder_ / "link" + ": is a symbolic link");
  ASSERT_EQ(mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(ErrorOf(folder_ / "fifo"), folder_ / "fifo" + ": is not a regular file");
  EXPECT_EQ(ErrorOf(folder_.path()), folder_.path() + ": is not a regular file");
  EXPECT_TRUE(absl::IsNotFound(ReadSecretFile(folder_ / "none").status()));
}

TEST_F(SecretFileTest, AStrangersFileIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  WriteBytes(path_, "key");
  ASSERT_EQ(chown(path_.c_str(), 12345, 0), 0);
  EXPECT_EQ(ErrorOf(path_), path_ + ": owner is uid 12345, must be root or uid 0");
  EXPECT_TRUE(ReadSecretFile(path_, [](uid_t owner) { return owner == 12345; }).ok());
  EXPECT_FALSE(ReadSecretFile(path_, [](uid_t owner) { return owner == 12346; }).ok());
}

}  // namespace
}  // namespace dpvrrp
