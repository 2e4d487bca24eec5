// SPDX-License-Identifier: BSD-3-Clause
//
// Compares engines with OpenSSL on random keys, lengths and contents, in bursts like those of a port.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "base/limits.h"
#include "crypto/icv_engine.h"
#include "unit/crypto/mac_testing.h"

namespace dpvrrp {

// Signs `count` messages, each with its own key, with every engine, and verifies them with some forged.
//
// Bursts are of any size. Half of them are 64-byte adverts, the rest of lengths up to three blocks, a few up to the
// longest frame; one in four mixes algorithms. Each message is on the heap by itself, at any alignment, and ends
// where its allocation ends, so that the sanitizer sees a read beyond it.
inline void ExpectAgreement(const std::vector<IcvEngine*>& engines, size_t count, uint32_t seed) {
  std::mt19937_64 random(seed);
  const std::unique_ptr<IcvEngine> openssl = MakeOpensslEngine();
  std::vector<std::unique_ptr<const MacKey>> keys;
  std::vector<std::unique_ptr<uint8_t[]>> buffers;
  std::vector<IcvJob> expected;
  const auto random_bytes = [&random](uint8_t* bytes, size_t length) {
    for (size_t i = 0; i < length; i += sizeof(uint64_t)) {
      const uint64_t word = random();
      std::memcpy(bytes + i, &word, std::min(length - i, sizeof word));
    }
  };

  for (size_t done = 0; done < count; done += expected.size()) {
    keys.clear(), buffers.clear(), expected.clear();
    const uint64_t kind = random() % 64;
    const uint32_t longest = kind < 32 ? 64 : kind < 63 ? 192 : kMaxFrameBytes;
    const uint32_t shortest = kind < 32 ? 64 : 1;
    const size_t only = random() % (kMacAlgorithmCount + 1);  // the one behind the last: all of them
    const size_t size = random() % 4 == 0 ? 1 + random() % kMaxBurst : kMaxBurst;
    for (size_t i = 0; i < size; ++i) {
      uint8_t secret[100];
      const MacAlgorithm algorithm =
          AllMacAlgorithms()[only < kMacAlgorithmCount ? only : random() % kMacAlgorithmCount].algorithm;
      const size_t secret_length = KeyLength(algorithm, random() % 8 == 0 ? 1 + random() % sizeof secret : 16);
      random_bytes(secret, secret_length);
      keys.push_back(MakeKey(algorithm, {secret, secret_length}));
      const uint32_t length = shortest + static_cast<uint32_t>(random() % (longest - shortest + 1));
      const size_t shift = random() % 64;
      buffers.push_back(std::unique_ptr<uint8_t[]>(new uint8_t[shift + length]));
      random_bytes(buffers.back().get() + shift, length);
      expected.push_back(MakeJob(*keys.back(), {buffers.back().get() + shift, length}));
    }
    openssl->Sign(expected);

    // Which ICVs are to be refused, and a bit that is wrong in each.
    const uint64_t forged = random() & random();
    const uint64_t where = random();
    for (IcvEngine* engine : engines) {
      std::vector<IcvJob> jobs = expected;
      for (IcvJob& job : jobs) std::fill(std::begin(job.icv), std::end(job.icv), uint8_t{0});
      engine->Sign(jobs);
      for (size_t i = 0; i < size; ++i) {
        ASSERT_EQ(std::memcmp(jobs[i].icv, expected[i].icv, jobs[i].key->icv_bytes()), 0)
            << engine->name() << ", job " << i << " of " << size << ", " << jobs[i].length << " bytes, after " << done;
        const size_t bit = (where + i) % (8 * jobs[i].key->icv_bytes());
        if ((forged >> i & 1) != 0) jobs[i].icv[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
        jobs[i].match = (forged >> i & 1) != 0;
      }
      engine->Verify(jobs);
      for (size_t i = 0; i < size; ++i) {
        ASSERT_EQ(jobs[i].match, (forged >> i & 1) == 0) << engine->name() << ", job " << i << " of " << size;
      }
    }
  }
}

}  // namespace dpvrrp
