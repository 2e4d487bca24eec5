// SPDX-License-Identifier: BSD-3-Clause
#include "thread_scheduler.h"

#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "io/scheduling.h"
#include "log.h"

namespace dpvrrp {
namespace {

constexpr Nanoseconds kRunaway = std::chrono::seconds(2);  // CPU time of a real-time thread without a pause
constexpr Nanoseconds kStaysDemoted = std::chrono::seconds(10);

}  // namespace

ThreadScheduler::ThreadScheduler(const DaemonConfig& config)
    : policy_(config.scheduling),
      priority_(config.scheduling_priority),
      workers_rest_(config.idle == IdleMode::kSleep || config.idle == IdleMode::kInterrupt),
      control_(gettid()) {}

void ThreadScheduler::Begin() {
  if (policy_ == SchedulingPolicy::kOther) return;
  AllowRealTime(priority_ + 1);
  absl::Status status = DemoteRunaways(kRunaway);
  if (status.ok()) status = SetScheduling(control_, policy_, priority_, Offspring::kInherit);
  real_time_ = status.ok();
  if (real_time_) return;
  WriteLog(
      Severity::kWarning,
      absl::StrCat("no real-time scheduling, adverts may be late while other programs use the CPUs: ", status.message(),
                   "; it needs CAP_SYS_NICE or LimitRTPRIO=", priority_ + 1, ", or scheduling = \"other\""));
}

void ThreadScheduler::Apply(const std::vector<pid_t>& workers) {
  if (!real_time_) return;
  workers_ = workers;
  for (const pid_t thread : ThreadsOfProcess()) {
    if (thread == control_) continue;
    const bool is_worker = std::count(workers_.begin(), workers_.end(), thread) > 0;
    if (is_worker && workers_rest_) {
      Set(thread, priority_ + 1);
    } else {
      SetScheduling(thread, SchedulingPolicy::kOther, 0).IgnoreError();  // the thread may have ended
    }
  }
  Set(control_, priority_);  // it may have been demoted during a long start
  TakeDemoted();
}

void ThreadScheduler::EverySecond(Instant now) {
  if (!real_time_) return;
  for (const pid_t thread : TakeDemoted()) {
    WriteLog(Severity::kWarning,
             absl::StrCat(thread == control_ ? "the control thread" : absl::StrCat("thread ", thread),
                          " used its CPU for ", std::chrono::duration_cast<std::chrono::seconds>(kRunaway).count(),
                          " s without a pause: it is an ordinary thread for the next ",
                          std::chrono::duration_cast<std::chrono::seconds>(kStaysDemoted).count(), " s"));
    demoted_.push_back(thread);
    restore_at_ = now + kStaysDemoted;
  }
  if (restore_at_ > now) return;
  for (const pid_t thread : demoted_) Set(thread, thread == control_ ? priority_ : priority_ + 1);
  demoted_.clear();
  restore_at_ = kNever;
}

void ThreadScheduler::Set(pid_t thread, int priority) {
  const absl::Status status = SetScheduling(thread, policy_, priority);
  if (!status.ok()) {
    WriteLog(Severity::kWarning, absl::StrCat("no real-time scheduling of thread ", thread, ": ", status.message()));
  }
}

}  // namespace dpvrrp
