// SPDX-License-Identifier: BSD-3-Clause
#include "crypto/icv_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "base/limits.h"
#include "crypto/published_vectors.h"
#include "unit/crypto/icv_agreement.h"
#include "unit/crypto/mac_testing.h"
#include "unit/wire/hex.h"

namespace dpvrrp {
namespace {

Bytes Write(const internal::Repeated& repeated) {
  Bytes bytes;
  for (size_t i = 0; i < repeated.times; ++i) bytes.insert(bytes.end(), repeated.text.begin(), repeated.text.end());
  return bytes;
}

// Every test for every backend; those this machine has not are skipped.
class IcvEngineTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    absl::StatusOr<std::unique_ptr<IcvEngine>> made = MakeIcvEngineNamed(GetParam());
    if (absl::IsNotFound(made.status())) GTEST_SKIP() << made.status().message();
    ASSERT_TRUE(made.ok()) << made.status();
    engine = *std::move(made);
  }
  std::unique_ptr<IcvEngine> engine;
};

INSTANTIATE_TEST_SUITE_P(Backend, IcvEngineTest, testing::Values("openssl", "ipsec-mb", "vector-avx2", "vector-avx512"),
                         [](const auto& backend) {
                           return absl::StrReplaceAll(backend.param, {{"-", "_"}});
                         });

// Signs every published vector of `source`, checks it against the print, and the print against OpenSSL's EVP_MAC.
void ExpectVectorsMatch(IcvEngine* engine, absl::string_view source, int expected_count) {
  int count = 0;
  for (const internal::PublishedVector& vector : internal::AllPublishedVectors()) {
    if (!absl::StartsWith(vector.source, source)) continue;
    ++count;
    const Bytes published = FromHex(vector.mac);
    const Bytes expected(published.begin(), published.begin() + InfoOf(vector.algorithm).icv_bytes);
    const Bytes data = Write(vector.data);
    const auto key = MakeKey(vector.algorithm, Write(vector.key));
    IcvJob job = MakeJob(*key, data);
    if (IsGmac(vector.algorithm)) std::copy_n(expected.begin(), kGmacIvBytes, job.icv);
    engine->Sign({&job, 1});
    EXPECT_EQ(IcvOf(job), expected) << vector.source;
    engine->Verify({&job, 1});
    EXPECT_TRUE(job.match) << vector.source;
    EXPECT_EQ(ReferenceMac(vector.algorithm, Write(vector.key), data, std::span(expected).first(kGmacIvBytes)),
              expected)
        << vector.source;
  }
  EXPECT_EQ(count, expected_count);
}

TEST_P(IcvEngineTest, Rfc2202Md5VectorsMatch) { ExpectVectorsMatch(engine.get(), "RFC 2202 2", 7); }
TEST_P(IcvEngineTest, Rfc2202Sha1VectorsMatch) { ExpectVectorsMatch(engine.get(), "RFC 2202 3", 7); }
TEST_P(IcvEngineTest, Rfc4231VectorsMatch) { ExpectVectorsMatch(engine.get(), "RFC 4231", 7 + 6 + 6); }
TEST_P(IcvEngineTest, Rfc4868VectorsMatch) { ExpectVectorsMatch(engine.get(), "RFC 4868", 4); }
TEST_P(IcvEngineTest, Rfc4494VectorsMatch) { ExpectVectorsMatch(engine.get(), "RFC 4494", 3); }
TEST_P(IcvEngineTest, NistGcmVectorsMatch) { ExpectVectorsMatch(engine.get(), "CAVP", 2); }

// The lengths around the hash's block and padding, keys longer than the block among them.
TEST_P(IcvEngineTest, EqualsOpensslsMacForEveryLengthAroundTheBlock) {
  std::mt19937 random(1);
  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    for (size_t key_length : {1, 8, 16, 20, 32, 63, 64, 65, 127, 128, 129, 131}) {
      if (!IsHmac(row.algorithm) && key_length > 1) break;
      const Bytes secret = RandomBytes(random, KeyLength(row.algorithm, key_length));
      const auto key = MakeKey(row.algorithm, secret);
      for (size_t length = 1; length <= 200; ++length) {
        const Bytes data = RandomBytes(random, length);
        IcvJob job = MakeJob(*key, data);
        engine->Sign({&job, 1});
        ASSERT_EQ(IcvOf(job), ReferenceIcv(row.algorithm, secret, data))
            << row.name << " " << key_length << " " << length;
      }
    }
  }
}

TEST_P(IcvEngineTest, EqualsOpensslsMacForRandomKeysAndLengths) {
  std::mt19937 random(2);
  for (int i = 0; i < 3000; ++i) {
    const MacAlgorithmInfo& row = AllMacAlgorithms()[random() % kMacAlgorithmCount];
    const Bytes secret = RandomBytes(random, KeyLength(row.algorithm, 1 + random() % 300));
    const Bytes data = RandomBytes(random, 1 + random() % kMaxFrameBytes);
    const auto key = MakeKey(row.algorithm, secret);
    IcvJob job = MakeJob(*key, data);
    engine->Sign({&job, 1});
    ASSERT_EQ(IcvOf(job), ReferenceIcv(row.algorithm, secret, data)) << row.name << " run " << i;
  }
}

