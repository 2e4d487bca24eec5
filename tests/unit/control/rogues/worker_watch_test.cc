// SPDX-License-Identifier: BSD-3-Clause
//
// The part alone. worker_health_test.cc tests how a worker's state is found.
#include "control/rogues/worker_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/part_desk.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class WorkerWatchTest : public ::testing::Test {
 protected:
  WorkerWatchTest() {
    desk_.services.workers.resize(2);
    desk_.services.workers[0].lcore = 1;
    desk_.services.workers[1].lcore = 2;
  }
  // Lets a second pass. The second worker runs, and the first one only if the caller says so.
  std::vector<bool> Second(bool first_runs) {
    desk_.now += 1s;
    desk_.services.workers[0].turns += first_runs ? 10 : 0;
    desk_.services.workers[1].turns += 10;
    return watch_.Sample(desk_.Time());
  }

  PartDesk desk_;
  WorkerWatch watch_{desk_.Context()};
};

TEST_F(WorkerWatchTest, WorkersThatRunAreNotRecorded) {
  for (int i = 0; i < 5; ++i) EXPECT_THAT(Second(true), ElementsAre(false, false));
  EXPECT_THAT(desk_.journal.events().events(), IsEmpty());
}

TEST_F(WorkerWatchTest, AStallIsRecordedWhenItBeginsAndWhenItIsOver) {
  Second(true);
  Second(false);
  Second(false);
  EXPECT_THAT(Second(false), ElementsAre(true, false));
  ASSERT_THAT(desk_.Recorded("worker"), SizeIs(1));
  EXPECT_THAT(desk_.Recorded("worker").front(), StartsWith("lcore 1 has not run since "));
  EXPECT_EQ(watch_.Workers()[0].state, WorkerStatus::State::kStalled);

  EXPECT_THAT(Second(true), ElementsAre(false, false));
  ASSERT_THAT(desk_.Recorded("worker"), SizeIs(2));
  EXPECT_THAT(desk_.Recorded("worker").back(), StartsWith("lcore 1 runs again after "));
}

}  // namespace
}  // namespace dpvrrp
