// SPDX-License-Identifier: BSD-3-Clause
//
// Conversations between server and client: the lines and their order, in both modes.
#include "io/control_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/io/control_fixture.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(ControlTest, APlainClientGetsTheBareText) {
  RawClient client(path_);
  client.Say("echo hello\n");
  Turn();
  EXPECT_EQ(client.Hear(), "hello\n");
  EXPECT_FALSE(client.closed());
  EXPECT_EQ(server_->clients(), 1u);
}

TEST_F(ControlTest, APlainClientSeesFailuresAsErrorLines) {
  RawClient client(path_);
  client.Say("fail\n");
  Turn();
  server_->Reply(last_client_, ReplyStatus::kError, "no such instance");
  Turn();
  EXPECT_EQ(client.Hear(), "error: no such instance\n");
}

TEST_F(ControlTest, AFramedClientGetsStatusAndLength) {
  RawClient client(path_);
  client.Say("mode framed\necho hello\nfail\n");
  Turn();
  server_->Reply(last_client_, ReplyStatus::kUsage, "what?");
  Turn();
  EXPECT_EQ(client.Hear(), "ok 0\nok 6\nhello\nusage 5\nwhat?");
  client.Say("mode plain\necho hello\n");
  Turn();
  EXPECT_EQ(client.Hear(), "hello\n");
}

TEST_F(ControlTest, TwoRequestsInOneWriteAreAnsweredInOrder) {
  RawClient client(path_);
  client.Say("echo one\necho two\n");
  Turn();
  EXPECT_EQ(client.Hear(), "one\ntwo\n");
  EXPECT_THAT(lines_, ElementsAre("echo one", "echo two"));
}

TEST_F(ControlTest, TheNextLineWaitsForTheLastOnesReply) {
  RawClient client(path_);
  client.Say("slow\necho two\n");
  Turn();
  EXPECT_THAT(lines_, ElementsAre("slow"));
  server_->Reply(last_client_, ReplyStatus::kOk, "one\n");
  Turn();
  EXPECT_THAT(lines_, ElementsAre("slow", "echo two"));
  EXPECT_EQ(client.Hear(), "one\ntwo\n");
}

TEST_F(ControlTest, AnEmptyReplyLetsTheNextLineThrough) {
  RawClient client(path_);
  client.Say("slow\necho two\n");
  Turn();
  server_->Reply(last_client_, ReplyStatus::kOk, "");
  Turn();
  EXPECT_EQ(client.Hear(), "two\n");
}

TEST_F(ControlTest, CarriageReturnsAndSplitLinesAreFine) {
  RawClient client(path_);
  client.Say("ec");
  Turn();
  client.Say("ho one\r\necho two\r");
  Turn();
  client.Say("\n");
  Turn();
  EXPECT_EQ(client.Hear(), "one\ntwo\n");
}

TEST_F(ControlTest, BlankLinesAskNothing) {
  RawClient client(path_);
  client.Say("\n \t\r\necho one\n");
  Turn();
  EXPECT_EQ(client.Hear(), "one\n");
  EXPECT_THAT(lines_, ElementsAre("echo one"));
}

// socat sends end-of-file right after the line.
TEST_F(ControlTest, AHalfClosedClientStillGetsItsAnswerAndThenTheEnd) {
  RawClient client(path_);
  client.Say("slow\n");
  client.HalfClose();
  Turn();
  EXPECT_EQ(client.Hear(), "");
  EXPECT_FALSE(client.closed());
  server_->Reply(last_client_, ReplyStatus::kOk, "done\n");
  Turn();
  EXPECT_EQ(client.Hear(), "done\n");
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(server_->clients(), 0u);
  EXPECT_THAT(closed_, ElementsAre(last_client_));
}

TEST_F(ControlTest, ALastLineNeedsNoNewlineBeforeEndOfFile) {
  RawClient client(path_);
  client.Say("echo one");
  client.HalfClose();
  Turn();
  EXPECT_EQ(client.Hear(), "one\n");
  EXPECT_TRUE(client.closed());
}

TEST_F(ControlTest, AHalfClosedClientMayFollow) {
  RawClient client(path_);
  client.Say("follow\n");
  client.HalfClose();
  Turn();
  for (const char* event : {"one\n", "two\n"}) {
    server_->Stream(last_client_, event);
    Turn();
    EXPECT_EQ(client.Hear(), event);
  }
  EXPECT_EQ(server_->clients(), 1u);
}

