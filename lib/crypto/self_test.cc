// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "crypto/icv_engine.h"
#include "crypto/published_vectors.h"

namespace dpvrrp {
namespace {

using internal::PublishedVector;

// A vector in the form of an engine's input. `job` points into the other fields.
struct Exercise {
  const PublishedVector* vector = nullptr;
  std::unique_ptr<const MacKey> key;
  std::string data;
  std::string icv;  // as published, truncated

  IcvJob Job() const {
    IcvJob job = {.key = key.get(),
                  .data = reinterpret_cast<const uint8_t*>(data.data()),
                  .length = static_cast<uint32_t>(data.size())};
    if (IsGmac(key->algorithm())) std::copy_n(icv.begin(), kGmacIvBytes, job.icv);
    return job;
  }
  bool Equals(const uint8_t* got) const {
    return std::equal(icv.begin(), icv.end(), reinterpret_cast<const char*>(got));
  }
};

std::string Write(const internal::Repeated& repeated) {
  std::string text;
  for (size_t i = 0; i < repeated.times; ++i) absl::StrAppend(&text, repeated.text);
  return text;
}

absl::StatusOr<Exercise> Prepare(const PublishedVector& vector) {
  const std::string key = Write(vector.key);
  DPVRRP_ASSIGN_OR_RETURN(std::unique_ptr<const MacKey> made,
                          MacKey::Create(vector.algorithm, {reinterpret_cast<const uint8_t*>(key.data()), key.size()}));
  std::string icv;
  if (!DecodeHex(vector.mac, icv))
    return absl::InternalError(absl::StrCat(vector.source, ": the MAC is not hexadecimal"));
  if (icv.size() < made->icv_bytes()) return absl::InternalError(absl::StrCat(vector.source, ": the MAC is short"));
  icv.resize(made->icv_bytes());
  return Exercise{&vector, std::move(made), Write(vector.data), std::move(icv)};
}

absl::Status Failure(const IcvEngine& engine, const PublishedVector& vector, absl::string_view what) {
  return absl::InternalError(
      absl::StrCat("engine ", engine.name(), ", ", InfoOf(vector.algorithm).name, ", ", vector.source, ": ", what));
}

// Signs and verifies `exercises` as one burst.
absl::Status Run(IcvEngine& engine, std::span<const Exercise> exercises) {
  std::vector<IcvJob> jobs;
  for (const Exercise& e : exercises) jobs.push_back(e.Job());
  engine.Sign(jobs);
  for (size_t i = 0; i < jobs.size(); ++i) {
    if (!exercises[i].Equals(jobs[i].icv)) return Failure(engine, *exercises[i].vector, "Sign is not as published");
  }

  engine.Verify(jobs);
  for (size_t i = 0; i < jobs.size(); ++i) {
    if (!jobs[i].match) return Failure(engine, *exercises[i].vector, "Verify refuses the published MAC");
  }

  // `match` is still true, so an engine that forgets to write it fails here. The last byte is the one that a wrong
  // truncation would ignore.
  for (IcvJob& job : jobs) job.icv[job.key->icv_bytes() - 1] ^= 1;
  engine.Verify(jobs);
  for (size_t i = 0; i < jobs.size(); ++i) {
    if (jobs[i].match) return Failure(engine, *exercises[i].vector, "Verify accepts a wrong MAC");
  }
  return absl::OkStatus();
}

// Bytes for tests, the same at every start. Deliberately not random.
class ByteSource {
 public:
  uint32_t Next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;  // Knuth's MMIX generator; its high half is good
    return static_cast<uint32_t>(state_ >> 32);
  }
  uint32_t Between(uint32_t low, uint32_t high) { return low + Next() % (high - low + 1); }
  void Fill(std::span<uint8_t> bytes) {
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(Next());
  }

