// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/limits.h"
#include "crypto/icv_backend.h"
#include "crypto/vector_md5_kernel.h"

namespace dpvrrp {
namespace {

using internal::HmacMd5Kernel;
using internal::kMaxVectorMd5Lanes;
using internal::Md5Mac;
using internal::Md5Message;

constexpr size_t kIcvBytes = 12;  // RFC 2403
constexpr size_t kMaxBlocks = (kMaxFrameBytes + 9 + 63) / 64;

size_t BlocksOf(uint32_t length) { return (length + 9 + 63) / 64; }

bool IsForTheKernel(const IcvJob& job) {
  return job.key->algorithm() == MacAlgorithm::kHmacMd5_96 && job.length <= kMaxFrameBytes;
}

// Twelve bytes as three words, all of them always: the time tells nothing of where they differ (conformance AH-30). Not
// EqualInConstantTime, so that the comparison is inlined into the loop over the burst.
bool EqualIcv(const uint8_t* a, const uint8_t* b) {
  std::array<uint32_t, kIcvBytes / 4> x;
  std::array<uint32_t, kIcvBytes / 4> y;
  std::memcpy(x.data(), a, kIcvBytes);
  std::memcpy(y.data(), b, kIcvBytes);
  uint32_t difference = (x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]);
  asm("" : "+r"(difference));  // the compiler may not look at a part of it first
  return difference == 0;
}

// HMAC-MD5-96 by a kernel, all else by the portable engine.
class VectorMd5Engine final : public IcvEngine {
 public:
  VectorMd5Engine(absl::string_view name, HmacMd5Kernel kernel) : name_(name), kernel_(kernel) {}

  absl::string_view name() const override { return name_; }

  void Sign(std::span<IcvJob> jobs) override {
    Run(
        jobs, [](IcvJob& job, const Md5Mac& mac) { std::memcpy(job.icv, mac.bytes, kIcvBytes); },
        [this](std::span<IcvJob> others) { portable_->Sign(others); });
  }

  void Verify(std::span<IcvJob> jobs) override {
    Run(
        jobs, [](IcvJob& job, const Md5Mac& mac) { job.match = EqualIcv(mac.bytes, job.icv); },
        [this](std::span<IcvJob> others) { portable_->Verify(others); });
  }

 private:
  template <typename Finish, typename Others>
  void Run(std::span<IcvJob> jobs, Finish finish, Others others) {
    for (; !jobs.empty(); jobs = jobs.subspan(std::min(jobs.size(), kMaxBurst))) {
      const std::span<IcvJob> burst = jobs.first(std::min(jobs.size(), kMaxBurst));
      const size_t count = Arrange(burst);
      if (count < burst.size()) HandOver(burst, others);
      if (count == 0) continue;
      if (count == 1) {  // alone in its lanes it would take half as long again (docs/decisions/0006)
        others(std::span<IcvJob>(jobs_[0], 1));
        continue;
      }
      kernel_(messages_.data(), static_cast<uint32_t>(count), macs_.data());
      for (size_t i = 0; i < count; ++i) finish(*jobs_[i], macs_[i]);
    }
  }

  // Fills messages_ and jobs_ in order of blocks, so that the lanes of a batch end together (a counting sort). Returns
  // how many there are.
  size_t Arrange(std::span<IcvJob> burst) {
    std::array<uint8_t, kMaxBlocks + 2> next{};  // where the next message of so many blocks goes
    static_assert(kMaxBurst <= UINT8_MAX);
    for (const IcvJob& job : burst) {
      if (IsForTheKernel(job)) ++next[BlocksOf(job.length) + 1];
    }
    for (size_t blocks = 1; blocks < next.size(); ++blocks) next[blocks] += next[blocks - 1];
    for (IcvJob& job : burst) {
      if (!IsForTheKernel(job)) continue;
      const size_t at = next[BlocksOf(job.length)]++;
      messages_[at] = {job.key->inner(), job.key->outer(), job.data, job.length};
      jobs_[at] = &job;
    }
    return next.back();
  }

  // Neighbours together: one call, not one a job, when a burst is all of another algorithm.
  template <typename Others>
  static void HandOver(std::span<IcvJob> burst, Others others) {
    for (auto job = burst.begin(); job != burst.end();) {
      const auto first = std::find_if_not(job, burst.end(), IsForTheKernel);
      job = std::find_if(first, burst.end(), IsForTheKernel);
      if (first != job) others(std::span<IcvJob>(first, job));
    }
  }

  const absl::string_view name_;
  const HmacMd5Kernel kernel_;
  const std::unique_ptr<IcvEngine> portable_ = MakeOpensslEngine();
  std::array<Md5Message, kMaxBurst> messages_{};
  std::array<IcvJob*, kMaxBurst> jobs_{};
  static_assert(kMaxBurst % kMaxVectorMd5Lanes == 0);  // the kernel writes whole batches
  std::array<Md5Mac, kMaxBurst> macs_{};
};

}  // namespace

namespace internal {

// __builtin_cpu_supports asks the operating system too: registers it does not save do not count.
std::unique_ptr<IcvEngine> MakeVectorAvx512Engine() {
#ifdef DPVRRP_VECTOR_MD5
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
    return std::make_unique<VectorMd5Engine>("vector-avx512", HmacMd5Avx512);
  }
#endif
  return nullptr;
}

std::unique_ptr<IcvEngine> MakeVectorAvx2Engine() {
#ifdef DPVRRP_VECTOR_MD5
  if (__builtin_cpu_supports("avx2")) return std::make_unique<VectorMd5Engine>("vector-avx2", HmacMd5Avx2);
#endif
  return nullptr;
}

}  // namespace internal
}  // namespace dpvrrp
