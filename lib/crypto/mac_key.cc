// SPDX-License-Identifier: BSD-3-Clause
#include "crypto/mac_key.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <utility>

#include "crypto/cipher_key.h"
#include "crypto/openssl_digest.h"

namespace dpvrrp {

static_assert(sizeof(MacKey) == 128);  // two cache lines

absl::StatusOr<std::unique_ptr<const MacKey>> MacKey::Create(MacAlgorithm algorithm, std::span<const uint8_t> key) {
  if (key.empty()) return absl::InvalidArgumentError("a key must have at least one byte");
  std::unique_ptr<MacKey> made(new MacKey);
  made->algorithm_ = algorithm;
  made->icv_bytes_ = static_cast<uint8_t>(InfoOf(algorithm).icv_bytes);
  if (!IsHmac(algorithm)) {
    absl::StatusOr<std::unique_ptr<internal::CipherKey>> cipher = internal::CipherKey::Create(algorithm, key);
    if (!cipher.ok()) return cipher.status();
    made->cipher_ = *std::move(cipher);
    return std::unique_ptr<const MacKey>(std::move(made));
  }

  // RFC 2104 2: a key longer than the block is hashed first; then zeros fill the block.
  std::array<uint8_t, internal::kMaxHashBlockBytes> room{};
  static_assert(internal::kMaxDigestBytes <= internal::kMaxHashBlockBytes);
  const std::span<uint8_t> block = std::span(room).first(internal::HashBlockBytes(algorithm));
  if (key.size() > block.size()) {
    internal::Digest(algorithm, key, block.data());
  } else {
    std::copy(key.begin(), key.end(), block.begin());
  }

  constexpr uint8_t kInnerPad = 0x36;
  constexpr uint8_t kOuterPad = 0x5c;
  const auto hash_pads = [&](auto* states) {
    for (uint8_t& byte : block) byte ^= kInnerPad;
    const size_t words = internal::HashBlock(algorithm, block, states) / sizeof *states;
    for (uint8_t& byte : block) byte ^= kInnerPad ^ kOuterPad;
    internal::HashBlock(algorithm, block, states + words);
    return words;
  };
  if (internal::HasWideStates(algorithm)) {
    made->wide_ = std::make_unique<internal::WideStates>();
    hash_pads(made->wide_->words);
  } else {
    made->state_words_ = static_cast<uint8_t>(hash_pads(made->states_));
  }
  WipeSecret(room.data(), room.size());
  return std::unique_ptr<const MacKey>(std::move(made));
}

MacKey::MacKey() = default;
MacKey::~MacKey() { WipeSecret(states_, sizeof states_); }
internal::WideStates::~WideStates() { WipeSecret(words, sizeof words); }

void WipeSecret(void* data, size_t length) { OPENSSL_cleanse(data, length); }

bool EqualInConstantTime(const uint8_t* a, const uint8_t* b, size_t length) { return CRYPTO_memcmp(a, b, length) == 0; }

}  // namespace dpvrrp
