// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <type_traits>

namespace dpvrrp::internal {

// Stores a word of a SequenceRecord atomically, after every earlier store and before every later store.
//
// Two readers depend on the order. A killed process leaves in shared memory each store that it retired, and no later
// one; for this the compiler must keep the order. The copier, another process, reads the record while the lcore writes
// (io/state_image.h); for this each store is a release. On x86 both are free.
//
// Thread: the writer of the record.
template <typename Word>
inline void StoreInOrder(Word& word, std::type_identity_t<Word> value) {
  static_assert(std::atomic_ref<Word>::is_always_lock_free);  // otherwise a store could tear
  std::atomic_signal_fence(std::memory_order_seq_cst);
  std::atomic_ref<Word>(word).store(value, std::memory_order_release);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

// The same for an address, in two words: readers see the words in this order.
inline void StoreInOrder(std::array<uint8_t, 16>& address, const std::array<uint8_t, 16>& value) {
  using Word __attribute__((may_alias)) = uint64_t;
  const auto words = std::bit_cast<std::array<uint64_t, 2>>(value);
  auto* at = reinterpret_cast<Word*>(address.data());  // aligned: the first member of SequenceRecord::Sender
  for (const uint64_t word : words) __atomic_store_n(at++, word, __ATOMIC_RELEASE);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

}  // namespace dpvrrp::internal
