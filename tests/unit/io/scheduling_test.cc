// SPDX-License-Identifier: BSD-3-Clause
#include "io/scheduling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <utility>

#include "io/clock.h"
#include "io/privileges.h"
#include "unit/io/child.h"

namespace dpvrrp {
namespace {

// Whether this machine lets us: root in some containers may not.
bool MayBeRealTime() {
  return InAChild([] { return SetScheduling(0, SchedulingPolicy::kFifo, 1).ok() ? 0 : 1; }) == 0;
}

#define SKIP_WITHOUT_REAL_TIME() \
  if (!MayBeRealTime()) GTEST_SKIP() << "needs CAP_SYS_NICE, or RLIMIT_RTPRIO"

TEST(SchedulingTest, IsSetAndDescribed) {
  SKIP_WITHOUT_REAL_TIME();
  EXPECT_EQ(InAChild([] {
              if (!SetScheduling(0, SchedulingPolicy::kFifo, 3).ok() || DescribeScheduling(0) != "fifo 3") return 1;
              if (!SetScheduling(0, SchedulingPolicy::kRoundRobin, 2).ok() || DescribeScheduling(0) != "rr 2") return 2;
              if (!SetScheduling(0, SchedulingPolicy::kOther, 2).ok() || DescribeScheduling(0) != "other") return 3;
              return 0;
            }),
            0);
}

TEST(SchedulingTest, AThreadMakesOrdinaryThreadsUnlessToldOtherwise) {
  SKIP_WITHOUT_REAL_TIME();
  for (const auto& [offspring, expected] :
       {std::pair(Offspring::kOrdinary, "other"), std::pair(Offspring::kInherit, "fifo 3")}) {
    EXPECT_EQ(InAChild([&, offspring = offspring, expected = expected] {
                if (!SetScheduling(0, SchedulingPolicy::kFifo, 3, offspring).ok()) return 1;
                if (DescribeScheduling(0) != "fifo 3") return 2;
                std::string made;
                std::thread([&] { made = DescribeScheduling(0); }).join();
                return made == expected ? 0 : 3;
              }),
              0);
  }
}

TEST(SchedulingTest, AnEndedThreadIsNotDescribed) { EXPECT_EQ(DescribeScheduling(0x3fffffff), "?"); }

TEST(SchedulingTest, FindsEveryThread) {
  std::atomic<pid_t> other{0};
  std::atomic<bool> end{false};
  std::thread thread([&] {
    other = gettid();
    other.notify_all();
    end.wait(false);
  });
  other.wait(0);
  EXPECT_THAT(ThreadsOfProcess(), testing::IsSupersetOf({gettid(), other.load()}));
  end = true;
  end.notify_all();
  thread.join();
}

TEST(SchedulingTest, WithoutPermissionItSaysSo) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  EXPECT_EQ(InAChild([] {
              const rlimit none{0, 0};
              setrlimit(RLIMIT_RTPRIO, &none);
              if (!DropPrivileges(nullptr, {}).ok()) return 1;
              return absl::IsPermissionDenied(SetScheduling(0, SchedulingPolicy::kFifo, 1)) ? 0 : 2;
            }),
            0);
}

TEST(SchedulingTest, ThePriorityAllowedBeforeIsThereAfterPrivilegesAreDropped) {
  SKIP_WITHOUT_REAL_TIME();
  const auto may_raise = [] {
    AllowRealTime(5);
    rlimit limit{};
    return getrlimit(RLIMIT_RTPRIO, &limit) == 0 && limit.rlim_cur == 5 ? 0 : 1;
  };
  if (geteuid() != 0 || InAChild(may_raise) != 0) GTEST_SKIP() << "needs root with CAP_SYS_RESOURCE, or RLIMIT_RTPRIO";
  EXPECT_EQ(InAChild([] {
              AllowRealTime(5);
              if (!DropPrivileges(nullptr, {}).ok()) return 1;
              if (!SetScheduling(0, SchedulingPolicy::kFifo, 5).ok()) return 2;
              if (!SetScheduling(0, SchedulingPolicy::kOther, 0).ok()) return 4;  // as a runaway
              if (!SetScheduling(0, SchedulingPolicy::kFifo, 5).ok()) return 5;
              return SetScheduling(0, SchedulingPolicy::kFifo, 6).ok() ? 3 : 0;
            }),
            0);
}

// The runaway spins until it is an ordinary thread. Without the limit it never would be, and the test would not end.
TEST(SchedulingTest, ARunawayThreadBecomesAnOrdinaryOne) {
  SKIP_WITHOUT_REAL_TIME();
  EXPECT_EQ(InAChild([] {
              if (!DemoteRunaways(std::chrono::milliseconds(20)).ok()) return 1;
              std::atomic<pid_t> runaway{0};
              std::thread thread([&] {
                runaway = gettid();
                if (!SetScheduling(0, SchedulingPolicy::kFifo, 1).ok()) return;
                const Instant give_up_at = MonotonicNow() + std::chrono::seconds(60);
                while (DescribeScheduling(0) != "other" && MonotonicNow() < give_up_at) continue;
              });
              thread.join();
              const std::vector<pid_t> demoted = TakeDemoted();
              if (demoted != std::vector<pid_t>{runaway}) return 2;
              return TakeDemoted().empty() ? 0 : 3;
            }),
            0);
}

}  // namespace
}  // namespace dpvrrp
