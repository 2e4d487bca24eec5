// SPDX-License-Identifier: BSD-3-Clause
#include "control/questions/questions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;
using Finished = Questions::Finished;

// Lcores that answer when the test says so. Instance i lies on worker i % 2.
class QuestionsTest : public ::testing::Test {
 protected:
  bool Ask(uint32_t instances, bool watches = false) {
    std::vector<Questions::Target> targets;
    for (uint32_t i = 0; i < instances; ++i) targets.push_back({i % 2, InstanceId(i)});
    const bool taken = questions.Ask({.command = ++last_command}, targets, watches, now);
    Collect();
    return taken;
  }

  void Collect() {
    for (const ShardCommand& command : questions.TakeCommands()) {
      const auto* query = std::get_if<command::Query>(&command);
      const size_t worker = query != nullptr ? WorkerOf(query->query->wanted.front())
                                             : std::get<command::ReadWatch>(command).query->worker;
      rings[worker].push_back(command);
    }
  }

  // Answers all slices that were sent to the worker. Returns their number.
  size_t Answer(size_t worker) {
    size_t answered = 0;
    for (; !rings[worker].empty(); ++answered) {
      const ShardCommand command = rings[worker].front();
      rings[worker].erase(rings[worker].begin());
      if (const auto* query = std::get_if<command::Query>(&command)) {
        AnswerQuery(*query->query);
      } else {
        AnswerWatch(*std::get<command::ReadWatch>(command).query);
      }
      Collect();
    }
    return answered;
  }

  void AnswerQuery(InstanceQuery& query) {
    EXPECT_THAT(query.wanted, SizeIs(Le(kMaxQueryRouters)));
    for (size_t i = 0; i < query.wanted.size(); ++i) {
      EXPECT_EQ(WorkerOf(query.wanted[i]), WorkerOf(query.wanted[0]));
      query.found[i].id = query.wanted[i]->config.id;
      query.found[i].priority = Priority(150);
      query.found[i].sequence_sent = generation;
    }
    query.at = now;
    questions.OnAnswered(&query, now);
  }

  void AnswerWatch(WatchQuery& watch) {
    watch.count = watch.first == 0 ? 1 : 0;  // one speaker for each worker
    watch.found[0] = Speaker{};
    watch.found[0].frames = generation;
    watch.crowded_out = 10 * generation;
    watch.at = now;
    questions.OnWatched(&watch, now);
  }

  void Wait(Nanoseconds time) {
    const Instant end = now + time;
    while (questions.NextDeadline() <= end) {
      now = questions.NextDeadline();
      questions.OnTime(now);
      Collect();
    }
    now = end;
  }

  VirtualRouter* RouterOf(InstanceId id) {
    if (id == gone) return nullptr;
    std::unique_ptr<VirtualRouter>& router = routers[id.value()];
    if (router == nullptr) {
      VirtualRouterConfig config;
      config.id = id;
      config.vrid = Vrid(1);
      config.addresses = {IpAddress::V4(0x0a630064)};
      router = std::make_unique<VirtualRouter>(std::move(config));
    }
    return router.get();
  }
  static size_t WorkerOf(const VirtualRouter* router) { return router->config.id.value() % 2; }

  std::map<uint32_t, std::unique_ptr<VirtualRouter>> routers;
  InstanceId gone{~0u};
  Instant now{1000s};
  uint64_t generation = 1;
  uint64_t last_command = 0;
  Questions questions{2, [this](InstanceId id) { return RouterOf(id); }};
  std::vector<ShardCommand> rings[2];
};

