// SPDX-License-Identifier: BSD-3-Clause
//
// The right ICV, by OpenSSL's EVP_MAC, without any code of ours.
#pragma once

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/check.h"
#include "crypto/mac_algorithm.h"

namespace dpvrrp {

// Truncated to the ICV's length. `iv`: AES-GMAC's, 8 bytes, which the ICV then begins with.
inline std::vector<uint8_t> ReferenceMac(MacAlgorithm algorithm, std::span<const uint8_t> key,
                                         std::span<const uint8_t> data, std::span<const uint8_t> iv) {
  const char* mac_name = "HMAC";
  const char* detail = nullptr;  // hash or cipher
  switch (algorithm) {
    case MacAlgorithm::kHmacMd5_96:
      detail = "MD5";
      break;
    case MacAlgorithm::kHmacSha1_96:
      detail = "SHA1";
      break;
    case MacAlgorithm::kHmacSha256_128:
      detail = "SHA256";
      break;
    case MacAlgorithm::kHmacSha384_192:
      detail = "SHA384";
      break;
    case MacAlgorithm::kHmacSha512_256:
      detail = "SHA512";
      break;
    case MacAlgorithm::kAes128Cmac_96:
      mac_name = "CMAC";
      detail = "AES-128-CBC";
      break;
    case MacAlgorithm::kAes128Gmac:
      mac_name = "GMAC";
      detail = "AES-128-GCM";
      break;
    case MacAlgorithm::kAes256Gmac:
      mac_name = "GMAC";
      detail = "AES-256-GCM";
      break;
  }
  std::vector<uint8_t> nonce;
  std::vector<uint8_t> icv;
  if (IsGmac(algorithm)) {  // RFC 4543 3.2: the salt is the end of the key
    DPVRRP_CHECK(iv.size() == kGmacIvBytes && key.size() > 4);
    nonce.assign(key.end() - 4, key.end());
    nonce.insert(nonce.end(), iv.begin(), iv.end());
    key = key.first(key.size() - 4);
    icv.assign(iv.begin(), iv.end());
  }
  OSSL_PARAM params[3] = {
      OSSL_PARAM_construct_utf8_string(IsHmac(algorithm) ? OSSL_MAC_PARAM_DIGEST : OSSL_MAC_PARAM_CIPHER,
                                       const_cast<char*>(detail), 0),
      OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end()};
  if (!nonce.empty()) params[1] = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_IV, nonce.data(), nonce.size());

  const std::unique_ptr<EVP_MAC, void (*)(EVP_MAC*)> mac(EVP_MAC_fetch(nullptr, mac_name, nullptr), EVP_MAC_free);
  const std::unique_ptr<EVP_MAC_CTX, void (*)(EVP_MAC_CTX*)> context(EVP_MAC_CTX_new(mac.get()), EVP_MAC_CTX_free);
  uint8_t out[EVP_MAX_MD_SIZE];
  size_t length = 0;
  DPVRRP_CHECK(EVP_MAC_init(context.get(), key.data(), key.size(), params) == 1 &&
               EVP_MAC_update(context.get(), data.data(), data.size()) == 1 &&
               EVP_MAC_final(context.get(), out, &length, sizeof out) == 1);
  icv.insert(icv.end(), out, out + length);
  DPVRRP_CHECK(icv.size() >= InfoOf(algorithm).icv_bytes);
  icv.resize(InfoOf(algorithm).icv_bytes);
  return icv;
}

}  // namespace dpvrrp
