// SPDX-License-Identifier: BSD-3-Clause
//
// The packet path may not allocate. malloc is counted, not operator new: the latter calls the former, and OpenSSL knows
// only the former. A sanitizer has a malloc of its own and a hook into it.
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>

#include "base/limits.h"
#include "crypto/icv_backend.h"
#include "unit/crypto/mac_testing.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DPVRRP_MALLOC_HOOK 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define DPVRRP_MALLOC_HOOK 1
#endif
#endif

namespace {
std::atomic<size_t> allocations{0};
}  // namespace

#ifdef DPVRRP_MALLOC_HOOK
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void*, size_t),
                                                         void (*free_hook)(const volatile void*));
namespace {
const int hooked = __sanitizer_install_malloc_and_free_hooks([](const volatile void*, size_t) { ++allocations; },
                                                             [](const volatile void*) {});
}  // namespace
#else
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);

void* malloc(size_t size) noexcept {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) noexcept {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) noexcept {
  ++allocations;
  return __libc_realloc(old, size);
}
}  // extern "C"
#endif

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
