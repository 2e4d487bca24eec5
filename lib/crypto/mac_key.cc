// SPDX-License-Identifier: BSD-3-Clause
#include "crypto/mac_key.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <utility>

#include "crypto/openssl_digest.h"

namespace dpvrrp {

absl::StatusOr<std::unique_ptr<const MacKey>> MacKey::Create(MacAlgorithm algorithm, std::span<const uint8_t> key) {
  if (key.empty()) return absl::InvalidArgumentError("a key must have at least one byte");

  // RFC 2104 2: a key longer than the block is hashed first; then zeros fill the block.
  std::array<uint8_t, internal::kHashBlockBytes> block{};
  static_assert(internal::kMaxDigestBytes <= internal::kHashBlockBytes);
  if (key.size() > block.size()) {
    internal::Digest(algorithm, key, block.data());
  } else {
    std::copy(key.begin(), key.end(), block.begin());
  }

  std::unique_ptr<MacKey> made(new MacKey);
  made->algorithm_ = algorithm;
  made->icv_bytes_ = static_cast<uint8_t>(InfoOf(algorithm).icv_bytes);
  constexpr uint8_t kInnerPad = 0x36;
  constexpr uint8_t kOuterPad = 0x5c;
  for (uint8_t& byte : block) byte ^= kInnerPad;
  made->state_words_ = static_cast<uint8_t>(internal::HashBlock(algorithm, block, made->states_));
  for (uint8_t& byte : block) byte ^= kInnerPad ^ kOuterPad;
  internal::HashBlock(algorithm, block, made->states_ + made->state_words_);
  WipeSecret(block.data(), block.size());
  return std::unique_ptr<const MacKey>(std::move(made));
}

MacKey::~MacKey() { WipeSecret(states_, sizeof states_); }

void WipeSecret(void* data, size_t length) { OPENSSL_cleanse(data, length); }

bool EqualInConstantTime(const uint8_t* a, const uint8_t* b, size_t length) { return CRYPTO_memcmp(a, b, length) == 0; }

}  // namespace dpvrrp
