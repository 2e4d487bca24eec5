// SPDX-License-Identifier: BSD-3-Clause
//
// `allocations` counts the allocations of this program. It counts malloc, not operator new: the latter calls the
// former, and OpenSSL uses only the former. A sanitizer has its own malloc and a hook into it; DPVRRP_SANITIZED is set
// then.
//
// Defines malloc: include it in one source file of a test program.
#pragma once

#include <atomic>
#include <cstddef>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DPVRRP_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define DPVRRP_SANITIZED 1
#endif
#endif

inline std::atomic<size_t> allocations{0};

#ifdef DPVRRP_SANITIZED
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
