// SPDX-License-Identifier: BSD-3-Clause
#include "io/scheduling.h"

#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace dpvrrp {
namespace {

// A signal handler writes this in the demoted thread. If there are more, they are demoted but not listed.
std::array<std::atomic<pid_t>, 64> demoted;

void DemoteThisThread(int) {
  const int before = errno;
  const sched_param none{};
  const bool ordinary = (sched_getscheduler(0) & ~SCHED_RESET_ON_FORK) == SCHED_OTHER;
  if (!ordinary && sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &none) == 0) {
    for (std::atomic<pid_t>& place : demoted) {
      pid_t free = 0;
      if (place.compare_exchange_strong(free, gettid())) break;
    }
  }
  errno = before;
}

int NumberOf(SchedulingPolicy policy) {
  switch (policy) {
    case SchedulingPolicy::kFifo:
      return SCHED_FIFO;
    case SchedulingPolicy::kRoundRobin:
      return SCHED_RR;
    case SchedulingPolicy::kOther:
      break;
  }
  return SCHED_OTHER;
}

}  // namespace

absl::Status SetScheduling(pid_t thread, SchedulingPolicy policy, int priority, Offspring offspring) {
  sched_param parameters{};
  parameters.sched_priority = policy == SchedulingPolicy::kOther ? 0 : priority;
  const int number = NumberOf(policy) | (offspring == Offspring::kOrdinary ? SCHED_RESET_ON_FORK : 0);
  if (sched_setscheduler(thread, number, &parameters) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, "sched_setscheduler");
}

std::string DescribeScheduling(pid_t thread) {
  sched_param parameters{};
  const int policy = sched_getscheduler(thread);
  if (policy < 0 || sched_getparam(thread, &parameters) != 0) return "?";
  switch (policy & ~SCHED_RESET_ON_FORK) {
    case SCHED_FIFO:
      return absl::StrCat("fifo ", parameters.sched_priority);
    case SCHED_RR:
      return absl::StrCat("rr ", parameters.sched_priority);
    case SCHED_OTHER:
      return "other";
    case SCHED_BATCH:
      return "batch";
    case SCHED_IDLE:
      return "idle";
  }
  return absl::StrCat("policy ", policy);
}

std::vector<pid_t> ThreadsOfProcess() {
  std::vector<pid_t> threads;
  DIR* folder = opendir("/proc/self/task");
  if (folder == nullptr) return threads;
  while (const dirent* entry = readdir(folder)) {
    if (const pid_t thread = std::atoi(entry->d_name); thread > 0) threads.push_back(thread);
  }
  closedir(folder);
  return threads;
}

void AllowRealTime(int highest) {
  const auto wanted = static_cast<rlim_t>(highest);
  rlimit limit{};
  if (getrlimit(RLIMIT_RTPRIO, &limit) != 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  limit.rlim_max = std::max(limit.rlim_max, wanted);
  setrlimit(RLIMIT_RTPRIO, &limit);
}

// The kernel sends SIGXCPU to the thread over the limit, unless the thread blocks it, and again after each second of
// CPU. A process that stayed real-time up to the hard limit would be killed. A demoted thread never reaches the hard
// limit.
absl::Status DemoteRunaways(Nanoseconds longest) {
  struct sigaction demote {};
  demote.sa_handler = DemoteThisThread;
  demote.sa_flags = SA_RESTART;
  if (sigaction(SIGXCPU, &demote, nullptr) != 0) return absl::ErrnoToStatus(errno, "sigaction(SIGXCPU)");
  rlimit limit{};
  if (getrlimit(RLIMIT_RTTIME, &limit) != 0) return absl::ErrnoToStatus(errno, "RLIMIT_RTTIME");
  const auto wanted = static_cast<rlim_t>(std::chrono::duration_cast<std::chrono::microseconds>(longest).count());
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  if (setrlimit(RLIMIT_RTTIME, &limit) != 0) return absl::ErrnoToStatus(errno, "RLIMIT_RTTIME");
  return absl::OkStatus();
}

std::vector<pid_t> TakeDemoted() {
  std::vector<pid_t> taken;
  for (std::atomic<pid_t>& place : demoted) {
    if (const pid_t thread = place.exchange(0); thread != 0) taken.push_back(thread);
  }
  return taken;
}

}  // namespace dpvrrp
