// SPDX-License-Identifier: BSD-3-Clause
//
// The MACs made of AES: CMAC (RFC 4493) and GMAC (RFC 4543), by OpenSSL's EVP, which uses the processor's instructions.
// The key is scheduled once, at construction. A MAC only sets a new IV, and allocates nothing (a unit test counts).
// Internal to lib/crypto.
//
// Thread: one at a time.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "crypto/mac_algorithm.h"

namespace dpvrrp::internal {

class CipherKey {
 public:
  // InvalidArgument: the length of `key` is not the table's. Internal: OpenSSL does not have this cipher.
  static absl::StatusOr<std::unique_ptr<CipherKey>> Create(MacAlgorithm algorithm, std::span<const uint8_t> key);
  ~CipherKey();
  CipherKey(const CipherKey&) = delete;
  CipherKey& operator=(const CipherKey&) = delete;

  // Writes the ICV. `iv` is GMAC's IV of kGmacIvBytes, which become the first bytes of the ICV; CMAC ignores it. False:
  // OpenSSL failed, and `icv` is not valid.
  bool Mac(const uint8_t* data, size_t length, const uint8_t* iv, uint8_t* icv);

 private:
  static constexpr size_t kBlockBytes = 16;
  static constexpr size_t kSaltBytes = 4;
  using Block = std::array<uint8_t, kBlockBytes>;

  CipherKey() = default;
  bool DeriveSubkeys();
  bool Cmac(const uint8_t* data, size_t length, uint8_t* icv);
  bool Gmac(const uint8_t* data, size_t length, const uint8_t* iv, uint8_t* icv);

  struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }  // wipes the schedule
  };
  std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context_;
  bool is_gmac_ = false;
  uint8_t icv_bytes_ = 0;
  std::array<Block, 2> subkeys_{};          // CMAC: K1, K2
  std::array<uint8_t, kSaltBytes> salt_{};  // GMAC
};

}  // namespace dpvrrp::internal
