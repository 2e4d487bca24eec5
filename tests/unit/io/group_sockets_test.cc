// SPDX-License-Identifier: BSD-3-Clause
//
// In a separate network namespace, on its loopback interface.
#include "io/group_sockets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/match.h"

namespace dpvrrp {
namespace {

constexpr uint32_t kLoopback = 1;
const IpAddress kVrrp4 = IpAddress::V4(0xe0000012);  // 224.0.0.18

IpAddress Group6(uint8_t last) {
  IpAddress::Bytes bytes{0xff, 0x02};
  bytes[15] = last;
  return IpAddress::V6(bytes);
}

// Memberships as the kernel lists them, in its own notation.
size_t Listed(const char* file, const std::string& part) {
  std::ifstream in(std::string("/proc/thread-self/net/") + file);
  size_t found = 0;
  for (std::string line; std::getline(in, line);) found += absl::StrContains(line, part) ? 1 : 0;
  return found;
}

class GroupSocketsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root for a network namespace: " << std::strerror(errno);
  }
  GroupSockets sockets_;
};

TEST_F(GroupSocketsTest, JoinsAndLeaves) {
  EXPECT_EQ(Listed("igmp", "120000E0"), 0u);
  ASSERT_TRUE(sockets_.Set(kLoopback, {kVrrp4, Group6(0x12)}).ok());
  EXPECT_EQ(Listed("igmp", "120000E0"), 1u);
  EXPECT_EQ(Listed("igmp6", "ff020000000000000000000000000012"), 1u);
  ASSERT_TRUE(sockets_.Set(kLoopback, {Group6(0x12)}).ok());
  EXPECT_EQ(Listed("igmp", "120000E0"), 0u);
  EXPECT_EQ(Listed("igmp6", "ff020000000000000000000000000012"), 1u);
}

TEST_F(GroupSocketsTest, LeavesWhenTheInterfaceIsRemoved) {
  ASSERT_TRUE(sockets_.Set(kLoopback, {kVrrp4}).ok());
  ASSERT_TRUE(sockets_.Set(0, {kVrrp4}).ok());
  EXPECT_EQ(sockets_.size(), 0u);
  EXPECT_EQ(Listed("igmp", "120000E0"), 0u);
  ASSERT_TRUE(sockets_.Set(kLoopback, {kVrrp4}).ok());
  EXPECT_EQ(Listed("igmp", "120000E0"), 1u);
}

TEST_F(GroupSocketsTest, AnInterfaceThatIsNotThereIsAnErrorAndTriedAgain) {
  const absl::Status status = sockets_.Set(999, {kVrrp4});
  EXPECT_FALSE(status.ok());
  EXPECT_TRUE(absl::StrContains(std::string(status.message()), "224.0.0.18")) << status.message();
  EXPECT_TRUE(sockets_.Set(kLoopback, {kVrrp4}).ok());
}

// The kernel has a limit of memberships a socket, which an operator may have lowered.
TEST_F(GroupSocketsTest, MoreGroupsThanASocketHoldsTakeSeveral) {
  std::set<IpAddress> groups;
  for (uint32_t i = 0; i < 50; ++i) groups.insert(IpAddress::V4(0xefff0001 + i));  // 239.255.0.1 and so on
  for (const char* limit : {"20", "3"}) {
    std::ofstream("/proc/sys/net/ipv4/igmp_max_memberships") << limit;
    GroupSockets sockets;
    const absl::Status status = sockets.Set(kLoopback, groups);
    EXPECT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(sockets.size(), 50u);
    EXPECT_EQ(Listed("igmp", "00FFEF"), 50u);
  }
}

}  // namespace
}  // namespace dpvrrp
