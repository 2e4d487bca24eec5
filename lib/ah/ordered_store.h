// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>

namespace dpvrrp::internal {

// Stores a word of a SequenceRecord whole, after every store before it and before every one behind it.
//
// What must be held to the order is the compiler. A killed process leaves in a mapped file each store it retired and
// none behind it, on every processor we know, and nobody else looks at the record while we live, so a fence of the
// processor would buy nothing. A power cut is another matter: see io/state_file.h.
//
// Thread: the writer of the record.
template <typename Word>
inline void StoreInOrder(Word& word, std::type_identity_t<Word> value) {
  static_assert(std::atomic_ref<Word>::is_always_lock_free);  // or it could tear
  std::atomic_signal_fence(std::memory_order_seq_cst);
  std::atomic_ref<Word>(word).store(value, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

}  // namespace dpvrrp::internal