// Jobs of a burst are independent: each its own algorithm, key and length; a bad one among them spoils only itself.
TEST_P(IcvEngineTest, AMixedBurstIsJudgedJobByJob) {
  std::mt19937 random(3);
  for (size_t size : {size_t{0}, size_t{1}, size_t{3}, size_t{17}, kMaxBurst}) {
    std::vector<std::unique_ptr<const MacKey>> keys;
    std::vector<Bytes> data;
    std::vector<Bytes> expected;
    for (size_t i = 0; i < size; ++i) {
      const MacAlgorithm algorithm = AllMacAlgorithms()[random() % kMacAlgorithmCount].algorithm;
      const Bytes secret = RandomBytes(random, KeyLength(algorithm, 1 + random() % 100));
      keys.push_back(MakeKey(algorithm, secret));
      data.push_back(RandomBytes(random, 1 + random() % 300));
      expected.push_back(ReferenceIcv(algorithm, secret, data.back()));
    }
    std::vector<IcvJob> jobs;
    for (size_t i = 0; i < size; ++i) jobs.push_back(MakeJob(*keys[i], data[i]));

    engine->Sign(jobs);
    for (size_t i = 0; i < size; ++i) EXPECT_EQ(IcvOf(jobs[i]), expected[i]) << i << " of " << size;

    for (size_t i = 0; i < size; i += 3) jobs[i].icv[0] ^= 0x80;
    engine->Verify(jobs);
    for (size_t i = 0; i < size; ++i) EXPECT_EQ(jobs[i].match, i % 3 != 0) << i << " of " << size;
  }
}

TEST_P(IcvEngineTest, VerifyRefusesEveryFlippedBitOfTheIcv) {
  const Bytes data(64, 0x42);
  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    const auto key = MakeKey(row.algorithm, Bytes(row.key_bytes, 0x17));
    IcvJob job = MakeJob(*key, data);
    engine->Sign({&job, 1});
    for (size_t bit = 0; bit < 8 * row.icv_bytes; ++bit) {
      IcvJob forged = job;
      forged.match = true;
      forged.icv[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      engine->Verify({&forged, 1});
      EXPECT_FALSE(forged.match) << row.name << " bit " << bit;
    }
    engine->Verify({&job, 1});
    EXPECT_TRUE(job.match) << row.name;
  }
}

TEST_P(IcvEngineTest, VerifyRefusesEveryFlippedBitOfTheData) {
  Bytes data(64, 0x42);
  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    const auto key = MakeKey(row.algorithm, Bytes(row.key_bytes, 0x17));
    IcvJob job = MakeJob(*key, data);
    engine->Sign({&job, 1});
    for (size_t bit = 0; bit < 8 * data.size(); ++bit) {
      data[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      engine->Verify({&job, 1});
      EXPECT_FALSE(job.match) << row.name << " bit " << bit;
      data[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    }
  }
}

// What lies behind the ICV in the job is neither read nor written.
TEST_P(IcvEngineTest, OnlyTheTruncatedLengthCounts) {
  const Bytes data(64, 0x42);
  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    const auto key = MakeKey(row.algorithm, Bytes(row.key_bytes, 0x17));
    IcvJob job = MakeJob(*key, data);
    std::fill(std::begin(job.icv), std::end(job.icv), uint8_t{0xee});
    engine->Sign({&job, 1});
    for (size_t i = row.icv_bytes; i < kMaxIcvBytes; ++i) EXPECT_EQ(job.icv[i], 0xee) << row.name;
    engine->Verify({&job, 1});
    EXPECT_TRUE(job.match) << row.name;
  }
}

// RFC 4543 3.2: the IV is the signer's choice, part of the nonce and of the ICV.
TEST_P(IcvEngineTest, GmacTakesTheIvFromTheJob) {
  const Bytes data(64, 0x42);
  for (const MacAlgorithm algorithm : {MacAlgorithm::kAes128Gmac, MacAlgorithm::kAes256Gmac}) {
    const Bytes secret(InfoOf(algorithm).key_bytes, 0x17);
    const auto key = MakeKey(algorithm, secret);
    std::vector<IcvJob> jobs(3, MakeJob(*key, data));
    for (uint8_t i = 0; i < 3; ++i) jobs[i].icv[kGmacIvBytes - 1] = i;
    engine->Sign(jobs);
    for (const IcvJob& job : jobs) {
      EXPECT_EQ(IcvOf(job), ReferenceMac(algorithm, secret, data, std::span(job.icv).first(kGmacIvBytes)));
    }
    EXPECT_NE(Bytes(jobs[0].icv + kGmacIvBytes, jobs[0].icv + 24), Bytes(jobs[1].icv + kGmacIvBytes, jobs[1].icv + 24));
    engine->Verify(jobs);
    for (const IcvJob& job : jobs) EXPECT_TRUE(job.match);
  }
}

