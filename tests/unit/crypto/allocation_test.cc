// SPDX-License-Identifier: BSD-3-Clause
//
// The packet path may not allocate.
#include <gtest/gtest.h>

#include "base/limits.h"
#include "crypto/icv_backend.h"
#include "support/allocation_count.h"
#include "unit/crypto/mac_testing.h"

namespace dpvrrp {
namespace {

// Otherwise the test below would show nothing.
TEST(AllocationTest, TheCounterSeesOurAllocationsAndOpenssls) {
  size_t before = allocations;
  const std::unique_ptr<IcvEngine> engine = MakeOpensslEngine();
  EXPECT_GT(allocations, before);
  before = allocations;
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EXPECT_GT(allocations, before);
  EVP_MD_CTX_free(context);
}

// Conformance AH-30
TEST(AllocationTest, SignAndVerifyDoNotAllocate) {
  const Bytes data(140, 0x42);
  std::vector<std::unique_ptr<const MacKey>> keys;
  for (const MacAlgorithmInfo& row : AllMacAlgorithms())
    keys.push_back(MakeKey(row.algorithm, Bytes(row.key_bytes, 1)));
  std::vector<IcvJob> jobs;
  for (size_t i = 0; i < kMaxBurst; ++i) jobs.push_back(MakeJob(*keys[i % keys.size()], data));

  for (const internal::IcvBackend make : internal::AllIcvBackends()) {
    const std::unique_ptr<IcvEngine> engine = make();
    if (engine == nullptr) continue;
    const size_t before = allocations;
    engine->Sign(jobs);
    engine->Verify(jobs);
    for (IcvJob& job : jobs) job.icv[0] ^= 1;
    engine->Verify(jobs);
    EXPECT_EQ(allocations, before) << engine->name();
  }
}

}  // namespace
}  // namespace dpvrrp
