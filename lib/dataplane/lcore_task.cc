// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/lcore_task.h"

#include <rte_launch.h>

#include <chrono>
#include <thread>
#include <utility>

#include "base/check.h"

namespace dpvrrp {
namespace {

constexpr auto kStep = std::chrono::microseconds(50);  // the lcore needs less time to return to EAL's loop

}  // namespace

LcoreTask::LcoreTask(uint32_t lcore, std::function<void()> function) : lcore_(lcore), function_(std::move(function)) {
  DPVRRP_CHECK(rte_eal_remote_launch(&LcoreTask::Run, this, lcore_) == 0);
}

// rte_eal_wait_lcore() spins. That would waste the CPU during the whole task. And if this thread is real-time and the
// lcore shares its CPU, the task would never get the CPU.
LcoreTask::~LcoreTask() {
  finished_.wait(false, std::memory_order_acquire);
  while (rte_eal_get_lcore_state(lcore_) != WAIT) std::this_thread::sleep_for(kStep);
  rte_eal_wait_lcore(lcore_);
  DPVRRP_CHECK(finished_.load(std::memory_order_acquire));
}

int LcoreTask::Run(void* task) {
  auto& self = *static_cast<LcoreTask*>(task);
  self.function_();
  self.finished_.store(true, std::memory_order_release);
  self.finished_.notify_all();  // `task` exists until this lcore is back in EAL's loop
  return 0;
}

}  // namespace dpvrrp