// A block's end may fall anywhere in memory. The buffers end where the message ends, for the sanitizer.
TEST_P(IcvEngineTest, EqualsOpensslAtEveryAlignment) {
  std::mt19937 random(4);
  const std::unique_ptr<IcvEngine> reference = MakeOpensslEngine();
  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    const auto key = MakeKey(row.algorithm, Bytes(row.key_bytes, 0x17));
    for (size_t length : {64, 68, 128, 119, 120, 1}) {
      std::vector<Bytes> buffers;
      std::vector<IcvJob> jobs;
      for (size_t shift = 0; shift < kMaxBurst; ++shift) {
        buffers.push_back(RandomBytes(random, shift + length));
        jobs.push_back(MakeJob(*key, std::span(buffers.back()).subspan(shift)));
      }
      std::vector<IcvJob> expected = jobs;
      reference->Sign(expected);
      engine->Sign(jobs);
      for (size_t i = 0; i < jobs.size(); ++i) {
        ASSERT_EQ(IcvOf(jobs[i]), IcvOf(expected[i])) << row.name << " " << length << " at " << i;
      }
    }
  }
}

// The page behind the message is not there: whatever the length, a read beyond it ends the program. Bursts of one
// length, then of all lengths.
TEST_P(IcvEngineTest, ReadsNothingBehindAMessageAtTheEndOfAMappedPage) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* mapped = mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(mapped, MAP_FAILED);
  auto* const end = static_cast<uint8_t*>(mapped) + page;
  ASSERT_EQ(mprotect(end, page, PROT_NONE), 0);
  std::mt19937 random(9);
  for (uint8_t* byte = end - page; byte < end; ++byte) *byte = static_cast<uint8_t>(random());

  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    const Bytes secret(row.key_bytes, 0x17);
    const auto key = MakeKey(row.algorithm, secret);
    for (const bool mixed : {false, true}) {
      for (size_t length = 1; length <= 200; ++length) {
        std::vector<IcvJob> jobs;
        for (size_t i = 0; i < kMaxBurst; ++i) {
          const size_t bytes = mixed ? length + i : length;
          jobs.push_back(MakeJob(*key, {end - bytes, bytes}));
        }
        engine->Sign(jobs);
        for (size_t i : {size_t{0}, kMaxBurst - 1}) {
          const Bytes data(jobs[i].data, jobs[i].data + jobs[i].length);
          ASSERT_EQ(IcvOf(jobs[i]), ReferenceIcv(row.algorithm, secret, data)) << row.name << " " << data.size();
        }
      }
    }
  }
  munmap(mapped, 2 * page);
}

// A wrong bit spoils the message it is in, whichever lane that is, and no other.
TEST_P(IcvEngineTest, AFlippedBitIsFoundInEveryLane) {
  std::mt19937 random(5);
  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    const auto key = MakeKey(row.algorithm, Bytes(row.key_bytes, 0x17));
    for (size_t length : {64, 84}) {
      std::vector<Bytes> data;
      std::vector<IcvJob> jobs;
      for (size_t i = 0; i < kMaxBurst; ++i) data.push_back(RandomBytes(random, length));
      for (size_t i = 0; i < kMaxBurst; ++i) jobs.push_back(MakeJob(*key, data[i]));
      engine->Sign(jobs);
      for (size_t bit = 0; bit < 8 * length; ++bit) {
        const size_t lane = bit % kMaxBurst;
        data[lane][bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
        engine->Verify(jobs);
        for (size_t i = 0; i < kMaxBurst; ++i)
          ASSERT_EQ(jobs[i].match, i != lane) << row.name << " bit " << bit << ' ' << i;
        data[lane][bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      }
    }
  }
}

// Longer than any burst of ours, and messages longer than any frame: slower perhaps, not wrong.
TEST_P(IcvEngineTest, MoreThanABurstAndLongerThanAFrameIsRightToo) {
  std::mt19937 random(6);
  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    const Bytes secret(row.key_bytes, 0x17);
    const auto key = MakeKey(row.algorithm, secret);
    std::vector<Bytes> data;
    std::vector<IcvJob> jobs;
    for (size_t i = 0; i < 3 * kMaxBurst + 7; ++i) data.push_back(RandomBytes(random, kMaxFrameBytes - 90 + i));
    for (const Bytes& bytes : data) jobs.push_back(MakeJob(*key, bytes));
    engine->Sign(jobs);
    for (size_t i = 0; i < jobs.size(); ++i) {
      EXPECT_EQ(IcvOf(jobs[i]), ReferenceIcv(row.algorithm, secret, data[i])) << row.name << " " << i;
    }
  }
}

TEST_P(IcvEngineTest, AgreesWithOpensslOnAMillionMessages) { ExpectAgreement({engine.get()}, 1'000'000, 7); }

}  // namespace
}  // namespace dpvrrp
