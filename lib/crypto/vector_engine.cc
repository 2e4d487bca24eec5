// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/limits.h"
#include "crypto/icv_backend.h"
#include "crypto/vector_kernel.h"

namespace dpvrrp {
namespace {

using internal::kMaxVectorMessages;
using internal::MacHead;
using internal::MacKernel;
using internal::MacMessages;

static_assert(kMaxBurst <= kMaxVectorMessages);
static_assert(kMaxIcvBytes <= sizeof(MacHead));

constexpr size_t kMaxBlocks = (kMaxFrameBytes + 9 + 63) / 64;
size_t BlocksOf(uint32_t length) { return (length + 9 + 63) / 64; }

// One row an algorithm, in the order of the algorithm table; null: no kernel.
using KernelTable = std::array<MacKernel, kMacAlgorithmCount>;

// 8 to 16 bytes as two overlapping words, all of them always: the time tells nothing of where they differ (conformance
// AH-30). Not EqualInConstantTime, so that the comparison is inlined into the loop over the burst.
bool EqualIcv(const uint8_t* a, const uint8_t* b, size_t bytes) {
  uint64_t x[2];
  uint64_t y[2];
  std::memcpy(&x[0], a, 8);
  std::memcpy(&y[0], b, 8);
  std::memcpy(&x[1], a + bytes - 8, 8);
  std::memcpy(&y[1], b + bytes - 8, 8);
  uint64_t difference = (x[0] ^ y[0]) | (x[1] ^ y[1]);
  asm("" : "+r"(difference));  // the compiler may not look at a part of it first
  return difference == 0;
}

#define X(id, name, icv_bytes, key_bytes, source) static_assert(icv_bytes >= 8, "EqualIcv reads as many");
DPVRRP_MAC_ALGORITHMS(X)
#undef X

// Each algorithm by its kernel; one without, a message longer than a frame, and a lone one by the portable engine.
class VectorEngine final : public IcvEngine {
 public:
  VectorEngine(absl::string_view name, const KernelTable& kernels) : name_(name), kernels_(kernels) {}

  absl::string_view name() const override { return name_; }

  void Sign(std::span<IcvJob> jobs) override {
    Run(
        jobs, [](IcvJob& job, const MacHead& head, size_t bytes) { std::memcpy(job.icv, head.bytes, bytes); },
        [this](std::span<IcvJob> others) { portable_->Sign(others); });
  }

  void Verify(std::span<IcvJob> jobs) override {
    Run(
        jobs, [](IcvJob& job, const MacHead& head, size_t bytes) { job.match = EqualIcv(head.bytes, job.icv, bytes); },
        [this](std::span<IcvJob> others) { portable_->Verify(others); });
  }

 private:
  template <typename Finish, typename Others>
  void Run(std::span<IcvJob> jobs, Finish finish, Others others) {
    for (; !jobs.empty(); jobs = jobs.subspan(std::min(jobs.size(), kMaxBurst))) {
      const std::span<IcvJob> burst = jobs.first(std::min(jobs.size(), kMaxBurst));
      if (!LoadUniform(burst)) {
        RunMixed(burst, finish, others);
        continue;
      }
      const MacKey& key = *burst[0].key;
      const MacKernel kernel = KernelOf(burst[0]);
      if (kernel == nullptr || burst.size() == 1) {
        others(burst);
        continue;
      }
      kernel(messages_, static_cast<uint32_t>(burst.size()), heads_.data());
      for (size_t i = 0; i < burst.size(); ++i) finish(burst[i], heads_[i], key.icv_bytes());
    }
  }

  MacKernel KernelOf(const IcvJob& job) const {
    return job.length > kMaxFrameBytes ? nullptr : kernels_[static_cast<size_t>(job.key->algorithm())];
  }

  void Load(size_t at, const IcvJob& job) {
    messages_.states[at] = job.key->states();
    messages_.data[at] = job.data;
    messages_.lengths[at] = job.length;
  }

