// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "crypto/mac_algorithm.h"

namespace dpvrrp {

namespace internal {
class CipherKey;

// The states of the hashes with 64-bit words, SHA-384 and SHA-512, too large for a MacKey's own lines.
struct WideStates {
  ~WideStates();
  uint64_t words[16] = {};  // the inner one, then the outer one
};
}  // namespace internal

// A key made ready. HMAC: the hash states after its inner and outer pad blocks (RFC 2104), in the hash's own words,
// host order. This is all a MAC needs and the form every backend wants (OpenSSL's low-level digests, intel-ipsec-mb, a
// vector kernel), so the key's bytes are not kept. AES: a cipher's key schedule (cipher_key.h). Either is as secret as
// the key and wiped on destruction.
//
// Not copyable: a key exists once, owned by its instance.
//
// Thread: any (immutable); with AES one at a time, as computing a MAC uses the prepared cipher.
class alignas(64) MacKey {
 public:
  // `key`: 1 byte or more; longer than the hash's block is hashed first, as HMAC says. Whether the length suits the
  // algorithm's RFC is configuration's business, but for AES, which takes just the table's. Empty, or not so long:
  // InvalidArgument.
  static absl::StatusOr<std::unique_ptr<const MacKey>> Create(MacAlgorithm algorithm, std::span<const uint8_t> key);
  ~MacKey();
  MacKey(const MacKey&) = delete;
  MacKey& operator=(const MacKey&) = delete;

  // Asks for the cache line a MAC reads first. For the caller of an engine, as early as the key is known: with
  // thousands of keys it is in no near cache, and in the engine it is too late (docs/decisions/0007).
  void Prefetch() const { __builtin_prefetch(this); }

  MacAlgorithm algorithm() const { return algorithm_; }
  size_t icv_bytes() const { return icv_bytes_; }
  // The inner state, then the outer one, without a gap: 4 words each for MD5, 5 for SHA-1, 8 for SHA-256. Zeros for the
  // algorithms below.
  const uint32_t* states() const { return states_; }
  const uint32_t* inner() const { return states_; }
  const uint32_t* outer() const { return states_ + state_words_; }
  const internal::WideStates* wide() const { return wide_.get(); }  // null but for SHA-384 and SHA-512
  internal::CipherKey* cipher() const { return cipher_.get(); }     // null but for AES

 private:
  MacKey();

  // What a MAC reads is in one cache line, in two for SHA-256: a shard has thousands of keys.
  MacAlgorithm algorithm_{};
  uint8_t icv_bytes_ = 0;
  uint8_t state_words_ = 0;
  alignas(16) uint32_t states_[16] = {};
  std::unique_ptr<internal::WideStates> wide_;
  std::unique_ptr<internal::CipherKey> cipher_;
};

// Overwrites memory that held a secret; the compiler may not remove it.
void WipeSecret(void* data, size_t length);

// Compares without telling, by its time, where the first difference is (conformance AH-30).
bool EqualInConstantTime(const uint8_t* a, const uint8_t* b, size_t length);

}  // namespace dpvrrp
