// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "crypto/icv_engine.h"
#include "crypto/published_vectors.h"

namespace dpvrrp {
namespace {

using internal::PublishedVector;

// A vector made into what an engine works on. `job` points into the others.
struct Exercise {
  const PublishedVector* vector = nullptr;
  std::unique_ptr<const MacKey> key;
  std::string data;
  std::string icv;  // as published, truncated

  IcvJob Job() const {
    return {.key = key.get(),
            .data = reinterpret_cast<const uint8_t*>(data.data()),
            .length = static_cast<uint32_t>(data.size())};
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
  absl::StatusOr<std::unique_ptr<const MacKey>> made =
      MacKey::Create(vector.algorithm, {reinterpret_cast<const uint8_t*>(key.data()), key.size()});
  if (!made.ok()) return made.status();
  std::string icv = absl::HexStringToBytes(vector.mac);
  if (icv.size() < (*made)->icv_bytes()) return absl::InternalError(absl::StrCat(vector.source, ": the MAC is short"));
  icv.resize((*made)->icv_bytes());
  return Exercise{&vector, std::move(*made), Write(vector.data), std::move(icv)};
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

  // `match` still says true: an engine that forgets to write it fails here. The last byte is the one a wrong truncation
  // would not look at.
  for (IcvJob& job : jobs) job.icv[job.key->icv_bytes() - 1] ^= 1;
  engine.Verify(jobs);
  for (size_t i = 0; i < jobs.size(); ++i) {
    if (jobs[i].match) return Failure(engine, *exercises[i].vector, "Verify accepts a wrong MAC");
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
    absl::StatusOr<Exercise> exercise = Prepare(vector);
    if (!exercise.ok()) return exercise.status();
    exercises.push_back(std::move(*exercise));
  }

  // Alone and together: a multi-buffer engine takes different paths for the two.
  for (const Exercise& exercise : exercises) {
    const absl::Status status = Run(engine, {&exercise, 1});
    if (!status.ok()) return status;
  }
  return Run(engine, exercises);
}

}  // namespace internal

absl::Status SelfTest(IcvEngine& engine) { return internal::SelfTestWith(engine, internal::AllPublishedVectors()); }

}  // namespace dpvrrp
