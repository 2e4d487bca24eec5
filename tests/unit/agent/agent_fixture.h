// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "agent/agent_client.h"
#include "base/check.h"
#include "io/privileges.h"
#include "io/unique_fd.h"
#include "unit/io/temp_folder.h"

namespace dpvrrp {

// Real processes of the agent. Waits have no deadline of their own: the deadline is the test's.
class AgentTest : public ::testing::Test {
 protected:
  static constexpr Nanoseconds kNoTimeout = std::chrono::hours(1);

  void SetUp() override {
    if (user_.empty()) GTEST_SKIP() << "the user of this process has no name";
  }

  void Start(size_t at_once = kDefaultAtOnce) {
    absl::StatusOr<std::unique_ptr<AgentClient>> client =
        AgentClient::Start({.at_once = at_once, .program = DPVRRPD_AGENT});
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
  }

  ProgramRequest Request(std::vector<std::string> command, Nanoseconds timeout = kNoTimeout) {
    return {.id = ++last_id_, .command = std::move(command), .user = user_, .timeout = timeout, .queue = ""};
  }
  ProgramRequest Shell(const std::string& script, Nanoseconds timeout = kNoTimeout) {
    return Request({"/bin/sh", "-c", script}, timeout);
  }

  uint64_t Order(ProgramRequest request) {
    const uint64_t id = request.id;
    orders_.push_back(std::move(request));
    client_->Send(orders_);
    Receive();
    return id;
  }

  void Receive() {
    std::vector<ProgramReply> replies;
    client_->Receive(replies, news_);
    for (ProgramReply& reply : replies) {
      order_of_replies_.push_back(reply.id);
      const bool first = replies_.emplace(reply.id, std::move(reply)).second;
      EXPECT_TRUE(first) << "two replies";
    }
  }

  // Sends and receives until `done`, which is asked again at least every 10 ms.
  template <typename Condition>
  void Until(const Condition& done) {
    Receive();
    while (!done()) {
      client_->Send(orders_);
      const short events = client_->waits_for_room() ? POLLIN | POLLOUT : POLLIN;
      pollfd entry{client_->has_ended() ? -1 : client_->fd(), events, 0};
      poll(&entry, 1, 10);
      Receive();
    }
  }

  ProgramReply ReplyTo(uint64_t id) {
    Until([&] { return replies_.contains(id); });
    return replies_.at(id);
  }
  ProgramReply Run(ProgramRequest request) { return ReplyTo(Order(std::move(request))); }
  std::string TextOf(ProgramRequest request) { return Run(std::move(request)).text; }

  void UntilNews(AgentNews::Kind kind) {
    Until([&] { return CountNews(kind) > 0; });
  }
  size_t CountNews(AgentNews::Kind kind) const {
    size_t count = 0;
    for (const AgentNews& news : news_) count += news.kind == kind;
    return count;
  }

  // Also waits until the file has a complete line.
  std::string UntilFile(const std::string& path) {
    Until([&] { return ReadBytes(path).ends_with('\n'); });
    return ReadBytes(path);
  }
  pid_t UntilPidFile(const std::string& path) { return ToPid(UntilFile(path)); }

  static pid_t ToPid(const std::string& text) {
    int pid = 0;
    EXPECT_TRUE(absl::SimpleAtoi(text, &pid)) << text;
    DPVRRP_CHECK(pid > 1);
    return pid;
  }
  pid_t Worker() { return ToPid(TextOf(Shell("echo $PPID"))); }

  // Waits until the process has ended; it is no child of this process.
  static void UntilEnded(pid_t pid) {
    const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    pollfd entry{process.get(), POLLIN, 0};
    if (process.valid()) poll(&entry, 1, -1);
  }

  static std::string StatusLine(const std::string& process, const std::string& name) {
    const std::string status = ReadBytes("/proc/" + process + "/status");
    const size_t at = status.find("\n" + name + ":\t") + 1;
    return status.substr(at + name.size() + 2, status.find('\n', at) - at - name.size() - 2);
  }

  const std::string user_ = FindUserName(geteuid());
  TempFolder folder_;
  std::unique_ptr<AgentClient> client_;
  std::deque<ProgramOrder> orders_;
  uint64_t last_id_ = 100;
  std::map<uint64_t, ProgramReply> replies_;
  std::vector<uint64_t> order_of_replies_;
  std::vector<AgentNews> news_;
};

}  // namespace dpvrrp
