// SPDX-License-Identifier: BSD-3-Clause
//
// What happens when a process of the agent ends, when control ends, and at an orderly end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "unit/agent/agent_fixture.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Outcome = ProgramReply::Outcome;

using AgentEndTest = AgentTest;

TEST_F(AgentEndTest, AKilledWorkerIsReportedAndReplaced) {
  Start();
  const pid_t worker = Worker();
  const std::string file = folder_ / "pid";
  const uint64_t running = Order(Shell("sleep 1000 & echo $! > " + file + "; wait"));
  const pid_t child = UntilPidFile(file);
  ASSERT_EQ(kill(worker, SIGKILL), 0);
  EXPECT_EQ(ReplyTo(running).outcome, Outcome::kLost);
  UntilNews(AgentNews::Kind::kRestarted);
  ASSERT_EQ(news_.size(), 2u);
  EXPECT_EQ(news_[0].kind, AgentNews::Kind::kEnded);
  EXPECT_EQ(news_[0].text, "the agent was ended by signal 9");
  UntilEnded(child);  // its group was killed
  EXPECT_EQ(TextOf(Shell("echo works")), "works");
  EXPECT_NE(Worker(), worker);
  EXPECT_FALSE(client_->has_ended());
}

TEST_F(AgentEndTest, ARequestThatNoWorkerHadTakenIsNotLost) {
  Start();
  const pid_t worker = Worker();
  const std::string file = folder_ / "started";
  const uint64_t running = Order(Shell("echo > " + file + "; sleep 1000"));
  UntilFile(file);
  ASSERT_EQ(kill(worker, SIGSTOP), 0);
  const uint64_t waiting = Order(Shell("echo works"));
  ASSERT_EQ(kill(worker, SIGKILL), 0);
  EXPECT_EQ(ReplyTo(running).outcome, Outcome::kLost);
  EXPECT_EQ(ReplyTo(waiting).text, "works");
}

TEST_F(AgentEndTest, AWorkerMayBeKilledRepeatedly) {
  Start();
  for (size_t i = 1; i <= 3; ++i) {
    ASSERT_EQ(kill(Worker(), SIGKILL), 0);
    Until([&] { return CountNews(AgentNews::Kind::kRestarted) == i; });
  }
  EXPECT_EQ(CountNews(AgentNews::Kind::kEnded), 3u);
}

TEST_F(AgentEndTest, WithoutItsSupervisorTheWorkerStillWorks) {
  Start();
  const pid_t worker = Worker();
  ASSERT_EQ(kill(client_->pid(), SIGKILL), 0);
  UntilEnded(client_->pid());
  EXPECT_EQ(TextOf(Shell("echo works")), "works");
  const uint64_t running = Order(Shell("sleep 1000"));
  ASSERT_EQ(kill(worker, SIGKILL), 0);
  EXPECT_EQ(ReplyTo(running).outcome, Outcome::kLost);
  EXPECT_TRUE(client_->has_ended());
  EXPECT_EQ(CountNews(AgentNews::Kind::kEnded), 1u);
  EXPECT_EQ(CountNews(AgentNews::Kind::kRestarted), 0u);
  const ProgramReply late = Run(Request({"/bin/true"}));
  EXPECT_EQ(late.outcome, Outcome::kNotStarted);
  EXPECT_EQ(late.text, "the agent has ended; restart the daemon");
  EXPECT_EQ(news_.size(), 1u);
}

TEST_F(AgentEndTest, SignalsOfAServiceManagerDoNotEndTheAgent) {
  Start();
  const pid_t worker = Worker();
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGPIPE}) {
    ASSERT_EQ(kill(client_->pid(), number), 0);
    ASSERT_EQ(kill(worker, number), 0);
  }
  EXPECT_EQ(Worker(), worker);
}

TEST_F(AgentEndTest, WhenControlEndsEverythingEnds) {
  Start();
  const pid_t supervisor = client_->pid();
  const pid_t worker = Worker();
  const std::string obedient = folder_ / "obedient";
  const std::string deaf = folder_ / "deaf";
  Order(Shell("echo $$ > " + obedient + "; sleep 1000"));
  Order(Shell("trap '' TERM; echo $$ > " + deaf + "; while :; do sleep 1000; done"));
  const pid_t programs[] = {UntilPidFile(obedient), UntilPidFile(deaf)};
  client_.reset();
  for (const pid_t pid : {programs[0], programs[1], worker, supervisor}) UntilEnded(pid);
}

TEST_F(AgentEndTest, AfterTheLastOrderProgramsMayFinish) {
  Start(1);
  const pid_t supervisor = client_->pid();
  const std::string file = folder_ / "order";
  for (int i = 0; i < 5; ++i) orders_.emplace_back(Shell(absl::StrCat("sleep 0.05; echo ", i, " >> ", file)));
  EXPECT_TRUE(client_->Finish(orders_, kNoTimeout));
  Receive();
  EXPECT_EQ(ReadBytes(file), "0\n1\n2\n3\n4\n");
  EXPECT_EQ(replies_.size(), 5u);
  for (const auto& [id, reply] : replies_) EXPECT_EQ(reply.outcome, Outcome::kExited);
  EXPECT_TRUE(news_.empty()) << "this end was wanted";
  UntilEnded(supervisor);
}

TEST_F(AgentEndTest, TheFinishTransfersMoreOrdersThanTheSocketTakes) {
  Start(4);
  const size_t count = 50;
  for (size_t i = 0; i < count; ++i) orders_.emplace_back(Request({"/bin/true", std::string(60'000, 'x')}));
  EXPECT_TRUE(client_->Finish(orders_, kNoTimeout));
  Receive();
  EXPECT_EQ(replies_.size(), count);
}

TEST_F(AgentEndTest, AFinishHasABound) {
  Start();
  const pid_t supervisor = client_->pid();
  const std::string file = folder_ / "pid";
  const uint64_t id = Order(Shell("trap '' TERM; echo $$ > " + file + "; while :; do sleep 1000; done"));
  const pid_t program = UntilPidFile(file);
  EXPECT_FALSE(client_->Finish(orders_, std::chrono::milliseconds(10)));
  EXPECT_EQ(client_->unanswered(), 1u);
  EXPECT_EQ(ReplyTo(id).outcome, Outcome::kTimedOut) << "the agent ended it";
  UntilEnded(program);
  UntilEnded(supervisor);
}

TEST_F(AgentEndTest, AProgramMayFinishAlthoughControlHasEnded) {
  Start();
  const pid_t supervisor = client_->pid();
  const std::string go = folder_ / "go";
  const std::string done = folder_ / "done";
  const std::string started = folder_ / "started";
  Order(Shell("echo > " + started + "; until [ -e " + go + " ]; do sleep 0.01; done; echo done > " + done));
  UntilFile(started);
  // The agent has the whole time, the client waits for a part of it.
  ASSERT_TRUE(client_->BeginFinish(kNoTimeout));
  client_.reset();
  WriteBytes(go, "");
  UntilEnded(supervisor);
  EXPECT_EQ(ReadBytes(done), "done\n");
}

}  // namespace
}  // namespace dpvrrp