TEST_F(QuestionsTest, EachWorkerHasOneSliceAtATimeAndAllAreAskedAtOnce) {
  ASSERT_TRUE(Ask(400));
  EXPECT_THAT(rings[0], SizeIs(1));
  EXPECT_THAT(rings[1], SizeIs(1));
  EXPECT_EQ(Answer(0), 4u);  // 200 instances in slices of 64
  EXPECT_THAT(questions.TakeFinished(), IsEmpty());
  EXPECT_EQ(Answer(1), 4u);
  const std::vector<Finished> finished = questions.TakeFinished();
  ASSERT_THAT(finished, SizeIs(1));
  EXPECT_EQ(finished[0].question.command, 1u);
  EXPECT_THAT(finished[0].absent, IsEmpty());
  for (uint32_t i = 0; i < 400; ++i) {
    ASSERT_NE(questions.Known(InstanceId(i)), nullptr) << i;
    EXPECT_EQ(questions.Known(InstanceId(i))->at, now);
  }
}

TEST_F(QuestionsTest, TheLastAnswerOfAWorkerReplacesAMissingOne) {
  ASSERT_TRUE(Ask(10, true));
  Answer(0);
  Answer(1);
  questions.TakeFinished();
  const Instant before = now;
  now += 10s;
  generation = 2;
  ASSERT_TRUE(Ask(10, true));
  Answer(0);  // worker 1 does not answer
  EXPECT_THAT(questions.TakeFinished(), IsEmpty());
  Wait(Questions::kAnswerTimeout);
  const std::vector<Finished> finished = questions.TakeFinished();
  ASSERT_THAT(finished, SizeIs(1));
  EXPECT_THAT(finished[0].absent, ElementsAre(1));
  EXPECT_EQ(questions.Known(InstanceId(0))->sequence_sent, 2u);
  EXPECT_EQ(questions.Known(InstanceId(1))->sequence_sent, 1u);
  EXPECT_EQ(questions.Known(InstanceId(1))->at, before);
  EXPECT_EQ(questions.watched_at(0), before + 10s);
  EXPECT_EQ(questions.watched_at(1), before);
  ASSERT_THAT(questions.Speakers(), SizeIs(2));
  EXPECT_EQ(questions.Speakers()[0].frames, 2u);
  EXPECT_EQ(questions.Speakers()[1].frames, 1u);
  EXPECT_EQ(questions.crowded_out(), 30u);
}

TEST_F(QuestionsTest, AWorkerThatNeverAnsweredHasNoValues) {
  ASSERT_TRUE(Ask(2, true));
  Wait(Questions::kAnswerTimeout);
  EXPECT_THAT(questions.TakeFinished(), SizeIs(1));
  EXPECT_EQ(questions.Known(InstanceId(0)), nullptr);
  EXPECT_EQ(questions.watched_at(0), Instant{});
  EXPECT_THAT(questions.Speakers(), IsEmpty());
}

// The first command waits. Later ones do not, and send nothing more to the worker.
TEST_F(QuestionsTest, AWorkerThatOwesAnAnswerIsNotAskedAgain) {
  ASSERT_TRUE(Ask(400));
  const Instant asked = now;
  Answer(0);
  Wait(Questions::kAnswerTimeout);
  EXPECT_THAT(questions.TakeFinished(), SizeIs(1));
  EXPECT_EQ(questions.silent_since(1), asked);
  EXPECT_EQ(questions.silent_since(0), std::nullopt);
  for (size_t i = 0; i < 3 * kMaxQueries; ++i) {
    ASSERT_TRUE(Ask(400)) << i;
    Answer(0);
    const std::vector<Finished> finished = questions.TakeFinished();
    ASSERT_THAT(finished, SizeIs(1));  // at once
    EXPECT_THAT(finished[0].absent, ElementsAre(1));
  }
  EXPECT_THAT(rings[1], SizeIs(1));
}

