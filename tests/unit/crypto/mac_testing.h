// SPDX-License-Identifier: BSD-3-Clause
//
// Short ways to a key, a job and the reference, for the tests of crypto.
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "crypto/icv_engine.h"
#include "crypto/mac_key.h"

namespace dpvrrp {

using Bytes = std::vector<uint8_t>;

inline std::unique_ptr<const MacKey> MakeKey(MacAlgorithm algorithm, std::span<const uint8_t> key) {
  absl::StatusOr<std::unique_ptr<const MacKey>> made = MacKey::Create(algorithm, key);
  EXPECT_TRUE(made.ok()) << made.status();
  return std::move(*made);
}

inline IcvJob MakeJob(const MacKey& key, std::span<const uint8_t> data) {
  return {.key = &key, .data = data.data(), .length = static_cast<uint32_t>(data.size())};
}

inline Bytes IcvOf(const IcvJob& job) { return Bytes(job.icv, job.icv + job.key->icv_bytes()); }

inline Bytes RandomBytes(std::mt19937& random, size_t length) {
  Bytes bytes(length);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
  return bytes;
}

// OpenSSL's one-shot HMAC, truncated: nothing of ours in it.
inline Bytes ReferenceIcv(MacAlgorithm algorithm, const Bytes& key, const Bytes& data) {
  const EVP_MD* hash = nullptr;
  switch (algorithm) {
    case MacAlgorithm::kHmacMd5_96:
      hash = EVP_md5();
      break;
    case MacAlgorithm::kHmacSha1_96:
      hash = EVP_sha1();
      break;
    case MacAlgorithm::kHmacSha256_128:
      hash = EVP_sha256();
      break;
  }
  Bytes mac(EVP_MAX_MD_SIZE);
  EXPECT_NE(HMAC(hash, key.data(), static_cast<int>(key.size()), data.data(), data.size(), mac.data(), nullptr),
            nullptr);
  mac.resize(InfoOf(algorithm).icv_bytes);
  return mac;
}

}  // namespace dpvrrp
