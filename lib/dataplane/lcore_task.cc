// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/lcore_task.h"

#include <rte_launch.h>

#include <utility>

#include "base/check.h"

namespace dpvrrp {

LcoreTask::LcoreTask(uint32_t lcore, std::function<void()> function) : lcore_(lcore), function_(std::move(function)) {
  DPVRRP_CHECK(rte_eal_remote_launch(&LcoreTask::Run, this, lcore_) == 0);
}

LcoreTask::~LcoreTask() {
  rte_eal_wait_lcore(lcore_);
  DPVRRP_CHECK(finished_.load(std::memory_order_acquire));
}

int LcoreTask::Run(void* task) {
  auto& self = *static_cast<LcoreTask*>(task);
  self.function_();
  self.finished_.store(true, std::memory_order_release);
  return 0;
}

}  // namespace dpvrrp