TEST_F(QuestionsTest, AWorkerThatRunsAgainIsAskedAgain) {
  ASSERT_TRUE(Ask(4));
  Answer(0);
  Wait(60s);
  questions.TakeFinished();
  EXPECT_EQ(Answer(1), 1u);  // late: no command waits for it, but it is recorded
  EXPECT_THAT(questions.TakeFinished(), IsEmpty());
  EXPECT_EQ(questions.Known(InstanceId(1))->at, now);
  EXPECT_EQ(questions.silent_since(1), std::nullopt);
  ASSERT_TRUE(Ask(4));
  Answer(0);
  Answer(1);
  const std::vector<Finished> finished = questions.TakeFinished();
  ASSERT_THAT(finished, SizeIs(1));
  EXPECT_THAT(finished[0].absent, IsEmpty());
}

TEST_F(QuestionsTest, TheTimeOutOfAStalledWorkerIsShorter) {
  questions.SetStalled(1, true);
  ASSERT_TRUE(Ask(2));
  Answer(0);
  EXPECT_EQ(questions.NextDeadline(), now + Questions::kStalledTimeout);
  Wait(Questions::kStalledTimeout);
  EXPECT_THAT(questions.TakeFinished(), SizeIs(1));
  questions.SetStalled(1, false);
  Answer(1);
  ASSERT_TRUE(Ask(2));
  EXPECT_EQ(questions.NextDeadline(), now + Questions::kAnswerTimeout);
}

// 4,000 instances in 63 slices, one slice a second: the client does not wait for a minute.
TEST_F(QuestionsTest, TheWaitForASlowWorkerIsBounded) {
  const Instant asked = now;
  ASSERT_TRUE(Ask(8000));
  Answer(0);
  std::vector<Finished> finished;
  while (finished.empty()) {
    Wait(1s);
    ASSERT_LE(now - asked, Questions::kQuestionTimeout);
    if (!rings[1].empty() && now - asked < Questions::kQuestionTimeout) {
      const ShardCommand command = rings[1].front();
      rings[1].erase(rings[1].begin());
      AnswerQuery(*std::get<command::Query>(command).query);
      Collect();
    }
    finished = questions.TakeFinished();
  }
  EXPECT_EQ(now - asked, Questions::kQuestionTimeout);
  EXPECT_THAT(finished[0].absent, ElementsAre(1));
  size_t fresh = 0;
  for (uint32_t i = 1; i < 8000; i += 2) fresh += questions.Known(InstanceId(i)) != nullptr;
  EXPECT_EQ(fresh, 3 * kMaxQueryRouters);  // the answer contains them
}

TEST_F(QuestionsTest, ARemovedInstanceIsNeitherAskedForNorRemembered) {
  gone = InstanceId(2);
  ASSERT_TRUE(Ask(4));
  EXPECT_THAT(std::get<command::Query>(rings[0].front()).query->wanted, SizeIs(1));
  gone = InstanceId(0);
  Answer(0);
  Answer(1);
  EXPECT_THAT(questions.TakeFinished(), SizeIs(1));
  EXPECT_EQ(questions.Known(InstanceId(0)), nullptr);
  ASSERT_NE(questions.Known(InstanceId(1)), nullptr);
  questions.Forget(InstanceId(1));
  EXPECT_EQ(questions.Known(InstanceId(1)), nullptr);
}

TEST_F(QuestionsTest, AQuestionAboutRemovedInstancesIsAnsweredAtOnce) {
  gone = InstanceId(0);
  ASSERT_TRUE(Ask(1));
  EXPECT_THAT(questions.TakeFinished(), SizeIs(1));
}

TEST_F(QuestionsTest, TheNumberOfQuestionsInProgressIsLimited) {
  for (size_t i = 0; i < kMaxQueries; ++i) EXPECT_TRUE(Ask(2));
  EXPECT_FALSE(Ask(2));
  Answer(0);
  Answer(1);
  EXPECT_TRUE(Ask(2));
}

// docs/operations.md states the size.
TEST_F(QuestionsTest, TheRecordOfAnInstanceIsSmall) {
  EXPECT_LE(sizeof(KnownInstance), 136u);
  EXPECT_LE(sizeof(KnownSender), 40u);
}

}  // namespace
}  // namespace dpvrrp