  // Whether all jobs are of one algorithm and one length, as under any flood; then they are in messages_.
  bool LoadUniform(std::span<IcvJob> burst) {
    const auto algorithm = static_cast<uint32_t>(burst[0].key->algorithm());
    const uint32_t length = burst[0].length;
    uint32_t different = 0;
    for (size_t i = 0; i < burst.size(); ++i) {
      Load(i, burst[i]);
      different |= (static_cast<uint32_t>(burst[i].key->algorithm()) ^ algorithm) | (burst[i].length ^ length);
    }
    return different == 0;
  }

  template <typename Finish, typename Others>
  void RunMixed(std::span<IcvJob> burst, Finish finish, Others others) {
    for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
      const MacKernel kernel = kernels_[static_cast<size_t>(row.algorithm)];
      const size_t count = kernel == nullptr ? 0 : Arrange(burst, row.algorithm);
      if (count > 1) {
        kernel(messages_, static_cast<uint32_t>(count), heads_.data());
        for (size_t i = 0; i < count; ++i) finish(*jobs_[i], heads_[i], row.icv_bytes);
      } else if (count == 1) {  // alone in its lanes it would take half as long again (docs/decisions/0006)
        others(std::span<IcvJob>(jobs_[0], 1));
      }
    }
    // What no kernel takes; neighbours together, for one call.
    const auto has_kernel = [this](const IcvJob& job) { return KernelOf(job) != nullptr; };
    for (auto job = burst.begin(); job != burst.end();) {
      const auto first = std::find_if_not(job, burst.end(), has_kernel);
      job = std::find_if(first, burst.end(), has_kernel);
      if (first != job) others(std::span<IcvJob>(first, job));
    }
  }

  // Fills messages_ and jobs_ with those of one algorithm, in order of blocks, so that the lanes of a batch end
  // together (a counting sort). Returns how many there are.
  size_t Arrange(std::span<IcvJob> burst, MacAlgorithm algorithm) {
    const auto is_ours = [algorithm](const IcvJob& job) {
      return job.key->algorithm() == algorithm && job.length <= kMaxFrameBytes;
    };
    std::array<uint8_t, kMaxBlocks + 2> next{};  // where the next message of so many blocks goes
    static_assert(kMaxBurst <= UINT8_MAX);
    for (const IcvJob& job : burst) {
      if (is_ours(job)) ++next[BlocksOf(job.length) + 1];
    }
    for (size_t blocks = 1; blocks < next.size(); ++blocks) next[blocks] += next[blocks - 1];
    for (IcvJob& job : burst) {
      if (!is_ours(job)) continue;
      const size_t at = next[BlocksOf(job.length)]++;
      Load(at, job);
      jobs_[at] = &job;
    }
    return next.back();
  }

  const absl::string_view name_;
  const KernelTable kernels_;
  const std::unique_ptr<IcvEngine> portable_ = MakeOpensslEngine();
  MacMessages messages_{};
  std::array<IcvJob*, kMaxBurst> jobs_{};
  std::array<MacHead, kMaxVectorMessages> heads_{};
};

}  // namespace

namespace internal {

// __builtin_cpu_supports asks the operating system too: registers it does not save do not count.
std::unique_ptr<IcvEngine> MakeVectorAvx512Engine() {
#ifdef DPVRRP_VECTOR
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
    return std::make_unique<VectorEngine>("vector-avx512", KernelTable{HmacMd5Avx512, nullptr, nullptr});
  }
#endif
  return nullptr;
}

std::unique_ptr<IcvEngine> MakeVectorAvx2Engine() {
#ifdef DPVRRP_VECTOR
  if (__builtin_cpu_supports("avx2")) {
    return std::make_unique<VectorEngine>("vector-avx2", KernelTable{HmacMd5Avx2, nullptr, nullptr});
  }
#endif
  return nullptr;
}

}  // namespace internal
}  // namespace dpvrrp
