// SPDX-License-Identifier: BSD-3-Clause
//
// A network namespace for each test, so that a test sees only its own devices and leaves none behind.
#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kernel/netlink_host.h"

namespace dpvrrp {

inline constexpr std::chrono::seconds kPatience{10};

// Waits until `fd` is readable; false when the deadline has passed.
inline bool WaitReadable(int fd, std::chrono::steady_clock::time_point deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  pollfd p{fd, POLLIN, 0};
  return left > 0 && poll(&p, 1, static_cast<int>(left)) > 0;
}

inline void Shell(const std::string& command) { ASSERT_EQ(std::system(command.c_str()), 0) << command; }

inline std::string ReadSysctl(const std::string& name) {
  std::string value;
  std::ifstream("/proc/sys/net/" + name) >> value;
  return value;
}

inline void WriteSysctl(const std::string& name, int value) { std::ofstream("/proc/sys/net/" + name) << value; }

inline IpPrefix Prefix(const char* text) { return ParseIpPrefix(text).value(); }

class KernelFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    if (unshare(CLONE_NEWNET) != 0) {
      GTEST_SKIP() << "needs root (CAP_SYS_ADMIN) to make a network namespace: " << std::strerror(errno);
    }
    WriteSysctl("ipv4/conf/default/rp_filter", 0);
    Shell("ip link add veth0 type veth peer name veth1 && ip link set veth0 up && ip link set veth1 up");
    host_ = NetlinkHost::Open().value();
  }

  // All replies to `requests`, in the order of their ids 1, 2, 3 ...
  std::vector<absl::Status> Ask(std::vector<HostRequest> requests) {
    uint64_t id = 0;
    for (HostRequest& request : requests) request.id = ++id;
    host_->Send(requests);
    std::vector<HostReply> replies;
    host_->ReceiveReplies(replies);
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (replies.size() < requests.size() && WaitReadable(host_->request_fd(), deadline)) {
      host_->ReceiveReplies(replies);
    }
    std::vector<absl::Status> statuses(requests.size(), absl::DeadlineExceededError("no reply"));
    EXPECT_EQ(replies.size(), requests.size());
    for (const HostReply& reply : replies) statuses.at(reply.id - 1) = reply.status;
    return statuses;
  }
  absl::Status Ask(HostOp op, const std::string& device, const char* prefix = "0.0.0.0") {
    return Ask({HostRequest{0, op, device, Prefix(prefix)}}).front();
  }

  // Reads events until one is `wanted`; all that were read are in events_.
  bool WaitForEvent(HostEvent::Kind kind, const std::string& device, const IpPrefix& prefix = {}) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    size_t looked_at = 0;
    do {
      host_->ReceiveEvents(events_);
      for (; looked_at < events_.size(); ++looked_at) {
        const HostEvent& e = events_[looked_at];
        if (e.kind == kind && e.device == device && e.prefix == prefix) return true;
      }
    } while (WaitReadable(host_->event_fd(), deadline));
    return false;
  }

  // The addresses of the device in ListAddresses(), without the kernel's own link-local addresses.
  std::vector<std::string> AddressesOf(const std::string& device) {
    std::vector<std::string> found;
    const std::vector<HostAddress> all = host_->ListAddresses().value();
    for (const HostAddress& a : all) {
      const std::string text = ToString(a.prefix);
      if (a.device == device && text.rfind("fe80::", 0) != 0) found.push_back(text + (a.ours ? " ours" : " theirs"));
    }
    return found;
  }

  std::unique_ptr<NetlinkHost> host_;
  std::vector<HostEvent> events_;
};

}  // namespace dpvrrp
