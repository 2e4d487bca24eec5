// SPDX-License-Identifier: BSD-3-Clause
//
// libFuzzer's entry point for one target, DPVRRP_FUZZ_TARGET. scripts/fuzz builds and runs it.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "fuzz/targets.h"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  testing::GTEST_FLAG(break_on_failure) = true;  // a failure of the tests' helpers counts as a crash
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const dpvrrp::FuzzTarget* const target = [] {
    for (const dpvrrp::FuzzTarget& row : dpvrrp::kFuzzTargets) {
      if (std::string(row.name) == DPVRRP_FUZZ_TARGET) return &row;
    }
    DPVRRP_CHECK(false && "no such target");
  }();
  target->run({data, size});
  return 0;
}
