// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/runtime_directory.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "io/unique_fd.h"

namespace dpvrrp {
namespace {

namespace fs = std::filesystem;

pid_t DeadProcess() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  return child;
}

class RuntimeDirectoryTest : public testing::Test {
 protected:
  RuntimeDirectoryTest() {
    std::string name = fs::temp_directory_path() / "dpvrrp-runtime-XXXXXX";
    base_ = mkdtemp(name.data());
  }
  ~RuntimeDirectoryTest() override { fs::remove_all(base_); }

  fs::path Make(const std::string& name) {
    fs::create_directory(base_ / name);
    std::ofstream(base_ / name / "fbarray_memzone") << "x";
    std::ofstream(base_ / name / "config") << "x";
    return base_ / name;
  }
  std::vector<std::string> Left() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(base_)) names.push_back(entry.path().filename());
    return names;
  }

  fs::path base_;
  const std::string dead_ = absl::StrCat("dpvrrp-", DeadProcess());
};

TEST_F(RuntimeDirectoryTest, WhatAKilledDaemonLeftIsRemoved) {
  Make(dead_);
  const std::string alive = absl::StrCat("dpvrrp-", getpid());
  Make(alive);
  RemoveStaleRuntimeDirectories(base_);
  EXPECT_THAT(Left(), testing::ElementsAre(alive));
}

// Seen from here a container's processes are dead.
TEST_F(RuntimeDirectoryTest, ALockedDirectoryStays) {
  const UniqueFd held(open((Make(dead_) / "fbarray_memzone").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(flock(held.get(), LOCK_SH), 0);
  RemoveStaleRuntimeDirectories(base_);
  EXPECT_THAT(Left(), testing::ElementsAre(dead_));
}

TEST_F(RuntimeDirectoryTest, AForeignDirectoryStays) {
  const std::string number = dead_.substr(7);
  fs::create_directory(base_ / dead_);  // being made
  for (const char* name : {"rte", "dpvrrp-", "dpvrrp-x", "dpvrrp--1"}) Make(name);
  for (const std::string& name : {"lab-" + number, dead_ + "x"}) Make(name);
  const size_t before = Left().size();
  RemoveStaleRuntimeDirectories(base_);
  EXPECT_EQ(Left().size(), before);
  RemoveStaleRuntimeDirectories(base_ / "not-there");
}

TEST_F(RuntimeDirectoryTest, ALinkIsNotFollowed) {
  const fs::path elsewhere = Make("elsewhere");
  fs::create_directory_symlink(elsewhere, base_ / dead_);
  RemoveStaleRuntimeDirectories(base_);
  EXPECT_TRUE(fs::exists(elsewhere / "config"));
}

}  // namespace
}  // namespace dpvrrp
