// SPDX-License-Identifier: BSD-3-Clause
#include "agent/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace dpvrrp {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

ProgramRequest Request() {
  return {.id = 77,
          .command = {"/usr/bin/notify", "", "a b", "\xff\n"},
          .user = "keepalived_script",
          .timeout = std::chrono::seconds(5),
          .queue = "lan"};
}

NumberedOrder Decoded(const std::string& message) {
  const absl::StatusOr<NumberedOrder> order = DecodeOrder(message);
  EXPECT_TRUE(order.ok()) << order.status();
  return order.ok() ? *order : NumberedOrder();
}

std::vector<std::string> SomeMessages() {
  return {*EncodeOrder(9, Request()), *EncodeOrder(10, FifoLine{"/run/fifo", "INSTANCE"}), EncodeFinish(11, {})};
}

TEST(MessageOrderTest, ARequestIsReceivedAsItWasSent) {
  const NumberedOrder order = Decoded(*EncodeOrder(9, Request()));
  EXPECT_EQ(order.number, 9u);
  EXPECT_EQ(std::get<ProgramRequest>(order.order), Request());
}

TEST(MessageOrderTest, AFifoLineIsReceivedAsItWasSent) {
  const FifoLine line{"/run/fifo", "INSTANCE \"lan\" MASTER 100"};
  const NumberedOrder order = Decoded(*EncodeOrder(std::numeric_limits<uint64_t>::max(), line));
  EXPECT_EQ(order.number, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(std::get<FifoLine>(order.order), line);
}

TEST(MessageOrderTest, TheFinishIsReceivedAsItWasSent) {
  const NumberedOrder order = Decoded(EncodeFinish(3, {std::chrono::milliseconds(1500)}));
  EXPECT_EQ(order.number, 3u);
  EXPECT_EQ(std::get<FinishOrder>(order.order).longest, std::chrono::milliseconds(1500));
}

TEST(MessageOrderTest, ItsStartIsEnoughForTheNumber) {
  for (const std::string& message : SomeMessages()) {
    const std::string start = message.substr(0, kOrderNumberBytes);
    EXPECT_EQ(PeekOrderNumber(start), Decoded(message).number);
    EXPECT_EQ(PeekOrderNumber(start.substr(1)), std::nullopt);
    EXPECT_EQ(PeekOrderNumber(start.substr(0, kOrderNumberBytes - 1)), std::nullopt);
  }
  EXPECT_EQ(PeekOrderNumber(EncodeReport(AgentNews())), std::nullopt);
  EXPECT_EQ(PeekOrderNumber(""), std::nullopt);
}

TEST(MessageOrderTest, OneThatWouldBeTooLongIsRefused) {
  ProgramRequest request = Request();
  request.command.emplace_back(kMaxAgentMessage, 'x');
  EXPECT_THAT(std::string(EncodeOrder(1, request).status().message()), HasSubstr("at most 65536 fit"));
  const size_t least = EncodeOrder(1, FifoLine{"/f", ""})->size();
  EXPECT_THAT(*EncodeOrder(1, FifoLine{"/f", std::string(kMaxAgentMessage - least, 'x')}), SizeIs(kMaxAgentMessage));
  EXPECT_FALSE(EncodeOrder(1, FifoLine{"/f", std::string(kMaxAgentMessage - least + 1, 'x')}).ok());
}

TEST(MessageOrderTest, OneThatCannotBeExecutedIsRefused) {
  const auto refused = [](auto change) {
    ProgramRequest request = Request();
    change(request);
    return !CheckOrder(request).ok() && !EncodeOrder(1, request).ok();
  };
  EXPECT_FALSE(refused([](ProgramRequest&) {}));
  EXPECT_TRUE(refused([](ProgramRequest& request) { request.command.clear(); }));
  EXPECT_TRUE(refused([](ProgramRequest& request) { request.command[0].clear(); }));
  EXPECT_TRUE(refused([](ProgramRequest& request) { request.command[1] = std::string("a\0b", 3); }));
  EXPECT_TRUE(refused([](ProgramRequest& request) { request.user.clear(); }));
  EXPECT_TRUE(refused([](ProgramRequest& request) { request.user = std::string("\0", 1); }));
  EXPECT_TRUE(refused([](ProgramRequest& request) { request.timeout = Nanoseconds(0); }));
  EXPECT_TRUE(refused([](ProgramRequest& request) { request.timeout = Nanoseconds(-1); }));
  EXPECT_TRUE(refused([](ProgramRequest& request) { request.timeout = kMaxProgramTimeout + Nanoseconds(1); }));
  EXPECT_FALSE(CheckOrder(FifoLine{"", "line"}).ok());
  EXPECT_FALSE(CheckOrder(FifoLine{"/f", "two\nlines"}).ok());
  EXPECT_FALSE(CheckOrder(FifoLine{std::string("/f\0", 3), "line"}).ok());
}

TEST(MessageOrderTest, ATruncatedOrExtendedMessageIsRefused) {
  for (const std::string& message : SomeMessages()) {
    for (size_t size = 0; size < message.size(); ++size) EXPECT_FALSE(DecodeOrder(message.substr(0, size)).ok());
    EXPECT_FALSE(DecodeOrder(message + "x").ok());
  }
}

TEST(MessageOrderTest, NoChangedByteDoesHarm) {
  for (const std::string& message : SomeMessages()) {
    for (size_t at = 0; at < message.size(); ++at) {
      for (const int byte : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
        std::string changed = message;
        changed[at] = static_cast<char>(byte);
        const absl::StatusOr<NumberedOrder> order = DecodeOrder(changed);
        EXPECT_TRUE(at != 0 || changed == message || !order.ok()) << "another version";
      }
    }
  }
}

TEST(MessageOrderTest, AReportIsNoOrder) {
  EXPECT_FALSE(DecodeOrder(EncodeReport(NumberedReply())).ok());
  EXPECT_FALSE(DecodeReport(*EncodeOrder(1, Request())).ok());
}

TEST(MessageReportTest, AReplyIsReceivedAsItWasSent) {
  const NumberedReply sent{4, {.id = 5, .outcome = ProgramReply::Outcome::kSignalled, .status = -9, .text = "why"}};
  const absl::StatusOr<AgentReport> report = DecodeReport(EncodeReport(sent));
  ASSERT_TRUE(report.ok()) << report.status();
  const auto& reply = std::get<NumberedReply>(*report);
  EXPECT_EQ(reply.number, 4u);
  EXPECT_EQ(reply.reply.id, 5u);
  EXPECT_EQ(reply.reply.outcome, ProgramReply::Outcome::kSignalled);
  EXPECT_EQ(reply.reply.status, -9);
  EXPECT_EQ(reply.reply.text, "why");
}

TEST(MessageReportTest, NewsAreReceivedAsTheyWereSent) {
  const absl::StatusOr<AgentReport> report =
      DecodeReport(EncodeReport(AgentNews{AgentNews::Kind::kFifoLost, "/f", 12}));
  ASSERT_TRUE(report.ok()) << report.status();
  const auto& news = std::get<AgentNews>(*report);
  EXPECT_EQ(news.kind, AgentNews::Kind::kFifoLost);
  EXPECT_EQ(news.text, "/f");
  EXPECT_EQ(news.count, 12u);
}

TEST(MessageReportTest, TheEndOfAWorkerIsReceivedAsItWasSent) {
  const absl::StatusOr<AgentReport> report = DecodeReport(EncodeReport(WorkerEnded{8, "signal 9"}));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(std::get<WorkerEnded>(*report).taken, 8u);
  EXPECT_EQ(std::get<WorkerEnded>(*report).text, "signal 9");
}

TEST(MessageReportTest, ALongTextIsCut) {
  NumberedReply reply;
  reply.reply.text = std::string(100000, 'x');
  const absl::StatusOr<AgentReport> cut = DecodeReport(EncodeReport(reply));
  EXPECT_THAT(std::get<NumberedReply>(*cut).reply.text, SizeIs(kMaxProgramText));
  EXPECT_LE(EncodeReport(AgentNews{AgentNews::Kind::kFifoFault, std::string(100000, 'x'), 0}).size(), kMaxAgentMessage);
}

TEST(MessageReportTest, AMalformedMessageIsRefused) {
  const std::string reply = EncodeReport(NumberedReply());
  const std::string news = EncodeReport(AgentNews());
  for (const std::string& message : {reply, news, EncodeReport(WorkerEnded())}) {
    for (size_t size = 0; size < message.size(); ++size) EXPECT_FALSE(DecodeReport(message.substr(0, size)).ok());
    EXPECT_FALSE(DecodeReport(message + "x").ok());
  }
  std::string unknown = news;
  unknown[2] = 5;  // its kind
  EXPECT_FALSE(DecodeReport(unknown).ok());
  unknown = reply;
  unknown[2 + 16] = 5;  // its outcome
  EXPECT_FALSE(DecodeReport(unknown).ok());
}

}  // namespace
}  // namespace dpvrrp
