// SPDX-License-Identifier: BSD-3-Clause
//
// Short functions to make a key, a job and the reference, for the tests of crypto.
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "crypto/icv_engine.h"
#include "crypto/mac_key.h"
#include "support/reference_mac.h"

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

// As long a key as wanted, where the algorithm leaves the choice: AES does not.
inline size_t KeyLength(MacAlgorithm algorithm, size_t wanted) {
  return IsHmac(algorithm) ? wanted : InfoOf(algorithm).key_bytes;
}

// With an IV of zeros, as a new job has it.
inline Bytes ReferenceIcv(MacAlgorithm algorithm, const Bytes& key, const Bytes& data) {
  return ReferenceMac(algorithm, key, data, Bytes(kGmacIvBytes, 0));
}

}  // namespace dpvrrp
