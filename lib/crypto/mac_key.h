// SPDX-License-Identifier: BSD-3-Clause
//
// A key in the form that a MAC computation needs, and functions for secrets.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "crypto/mac_algorithm.h"

namespace dpvrrp {

namespace internal {
class CipherKey;

// The states of hashes with 64-bit words, SHA-384 and SHA-512. They are too large for a MacKey's own cache lines.
struct WideStates {
  ~WideStates();
  uint64_t words[16] = {};  // the inner state, then the outer one
};
}  // namespace internal

// A prepared key. HMAC: the hash states after its inner and outer pad blocks (RFC 2104), in the hash's own words, host
// order. A MAC needs nothing else, and every backend uses this form (OpenSSL's low-level digests, intel-ipsec-mb, a
// vector kernel), so the key's bytes are not kept. AES: a cipher's key schedule (cipher_key.h). Both forms are as
// secret as the key and are wiped on destruction.
//
// Not copyable: a key exists once, and its instance owns it.
//
// Thread: any (immutable); with AES one at a time, because computing a MAC uses the prepared cipher.
class alignas(64) MacKey {
 public:
  // `key`: 1 byte or more. A key longer than the hash's block is hashed first, as HMAC requires. AES takes only the
  // length of the table; for the other algorithms the configuration checks the length. InvalidArgument: the key is
  // empty, or has not AES's length.
  static absl::StatusOr<std::unique_ptr<const MacKey>> Create(MacAlgorithm algorithm, std::span<const uint8_t> key);
  ~MacKey();
  MacKey(const MacKey&) = delete;
  MacKey& operator=(const MacKey&) = delete;

  // Prefetches the cache line that a MAC reads first. The caller of an engine calls this as soon as it knows the key:
  // among thousands of keys it is in no near cache, and inside the engine it is too late (docs/decisions/0007).
  [[gnu::always_inline]] void Prefetch() const { __builtin_prefetch(this); }

  MacAlgorithm algorithm() const { return algorithm_; }
  size_t icv_bytes() const { return icv_bytes_; }
  // The inner state, then the outer one, without a gap: 4 words each for MD5, 5 for SHA-1, 8 for SHA-256. Zeros for the
  // other algorithms.
  const uint32_t* states() const { return states_; }
  const uint32_t* inner() const { return states_; }
  const uint32_t* outer() const { return states_ + state_words_; }
  const internal::WideStates* wide() const { return wide_.get(); }  // null except for SHA-384 and SHA-512
  internal::CipherKey* cipher() const { return cipher_.get(); }     // null except for AES

 private:
  MacKey();

  // The part that a MAC reads is in one cache line, for SHA-256 in two, because a shard has thousands of keys.
  MacAlgorithm algorithm_{};
  uint8_t icv_bytes_ = 0;
  uint8_t state_words_ = 0;
  alignas(16) uint32_t states_[16] = {};
  std::unique_ptr<internal::WideStates> wide_;
  std::unique_ptr<internal::CipherKey> cipher_;
};

// Overwrites memory that had a secret. The compiler cannot remove the writes.
void WipeSecret(void* data, size_t length);

// Compares in a time that does not depend on the place of the first difference (conformance AH-30).
bool EqualInConstantTime(const uint8_t* a, const uint8_t* b, size_t length);

}  // namespace dpvrrp
