// SPDX-License-Identifier: BSD-3-Clause
//
// sd_notify(3): the test is the service manager.
#include "io/service_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>

#include "temp_folder.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class ServiceManagerTest : public ::testing::Test {
 protected:
  ServiceManagerTest() : path_(folder_ / "notify"), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
    DPVRRP_CHECK(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    setenv("NOTIFY_SOCKET", path_.c_str(), 1);
    setenv("WATCHDOG_USEC", "30000000", 1);
  }
  ~ServiceManagerTest() override {
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
  }
  std::vector<std::string> Received() {
    std::vector<std::string> messages;
    char bytes[512];
    for (ssize_t n; (n = recv(socket_.get(), bytes, sizeof(bytes), 0)) > 0;) messages.emplace_back(bytes, n);
    return messages;
  }

  TempFolder folder_;
  std::string path_;
  UniqueFd socket_;
};

TEST_F(ServiceManagerTest, ReportsTheLifeOfTheService) {
  ServiceManager manager;
  EXPECT_TRUE(manager.IsPresent());
  manager.Ready();
  manager.Reloading(Instant(std::chrono::milliseconds(7)));
  manager.Ready();
  manager.Feed();
  manager.Stopping();
  EXPECT_THAT(Received(),
              ElementsAre("READY=1", "RELOADING=1\nMONOTONIC_USEC=7000", "READY=1", "WATCHDOG=1", "STOPPING=1"));
}

TEST_F(ServiceManagerTest, TheSameStatusIsSentOnce) {
  ServiceManager manager;
  manager.Status("2 instances, 2 master");
  manager.Status("2 instances, 2 master");
  manager.Status("2 instances, 2 backup");
  EXPECT_THAT(Received(), ElementsAre("STATUS=2 instances, 2 master", "STATUS=2 instances, 2 backup"));
}

TEST_F(ServiceManagerTest, WithoutAWatchdogNothingIsFed) {
  unsetenv("WATCHDOG_USEC");
  ServiceManager manager;
  manager.Feed();
  EXPECT_THAT(Received(), IsEmpty());
}

TEST_F(ServiceManagerTest, DoesNotWaitForAManagerThatDoesNotRead) {
  ServiceManager manager;
  for (int i = 0; i < 10'000; ++i) manager.Ready();
  EXPECT_THAT(Received().front(), StartsWith("READY"));
}

TEST_F(ServiceManagerTest, WithoutAManagerNoCallHasAnEffect) {
  for (const char* name : {"", "relative/path", "/nowhere/notify"}) {
    setenv("NOTIFY_SOCKET", name, 1);
    ServiceManager manager;
    EXPECT_FALSE(manager.IsPresent()) << name;
    manager.Ready();
    manager.Status("1 instance");
    manager.Feed();
  }
  EXPECT_THAT(Received(), IsEmpty());
}

}  // namespace
}  // namespace dpvrrp
