// SPDX-License-Identifier: BSD-3-Clause
//
// A line is parsed once; its command waits for what its row of the table needs. No controller, no lcore.
#include "control/commands/commander.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/compose/configurator.h"
#include "control/questions/answers.h"
#include "unit/control/fake_services.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class CommanderTest : public ::testing::Test {
 protected:
  CommanderTest() {
    ManagedInstance instance;
    instance.config.name = "gw";
    instance.config.port = "lan";
    instance.id = parts_.registry.NextId();
    instance.state = State::kBackup;
    parts_.registry.Add(std::move(instance));
  }
  std::optional<Commander::Question> Line(absl::string_view line) {
    return commander_.OnLine(RequesterId(7), line, time_);
  }
  Answers Complete() { return {&parts_.questions, &speakers_, time_.now, {}}; }
  const Answer& Last() { return parts_.outbox.answers.back(); }

  FakeServices services_;
  ShardCounters counters_;
  ControlTime time_{Instant{} + std::chrono::hours(1), 1'700'000'000'000};
  Parts parts_{services_, {{.name = "lan", .id = PortId(0), .mac = {}}}, {&counters_}, "portable", time_};
  Lifecycle lifecycle_{parts_};
  Orders orders_{parts_, lifecycle_};
  Configurator configurator_{parts_, lifecycle_, orders_};
  Commander commander_{parts_, orders_, configurator_, parts_.journal, parts_.outbox};
  std::vector<Speaker> speakers_;
};

TEST_F(CommanderTest, ACommandThatNeedsNothingIsAnsweredAtOnce) {
  EXPECT_FALSE(Line("show drops").has_value());
  ASSERT_THAT(parts_.outbox.answers, SizeIs(1));
  EXPECT_EQ(Last().to, RequesterId(7));
  EXPECT_EQ(Last().status, Answer::Status::kOk);
}

TEST_F(CommanderTest, ALineThatIsNoCommandIsRefused) {
  EXPECT_FALSE(Line("show nothing").has_value());
  EXPECT_EQ(Last().status, Answer::Status::kUsage);
}

TEST_F(CommanderTest, ALineIsCompleted) {
  EXPECT_FALSE(Line("complete resign ").has_value());
  EXPECT_EQ(Last().body, "gw\n");
}

TEST_F(CommanderTest, ARowSaysWhatItsCommandNeeds) {
  EXPECT_TRUE(Line("show senders")->watch);
  EXPECT_THAT(Line("show senders")->instances, IsEmpty());
  EXPECT_THAT(Line("show instance gw")->instances, ElementsAre(parts_.registry.Find("gw")));
  EXPECT_THAT(Line("show instances state backup")->instances, SizeIs(1));
  EXPECT_FALSE(Line("show instances state master").has_value());
  EXPECT_TRUE(Line("sender block 02:00:0a:63:00:09")->watch);
  EXPECT_FALSE(Line("sender block 10.99.0.9")->watch);
  EXPECT_FALSE(Line("sender block 10.99.0.9 --force").has_value());
}

TEST_F(CommanderTest, ACallWaitsAsItWasParsedUntilTheAnswersAreThere) {
  const std::optional<Commander::Question> first = Line("show senders --json");
  const std::optional<Commander::Question> second = Line("show senders");
  EXPECT_THAT(parts_.outbox.answers, IsEmpty());
  commander_.OnAnswers(second->command, Complete(), time_);
  EXPECT_THAT(Last().body, HasSubstr("none"));
  commander_.OnAnswers(first->command, Complete(), time_);
  EXPECT_EQ(Last().body, "[]\n");
}

TEST_F(CommanderTest, TooManyQueriesAreRefused) {
  commander_.OnNotAsked(Line("show senders")->command);
  EXPECT_EQ(Last().status, Answer::Status::kError);
  EXPECT_EQ(Last().body, "too many queries at once, try again\n");
}

TEST_F(CommanderTest, AChangeIsRefusedWhileAWorkerDoesNotAnswer) {
  Answers answers = Complete();
  answers.absent = {0};
  commander_.OnAnswers(Line("takeover gw")->command, answers, time_);
  EXPECT_EQ(Last().status, Answer::Status::kError);
  EXPECT_THAT(Last().body, HasSubstr("nothing was changed"));
  EXPECT_THAT(parts_.outbox.shard, IsEmpty());
}

TEST_F(CommanderTest, AReportSaysFirstThatAWorkerDoesNotAnswer) {
  Answers answers = Complete();
  answers.absent = {0};
  commander_.OnAnswers(Line("show instance gw")->command, answers, time_);
  EXPECT_EQ(Last().status, Answer::Status::kOk);
  EXPECT_THAT(Last().body, StartsWith("no values yet: a worker lcore has not answered since "));
}

TEST_F(CommanderTest, AnInstanceThatIsRemovedMeanwhileIsNotFound) {
  const std::optional<Commander::Question> question = Line("takeover gw");
  parts_.registry.Remove(parts_.registry.Find("gw")->id);
  commander_.OnAnswers(question->command, Complete(), time_);
  EXPECT_EQ(Last().body, "no instance named 'gw'\n");
}

TEST_F(CommanderTest, AFollowerReceivesLaterEvents) {
  EXPECT_FALSE(Line("show events --follow").has_value());
  EXPECT_EQ(Last().status, Answer::Status::kMore);
  parts_.journal.Record(occurrence::DaemonStopping{}, time_.unix_ms);
  EXPECT_THAT(parts_.outbox.answers, SizeIs(2));
}

}  // namespace
}  // namespace dpvrrp
