// SPDX-License-Identifier: BSD-3-Clause
#include "crypto/cipher_key.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "crypto/mac_key.h"

namespace dpvrrp::internal {
namespace {

// CMAC is CBC with a special last block, GMAC is GCM without a text. Null: the algorithm has no cipher.
const EVP_CIPHER* CipherOf(MacAlgorithm algorithm) {
  switch (algorithm) {
    case MacAlgorithm::kAes128Cmac_96:
      return EVP_aes_128_cbc();
    case MacAlgorithm::kAes128Gmac:
      return EVP_aes_128_gcm();
    case MacAlgorithm::kAes256Gmac:
      return EVP_aes_256_gcm();
    case MacAlgorithm::kHmacMd5_96:
    case MacAlgorithm::kHmacSha1_96:
    case MacAlgorithm::kHmacSha256_128:
    case MacAlgorithm::kHmacSha384_192:
    case MacAlgorithm::kHmacSha512_256:
      break;
  }
  return nullptr;
}

// RFC 4493 2.3: times x in GF(2^128), without a branch on the secret.
template <typename Block>
Block Doubled(const Block& block) {
  Block out;
  for (size_t i = 0; i < block.size(); ++i) {
    const unsigned next = i + 1 < block.size() ? block[i + 1] >> 7 : 0u;
    out[i] = static_cast<uint8_t>(block[i] << 1 | next);
  }
  out.back() ^= static_cast<uint8_t>(0x87 & -(block[0] >> 7));
  return out;
}

}  // namespace

absl::StatusOr<std::unique_ptr<CipherKey>> CipherKey::Create(MacAlgorithm algorithm, std::span<const uint8_t> key) {
  const MacAlgorithmInfo& info = InfoOf(algorithm);
  if (key.size() != info.key_bytes) {
    return absl::InvalidArgumentError(absl::StrCat(info.name, " takes a key of exactly ", info.key_bytes,
                                                   " bytes, got ", key.size(), " (", info.source, ")"));
  }
  std::unique_ptr<CipherKey> made(new CipherKey);
  made->is_gmac_ = IsGmac(algorithm);
  made->icv_bytes_ = static_cast<uint8_t>(info.icv_bytes);
  if (made->is_gmac_) std::copy(key.end() - kSaltBytes, key.end(), made->salt_.begin());  // RFC 4543 5.4
  made->context_.reset(EVP_CIPHER_CTX_new());
  EVP_CIPHER_CTX* context = made->context_.get();
  // The first MAC sets an IV, for which OpenSSL must already have allocated memory.
  static constexpr Block kZeros{};
  const bool ready = context != nullptr &&
                     EVP_EncryptInit_ex(context, CipherOf(algorithm), nullptr, key.data(), kZeros.data()) == 1 &&
                     EVP_CIPHER_CTX_set_padding(context, 0) == 1 && (made->is_gmac_ || made->DeriveSubkeys());
  if (!ready) return absl::InternalError(absl::StrCat("OpenSSL does not take a key for ", info.name));
  return made;
}

CipherKey::~CipherKey() {
  WipeSecret(subkeys_.data(), sizeof subkeys_);
  WipeSecret(salt_.data(), sizeof salt_);
}

bool CipherKey::Mac(const uint8_t* data, size_t length, const uint8_t* iv, uint8_t* icv) {
  return is_gmac_ ? Gmac(data, length, iv, icv) : Cmac(data, length, icv);
}

// RFC 4493 2.3.
bool CipherKey::DeriveSubkeys() {
  static constexpr Block kZeros{};
  Block block;
  int written = 0;
  if (EVP_EncryptUpdate(context_.get(), block.data(), &written, kZeros.data(), kBlockBytes) != 1) return false;
  subkeys_[0] = Doubled(block);
  subkeys_[1] = Doubled(subkeys_[0]);
  WipeSecret(block.data(), block.size());
  return written == kBlockBytes;
}

// RFC 4493 2.4, truncated by RFC 4494 2. `length`: 1 or more.
bool CipherKey::Cmac(const uint8_t* data, size_t length, uint8_t* icv) {
  static constexpr Block kZeros{};
  EVP_CIPHER_CTX* context = context_.get();
  if (EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, kZeros.data()) != 1) return false;

  const size_t last = (length - 1) / kBlockBytes * kBlockBytes;  // where the last block begins
  std::array<uint8_t, 16 * kBlockBytes> unused;                  // cipher text of the earlier blocks
  int written = 0;
  for (size_t at = 0; at < last;) {
    const size_t bytes = std::min(last - at, unused.size());
    if (EVP_EncryptUpdate(context, unused.data(), &written, data + at, static_cast<int>(bytes)) != 1) return false;
    at += bytes;
  }

  Block block{};
  const size_t rest = length - last;
  std::copy_n(data + last, rest, block.begin());
  if (rest < kBlockBytes) block[rest] = 0x80;
  const Block& subkey = subkeys_[rest < kBlockBytes ? 1 : 0];
  for (size_t i = 0; i < kBlockBytes; ++i) block[i] ^= subkey[i];
  if (EVP_EncryptUpdate(context, block.data(), &written, block.data(), kBlockBytes) != 1) return false;
  std::copy_n(block.begin(), icv_bytes_, icv);
  return written == kBlockBytes;
}

// RFC 4543 3.2, 4: the nonce is salt, then IV; the whole input is associated data; the ICV field is IV, then tag.
bool CipherKey::Gmac(const uint8_t* data, size_t length, const uint8_t* iv, uint8_t* icv) {
  EVP_CIPHER_CTX* context = context_.get();
  std::array<uint8_t, kSaltBytes + kGmacIvBytes> nonce;
  std::copy(salt_.begin(), salt_.end(), nonce.begin());
  std::copy_n(iv, kGmacIvBytes, nonce.begin() + kSaltBytes);
  std::copy_n(iv, kGmacIvBytes, icv);
  int written = 0;
  Block nothing;
  return EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
         EVP_EncryptUpdate(context, nullptr, &written, data, static_cast<int>(length)) == 1 &&
         EVP_EncryptFinal_ex(context, nothing.data(), &written) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kBlockBytes, icv + kGmacIvBytes) == 1;
}

}  // namespace dpvrrp::internal
