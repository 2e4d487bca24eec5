// SPDX-License-Identifier: BSD-3-Clause
#include "io/apparmor.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "unit/io/temp_folder.h"

namespace dpvrrp {
namespace {

// Plain files stand for the kernel's. tests/nic runs dpvrrpd in a profile of a real kernel.
class AppArmorTest : public ::testing::Test {
 protected:
  void WriteFiles(const std::string& enabled) {
    std::ofstream(files_.enabled) << enabled;
    std::ofstream(files_.current) << "";
  }
  std::string Current() const {
    std::ostringstream text;
    text << std::ifstream(files_.current).rdbuf();
    return text.str();
  }

  TempFolder folder_;
  AppArmorFiles files_ = {folder_ / "enabled", folder_ / "current"};
};

TEST_F(AppArmorTest, ChangesTheProfileOfTheThread) {
  WriteFiles("Y\n");
  const absl::StatusOr<bool> entered = EnterAppArmorProfile("dpvrrpd", files_);
  ASSERT_TRUE(entered.ok()) << entered.status();
  EXPECT_TRUE(*entered);
  EXPECT_EQ(Current(), "changeprofile dpvrrpd");
}

TEST_F(AppArmorTest, AKernelWithoutAppArmorIsNoError) {
  const absl::StatusOr<bool> absent = EnterAppArmorProfile("dpvrrpd", files_);
  ASSERT_TRUE(absent.ok()) << absent.status();
  EXPECT_FALSE(*absent);

  WriteFiles("N\n");
  const absl::StatusOr<bool> disabled = EnterAppArmorProfile("dpvrrpd", files_);
  ASSERT_TRUE(disabled.ok()) << disabled.status();
  EXPECT_FALSE(*disabled);
  EXPECT_EQ(Current(), "");
}

TEST_F(AppArmorTest, AnErrorNamesTheProfile) {
  WriteFiles("Y\n");
  files_.current = "/dev/full";
  const absl::Status full = EnterAppArmorProfile("dpvrrpd", files_).status();
  EXPECT_TRUE(absl::IsInternal(full)) << full;
  EXPECT_EQ(full.message(), "cannot enter the AppArmor profile 'dpvrrpd': No space left on device");

  files_.current = folder_ / "none" + std::string("/current");
  const absl::Status missing = EnterAppArmorProfile("dpvrrpd", files_).status();
  EXPECT_TRUE(absl::IsNotFound(missing)) << missing;
}

}  // namespace
}  // namespace dpvrrp
