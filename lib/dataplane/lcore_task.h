// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

namespace dpvrrp {

// A function that runs on a worker lcore, from construction until it returns. The lcore must be idle. The destructor
// waits for the end; after it, the data that the function wrote can be read.
//
// Thread: control.
class LcoreTask {
 public:
  LcoreTask(uint32_t lcore, std::function<void()> function);
  ~LcoreTask();
  LcoreTask(const LcoreTask&) = delete;
  LcoreTask& operator=(const LcoreTask&) = delete;

 private:
  static int Run(void* task);

  uint32_t lcore_;
  std::function<void()> function_;
  // Release by the lcore, acquire by the destructor. EAL orders the two as well, but in its shared library, where
  // ThreadSanitizer cannot see it.
  std::atomic<bool> finished_{false};
};

}  // namespace dpvrrp