TEST_F(ControlTest, AStreamIsMoreFramesAndAFinalOne) {
  RawClient client(path_);
  client.Say("mode framed\nfollow\n");
  Turn();
  server_->Stream(last_client_, "one\n");
  server_->Stream(last_client_, "two\n");
  server_->Reply(last_client_, ReplyStatus::kOk, "");
  server_->Stream(last_client_, "too late\n");
  Turn();
  EXPECT_EQ(client.Hear(), "ok 0\nmore 4\none\nmore 4\ntwo\nok 0\n");
}

TEST_F(ControlTest, AFollowerThatHangsUpIsNoticed) {
  RawClient client(path_);
  client.Say("follow\n");
  Turn();
  const ClientId follower = last_client_;
  client.HangUp();
  Turn();
  EXPECT_THAT(closed_, ElementsAre(follower));
  EXPECT_EQ(server_->clients(), 0u);
  server_->Stream(follower, "nobody is there");
  server_->Reply(follower, ReplyStatus::kOk, "still nobody");
  Turn();
}

TEST_F(ControlTest, AClientThatDiesInTheMiddleOfItsReplyDisturbsNoOther) {
  RawClient dying(path_);
  RawClient other(path_);
  dying.Say("big\n");
  Turn();
  server_->Reply(last_client_, ReplyStatus::kOk, std::string(4 * 1024 * 1024, 'x'));
  Turn();
  EXPECT_EQ(server_->clients(), 2u);
  dying.HangUp();
  other.Say("echo alive\n");
  Turn();
  EXPECT_EQ(server_->clients(), 1u);
  EXPECT_EQ(other.Hear(), "alive\n");
}

TEST_F(ControlTest, AClientThatHangsUpAtOnceHasSpoken) {
  {
    RawClient client(path_);
    client.Say("echo one\necho two\necho three");
  }
  Turn();
  EXPECT_THAT(lines_, ElementsAre("echo one", "echo two", "echo three"));
  EXPECT_EQ(server_->clients(), 0u);
}

TEST_F(ControlTest, ManyLinesOfAClientThatHungUpAreAllCarriedOut) {
  {
    RawClient client(path_);
    std::string lines;
    for (int i = 0; i < 3000; ++i) lines += "echo " + std::to_string(i) + "\n";
    ASSERT_EQ(client.Say(lines), lines.size());
  }
  Turn();
  EXPECT_EQ(lines_.size(), 3000u);
  EXPECT_EQ(server_->clients(), 0u);
}

TEST_F(ControlTest, AFloodOfRequestsNeitherOverflowsNorStarves) {
  RawClient client(path_);
  std::string asked;
  for (int i = 0; i < 2000; ++i) asked += "echo " + std::to_string(i) + "\n";
  size_t said = 0;
  std::string heard;
  for (int i = 0; i < 100; ++i) {
    said += client.Say(asked.substr(said));
    Turn();
    heard += client.Hear();
  }
  std::string expected;
  for (int i = 0; i < 2000; ++i) expected += std::to_string(i) + "\n";
  EXPECT_EQ(heard, expected);
}

TEST_F(ControlTest, AnAnswerLargerThanTheSocketArrivesWhole) {
  RawClient client(path_);
  client.Say("mode framed\nbig\n");
  Turn();
  const std::string body(3 * 1024 * 1024, 'x');
  server_->Reply(last_client_, ReplyStatus::kOk, body);
  std::string heard;
  for (int i = 0; i < 200 && heard.size() < body.size(); ++i) {
    Turn();
    heard += client.Hear();
  }
  EXPECT_EQ(heard, "ok 0\nok 3145728\n" + body);
}

TEST_F(ControlTest, AReplyThatNoClientWaitsForIsIgnored) {
  RawClient client(path_);
  client.Say("echo one\n");
  Turn();
  server_->Reply(last_client_, ReplyStatus::kOk, "again\n");
  server_->Reply(ClientId(999), ReplyStatus::kOk, "who?\n");
  Turn();
  EXPECT_EQ(client.Hear(), "one\n");
  EXPECT_THAT(closed_, IsEmpty());
}

}  // namespace
}  // namespace dpvrrp
