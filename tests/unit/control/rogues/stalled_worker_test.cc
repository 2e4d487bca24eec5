// SPDX-License-Identifier: BSD-3-Clause
//
// The output of commands while a worker lcore does not run: the last known state of its instances, its age, and the
// reason why there is no newer state.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

size_t Count(const std::string& text, absl::string_view what) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(std::string(what), at)) != std::string::npos; ++at) ++count;
  return count;
}

class StalledWorkerTest : public ::testing::Test {
 protected:
  void Start(uint16_t instances) {
    gateway.services.workers = {
        {.lcore = 1, .icv_engine = "openssl", .turns = 1, .thread_state = 'R', .thread_cpu = 3}};
    gateway.services.programs[3] = {"stress (pid 7)"};
    gateway.Start(WithInstances(OnVlans(instances)));
    Seconds(5);  // all are masters
  }
  void Seconds(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      if (gateway.lcore_runs) ++gateway.services.workers[0].turns;
      gateway.RunFor(1s);
      gateway.controller.OnClock(gateway.Time());
    }
  }
  std::string Now() const { return FormatTime(gateway.Time().unix_ms); }
  // Fake time advances until there is an answer.
  Answer Ask(const std::string& line) {
    const Answer answer = gateway.Ask(line);
    if (!answer.body.empty()) return answer;
    const Instant asked = gateway.shard.now;
    while (gateway.answers.empty() && gateway.shard.now - asked < 60s) gateway.RunFor(10ms);
    took = gateway.shard.now - asked;
    return gateway.answers.empty() ? Answer{} : gateway.answers.back();
  }

  Gateway gateway;
  Nanoseconds took{0};
};

TEST_F(StalledWorkerTest, ShowInstancesShowsTheLastKnownValues) {
  Start(200);
  const std::string fresh = gateway.Ask("show instances").body;
  EXPECT_EQ(Count(gateway.Ask("show instances --json").body, R"("age_seconds":0.0})"), 200u);
  gateway.lcore_runs = false;
  const std::string since = Now();
  Seconds(12);
  const std::string asked = Now();
  const Answer stale = Ask("show instances");
  EXPECT_EQ(stale.status, Answer::Status::kOk);
  EXPECT_LE(took, 500ms);  // it is known that the lcore does not run
  EXPECT_THAT(stale.body,
              StartsWith("as of 12 s ago: lcore 1 has not answered since " + asked + "; it has not run since " + since +
                         ": it wants to run, but CPU 3 is taken by stress (pid 7)\n"));
  EXPECT_EQ(Count(stale.body, "Master"), Count(fresh, "Master"));
  EXPECT_EQ(Count(stale.body, "\ngw-"), 200u);
  EXPECT_THAT(stale.body, HasSubstr("AGE SECONDS"));
  const std::string json = Ask("show instances --json").body;
  EXPECT_THAT(json, StartsWith(R"([{"name":"gw-1")"));  // the usual fields, in the usual order
  EXPECT_EQ(Count(json, R"("age_seconds":12.)"), 200u);
}

TEST_F(StalledWorkerTest, ShowInstanceShowsTheLastKnownTimersAndSenders) {
  Start(3);
  Ask("show instance gw-2");
  gateway.lcore_runs = false;
  Seconds(3);
  const std::string text = Ask("show instance gw-2").body;
  EXPECT_THAT(text, AllOf(StartsWith("as of 3 s ago: lcore 1 has not answered since "), HasSubstr("adver timer")));
  EXPECT_THAT(Ask("show instance gw-2 --json").body,
              AllOf(StartsWith(R"({"instance":)"), HasSubstr(R"("state":"Master")"), HasSubstr(R"("age_seconds":3.)")));
}

// No command has asked before, but the controller asks on its own.
TEST_F(StalledWorkerTest, ControlKnowsEveryInstanceWithoutACommand) {
  Start(200);
  Seconds(70);
  gateway.lcore_runs = false;
  Seconds(3);
  const std::string json = Ask("show instances --json").body;
  EXPECT_EQ(Count(json, R"("master":"10.99.0.2")"), 200u);
  EXPECT_EQ(Count(json, R"("age_seconds":null)"), 0u);
}

TEST_F(StalledWorkerTest, ThePictureOfTheWatchIsShownAndJudgedAtItsTime) {
  Start(1);
  gateway.Ask("diagnose");
  gateway.lcore_runs = false;
  Seconds(100);
  for (const char* line : {"diagnose", "show senders", "show rogues", "vrid suggest lan"}) {
    const Answer answer = Ask(line);
    EXPECT_EQ(answer.status, Answer::Status::kOk) << line;
    EXPECT_THAT(answer.body, AllOf(StartsWith("as of 1"), HasSubstr("lcore 1 has not answered since"))) << line;
  }
}

// The first question waits until its time-out. Later ones do not wait.
TEST_F(StalledWorkerTest, AWorkerNotYetKnownAsStalledDelaysOneAnswerByTwoSeconds) {
  Start(4000);
  gateway.Ask("show instances");
  gateway.lcore_runs = false;
  EXPECT_THAT(Ask("show instances").body, HasSubstr("lcore 1 has not answered since"));
  EXPECT_LE(took, 2100ms);
  for (int i = 0; i < 40; ++i) {
    took = 0ns;
    EXPECT_THAT(Ask("show instances").body, HasSubstr("lcore 1 has not answered since")) << i;
    EXPECT_EQ(took, 0ns) << i;
  }
}

TEST_F(StalledWorkerTest, AnswersAreFreshWhenTheWorkerRunsAgain) {
  Start(3);
  gateway.lcore_runs = false;
  Seconds(5);
  EXPECT_THAT(Ask("show instances").body, StartsWith("as of "));
  gateway.lcore_runs = true;
  gateway.RunFor(1ms);
  EXPECT_THAT(Ask("show instances").body, Not(HasSubstr("as of ")));
  EXPECT_EQ(Count(Ask("show instances --json").body, R"("age_seconds":0.0})"), 3u);
}

// Without the worker's state, a takeover from a master would be a guess.
TEST_F(StalledWorkerTest, ACommandThatMustJudgeChangesNothing) {
  Start(2);
  gateway.lcore_runs = false;
  Seconds(3);
  const size_t waiting = gateway.in_ring.size();
  const Answer answer = Ask("sender allow gw-1 10.99.0.9");
  EXPECT_EQ(answer.status, Answer::Status::kError);
  EXPECT_THAT(answer.body, AllOf(HasSubstr("lcore 1 has not answered since"), HasSubstr("nothing was changed")));
  EXPECT_EQ(gateway.in_ring.size(), waiting + 1);  // the question
  EXPECT_EQ(Ask("sender allow gw-1 10.99.0.9 --force").status, Answer::Status::kOk);
}

// A transition that was reported after the last snapshot is newer than it.
TEST_F(StalledWorkerTest, TheLastEventCountsIfItIsNewer) {
  Gateway other;
  other.Start(WithInstances(OnVlans(1)));
  other.RunFor(1s);
  EXPECT_THAT(other.Ask("show instances --json").body, HasSubstr(R"("state":"Backup")"));
  other.RunFor(5s);
  other.lcore_runs = false;
  other.RunFor(7s);
  other.Ask("show instances --json");
  other.RunFor(3s);
  ASSERT_FALSE(other.answers.empty());
  EXPECT_THAT(other.answers.back().body, AllOf(HasSubstr(R"("state":"Master")"), HasSubstr(R"("master":"10.99.0.2")")));
}

}  // namespace
}  // namespace dpvrrp
