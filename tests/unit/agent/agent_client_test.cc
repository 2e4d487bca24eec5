// SPDX-License-Identifier: BSD-3-Clause
//
// Control's connection to the agent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "unit/agent/agent_fixture.h"

namespace dpvrrp {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Outcome = ProgramReply::Outcome;

using AgentClientTest = AgentTest;

TEST_F(AgentClientTest, AnAgentThatIsNotInstalledIsReported) {
  const absl::Status missing = AgentClient::Start({.program = folder_ / "agent"}).status();
  EXPECT_THAT(std::string(missing.message()), HasSubstr("agent: No such file or directory"));
  const absl::Status none = AgentClient::Start({}).status();
  EXPECT_TRUE(absl::IsNotFound(none)) << none << "; this folder has no agent";
}

TEST_F(AgentClientTest, ANumberOfProgramsThatIsNotPossibleIsRefused) {
  for (const size_t at_once : {0, 257}) {
    const absl::Status status = AgentClient::Start({.at_once = at_once, .program = DPVRRPD_AGENT}).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  }
}

TEST_F(AgentClientTest, ARequestThatIsTooLongIsAnsweredAndDoesNotDelayOthers) {
  Start();
  orders_.push_back(Request({"/bin/true", std::string(70'000, 'x')}));
  orders_.push_back(FifoLine{folder_ / "fifo", std::string(70'000, 'x')});
  const ProgramReply good = Run(Request({"/bin/true"}));
  EXPECT_EQ(good.outcome, Outcome::kExited);
  const ProgramReply refused = replies_.at(good.id - 1);
  EXPECT_EQ(refused.outcome, Outcome::kNotStarted);
  EXPECT_THAT(refused.text, HasSubstr("at most 65536"));
  EXPECT_EQ(CountNews(AgentNews::Kind::kFifoFault), 1u);
}

TEST_F(AgentClientTest, OrdersThatDoNotFitStayInTheirOrder) {
  Start(1);
  const pid_t worker = Worker();
  order_of_replies_.clear();
  ASSERT_EQ(kill(worker, SIGSTOP), 0);
  std::vector<uint64_t> ids;
  for (int i = 0; i < 20; ++i) {
    ids.push_back(Order(Request({"/bin/true", std::string(60'000, 'x')})));  // more than the socket takes
  }
  EXPECT_TRUE(client_->waits_for_room());
  EXPECT_FALSE(orders_.empty());
  ASSERT_EQ(kill(worker, SIGCONT), 0);
  ReplyTo(ids.back());
  EXPECT_THAT(orders_, IsEmpty());
  EXPECT_FALSE(client_->waits_for_room());
  EXPECT_EQ(order_of_replies_, ids);
  EXPECT_EQ(client_->unanswered(), 0u);
}

TEST_F(AgentClientTest, ManyRequestsAreAllAnswered) {
  Start(4);
  for (int i = 0; i < 150; ++i) {
    ProgramRequest request = Request({"/bin/true"});
    request.queue = absl::StrCat(i % 7);
    orders_.emplace_back(std::move(request));
  }
  Until([&] { return replies_.size() == 150; });
  for (const auto& [id, reply] : replies_) EXPECT_EQ(reply.outcome, Outcome::kExited) << reply.text;
}

TEST_F(AgentClientTest, TheAgentRunsOnWhileControlReadsNothing) {
  Start(4);
  const std::string file = folder_ / "done";
  for (int i = 0; i < 400; ++i) orders_.emplace_back(Request({"/no/such/program"}));
  ProgramRequest last = Shell("echo done > " + file);
  orders_.emplace_back(std::move(last));
  // Meanwhile its replies wait: the socket has room for about 280.
  while (!ReadBytes(file).ends_with('\n')) {
    client_->Send(orders_);
    pollfd entry{client_->fd(), static_cast<short>(client_->waits_for_room() ? POLLOUT : 0), 0};
    poll(&entry, 1, 10);
  }
  Until([&] { return replies_.size() == 401; });
}

TEST_F(AgentClientTest, LinesReachTheirFifoInOrder) {
  Start();
  const std::string path = folder_ / "fifo";
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    orders_.emplace_back(FifoLine{path, absl::StrCat("line ", i)});
    absl::StrAppend(&expected, "line ", i, "\n");
  }
  Until([&] { return orders_.empty() && std::filesystem::is_fifo(path); });
  const UniqueFd reader(open(path.c_str(), O_RDONLY));
  std::string got;
  char buffer[4096];
  while (got.size() < expected.size()) {
    const ssize_t size = read(reader.get(), buffer, sizeof(buffer));
    ASSERT_GT(size, 0);
    got.append(buffer, static_cast<size_t>(size));
  }
  EXPECT_EQ(got, expected);
}

TEST_F(AgentClientTest, AFaultOfAFifoIsReported) {
  Start();
  WriteBytes(folder_ / "file", "text");
  orders_.emplace_back(FifoLine{folder_ / "file", "line"});
  UntilNews(AgentNews::Kind::kFifoFault);
  EXPECT_EQ(news_.front().text, folder_ / "file" + " is no FIFO; remove it");
  EXPECT_EQ(ReadBytes(folder_ / "file"), "text");
}

}  // namespace
}  // namespace dpvrrp
