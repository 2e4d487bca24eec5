// SPDX-License-Identifier: BSD-3-Clause
#include "control/rogues/worker_health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Health = WorkerStatus::State;

class WorkerHealthTest : public ::testing::Test {
 protected:
  WorkerHealthTest() { health.Sample(workers, now); }

  // A second later; returns what changed.
  std::vector<size_t> Second(uint64_t turns, uint64_t waited_ms = 0) {
    now += 1s;
    workers[0].turns += turns;
    workers[0].thread_waited_ns += waited_ms * 1'000'000;
    return health.Sample(workers, now);
  }
  WorkerStatus Status() {
    std::vector<WorkerStatus> copy = workers;
    health.Annotate(copy);
    return copy[0];
  }

  std::vector<WorkerStatus> workers = {
      {.lcore = 1, .icv_engine = "openssl", .turns = 100, .thread_state = 'R', .thread_cpu = 1}};
  WorkerHealth health;
  Instant now{1000s};
};

TEST_F(WorkerHealthTest, AWorkerThatTurnsIsRunning) {
  for (int i = 0; i < 10; ++i) EXPECT_THAT(Second(10), IsEmpty());
  EXPECT_EQ(Status().state, Health::kRunning);
  EXPECT_EQ(Status().why, "");
}

TEST_F(WorkerHealthTest, AWorkerThatDoesNotTurnIsStalledSinceItLastDid) {
  Second(10);
  const Instant turned = now;
  EXPECT_THAT(Second(0), IsEmpty());  // the whole machine may have paused
  EXPECT_THAT(Second(0), ElementsAre(0));
  EXPECT_EQ(Status().state, Health::kStalled);
  EXPECT_EQ(Status().since, turned);
  EXPECT_TRUE(health.stalled(0));
  EXPECT_THAT(Second(0), IsEmpty());
  EXPECT_THAT(Second(1), ElementsAre(0));
  EXPECT_EQ(Status().state, Health::kRunning);
  EXPECT_EQ(Status().since, now);
}

TEST_F(WorkerHealthTest, SamplesTooCloseTogetherSayNothing) {
  for (int i = 0; i < 100; ++i) {
    now += 10ms;
    EXPECT_THAT(health.Sample(workers, now), ::testing::SizeIs(::testing::Le(1)));
  }
  EXPECT_EQ(Status().state, Health::kStalled);  // after a second of such samples
}

TEST_F(WorkerHealthTest, TheReasonIsThatOfItsThread) {
  Second(0);
  Second(0);
  const auto why = [&](char state, std::vector<std::string> programs) {
    workers[0].thread_state = state;
    health.SetReason(0, workers[0], programs);
    return Status().why;
  };
  EXPECT_EQ(why('R', {"stress (pid 7)"}), "it wants to run, but CPU 1 is taken by stress (pid 7)");
  EXPECT_EQ(why('R', {"a (pid 1)", "b (pid 2)", "c (pid 3)", "d (pid 4)", "e (pid 5)"}),
            "it wants to run, but CPU 1 is taken by a (pid 1), b (pid 2), c (pid 3) and 2 more");
  EXPECT_THAT(why('R', {}), HasSubstr("CPU quota"));
  EXPECT_THAT(why('D', {}), HasSubstr("a device or a disk"));
  EXPECT_THAT(why('T', {}), HasSubstr("a debugger"));
  EXPECT_THAT(why('?', {}), HasSubstr("cannot be read"));
  workers[0].command_ring_full = true;
  EXPECT_THAT(why('D', {}), HasSubstr("its command ring is full"));
}

TEST_F(WorkerHealthTest, TheReasonIsUpdatedFromTimeToTime) {
  Second(0);
  Second(0);
  size_t times = 0;
  for (int i = 0; i < 30; ++i) times += Second(0).size();
  EXPECT_EQ(times, 3u);
}

TEST_F(WorkerHealthTest, AWorkerThatWaitsForItsCpuIsSlow) {
  EXPECT_THAT(Second(5, 150), IsEmpty());
  EXPECT_THAT(Second(5, 620), ElementsAre(0));
  EXPECT_EQ(Status().state, Health::kSlow);
  health.SetReason(0, workers[0], std::vector<std::string>{"cc1plus (pid 9)"});
  EXPECT_EQ(Status().why, "it waited 62 % of the time for CPU 1, which is taken by cc1plus (pid 9)");
  EXPECT_THAT(Second(5, 0), ElementsAre(0));
  EXPECT_EQ(Status().state, Health::kRunning);
}

// End to end: from the counters to the event log and `show workers`.
TEST(WorkerEventsTest, AStallIsLoggedAndShownWithItsReason) {
  Gateway gateway;
  gateway.services.workers = {{.lcore = 1, .icv_engine = "openssl", .turns = 5, .thread_state = 'R', .thread_cpu = 3}};
  gateway.services.programs[3] = {"stress (pid 7)"};
  gateway.Start(WithInstances({AhInstance()}));
  const auto second = [&](uint64_t turns) {
    gateway.services.workers[0].turns += turns;
    gateway.RunFor(1s);
    gateway.controller.OnClock(gateway.Time());
  };
  second(1);
  EXPECT_THAT(gateway.Ask("show workers --json").body, HasSubstr(R"("state":"running","since":null,"why":null)"));
  const std::string since = FormatTime(gateway.Time().unix_ms);
  for (int i = 0; i < 5; ++i) second(0);
  EXPECT_THAT(gateway.Ask("show workers --json").body,
              HasSubstr(R"("state":"stalled","since":")" + since +
                        R"x(","why":"it wants to run, but CPU 3 is taken by stress (pid 7)")x"));
  EXPECT_THAT(gateway.Logged("worker"),
              ElementsAre("lcore 1 has not run since " + since +
                          ": it wants to run, but CPU 3 is taken by stress (pid 7); its virtual routers neither send "
                          "nor hear adverts"));
  second(1);
  EXPECT_THAT(gateway.Ask("show workers --json").body, Not(HasSubstr("stalled")));
  EXPECT_THAT(gateway.Logged("worker"), ElementsAre(HasSubstr("has not run"), "lcore 1 runs again after 6000 ms"));
}

}  // namespace
}  // namespace dpvrrp