 private:
  uint64_t state_ = 1;
};

// Runs `jobs` as one burst: signs them as the portable engine does, then verifies them with one bit forged in every
// third ICV.
absl::Status RunAgainst(IcvEngine& portable, IcvEngine& engine, std::span<IcvJob> jobs) {
  const auto failure = [&](size_t i, absl::string_view what) {
    return absl::InternalError(absl::StrCat("engine ", engine.name(), ", ", InfoOf(jobs[i].key->algorithm()).name,
                                            ", job ", i, " of ", jobs.size(), ", ", jobs[i].length, " bytes: ", what));
  };
  std::vector<IcvJob> expected(jobs.begin(), jobs.end());
  portable.Sign(expected);
  engine.Sign(jobs);
  for (size_t i = 0; i < jobs.size(); ++i) {
    if (!std::equal(jobs[i].icv, jobs[i].icv + jobs[i].key->icv_bytes(), expected[i].icv)) {
      return failure(i, "Sign is not as OpenSSL's");
    }
    jobs[i].match = i % 3 == 0;
    if (i % 3 == 0) jobs[i].icv[i % jobs[i].key->icv_bytes()] ^= static_cast<uint8_t>(1u << i % 8);
  }
  engine.Verify(jobs);
  for (size_t i = 0; i < jobs.size(); ++i) {
    if (jobs[i].match != (i % 3 != 0)) return failure(i, "Verify is wrong");
  }
  return absl::OkStatus();
}

// Every size of burst, so that each lane is the last one once. Lengths: all 64 or 68, as adverts with one address have;
// around a block's edge; any. Algorithms: each that is computed in bulk alone, then all mixed.
absl::Status RunFullBursts(IcvEngine& engine) {
  constexpr size_t kKeys = kMaxBurst;
  const std::unique_ptr<IcvEngine> portable = MakeOpensslEngine();
  ByteSource bytes;
  std::vector<uint8_t> data(kMaxFrameBytes + kMaxBurst);
  bytes.Fill(data);
  std::vector<std::unique_ptr<const MacKey>> keys;  // kKeys of each algorithm, then of the next
  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    for (size_t i = 0; i < kKeys; ++i) {
      std::vector<uint8_t> secret(row.key_bytes);
      bytes.Fill(secret);
      DPVRRP_ASSIGN_OR_RETURN(std::unique_ptr<const MacKey> key, MacKey::Create(row.algorithm, secret));
      keys.push_back(std::move(key));
    }
  }

  constexpr std::pair<uint32_t, uint32_t> kLengths[] = {{64, 64}, {68, 68}, {40, 140}, {1, kMaxFrameBytes}};
  std::vector<IcvJob> jobs;
  for (size_t only = 0; only <= kMacAlgorithmCount; ++only) {
    if (only < kMacAlgorithmCount && !IsComputedInBulk(AllMacAlgorithms()[only].algorithm)) continue;
    for (const auto& [shortest, longest] : kLengths) {
      for (size_t size = 1; size <= kMaxBurst; ++size) {
        jobs.clear();
        for (size_t i = 0; i < size; ++i) {
          const size_t algorithm = only < kMacAlgorithmCount ? only : bytes.Next() % kMacAlgorithmCount;
          jobs.push_back({.key = keys[algorithm * kKeys + i].get(),
                          .data = data.data() + i,  // other bytes in each lane, at every alignment
                          .length = bytes.Between(shortest, longest)});
          if (IsGmac(jobs.back().key->algorithm())) bytes.Fill(std::span(jobs.back().icv).first(kGmacIvBytes));
        }
        DPVRRP_RETURN_IF_ERROR(RunAgainst(*portable, engine, jobs));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

namespace internal {

absl::Status SelfTestWith(IcvEngine& engine, std::span<const PublishedVector> vectors) {
  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    const bool covered =
        std::any_of(vectors.begin(), vectors.end(), [&](const auto& v) { return v.algorithm == row.algorithm; });
    if (!covered) return absl::InternalError(absl::StrCat(row.name, " has no published vector"));
  }

  std::vector<Exercise> exercises;
  for (const PublishedVector& vector : vectors) {
    DPVRRP_ASSIGN_OR_RETURN(Exercise exercise, Prepare(vector));
    exercises.push_back(std::move(exercise));
  }

  // Each alone, then all together: a multi-buffer engine takes different paths for the two.
  for (const Exercise& exercise : exercises) {
    DPVRRP_RETURN_IF_ERROR(Run(engine, {&exercise, 1}));
  }
  return Run(engine, exercises);
}

}  // namespace internal

absl::Status SelfTest(IcvEngine& engine) {
  const absl::Status status = internal::SelfTestWith(engine, internal::AllPublishedVectors());
  return status.ok() ? RunFullBursts(engine) : status;
}

}  // namespace dpvrrp
