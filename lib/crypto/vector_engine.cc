// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/limits.h"
#include "crypto/equal_icv.h"
#include "crypto/icv_backend.h"
#include "crypto/vector_kernel.h"

namespace dpvrrp {
namespace {

using internal::kMaxVectorMessages;
using internal::MacHead;
using internal::MacKernel;
using internal::MacMessages;

static_assert(kMaxBurst <= kMaxVectorMessages);
static_assert(internal::kMaxShortIcvBytes <= sizeof(MacHead));

constexpr size_t kMaxBlocks = (kMaxFrameBytes + 9 + 63) / 64;
size_t BlocksOf(uint32_t length) { return (length + 9 + 63) / 64; }

// How an algorithm is computed. Below `least` messages the portable engine is faster, one message after the other: a
// batch takes the same time when most lanes are empty (docs/decisions/0007). Without a kernel: intel-ipsec-mb, if it is
// available and faster.
struct Method {
  MacKernel kernel;
  uint32_t least;
};
using Methods = std::array<Method, kMacAlgorithmCount>;  // in the order of the algorithm table
[[maybe_unused]] Methods MethodsOf(MacKernel md5, MacKernel sha1, MacKernel sha256) {
  Methods methods{};
  methods[static_cast<size_t>(MacAlgorithm::kHmacMd5_96)] = {md5, 2};
  methods[static_cast<size_t>(MacAlgorithm::kHmacSha1_96)] = {sha1, 4};
  methods[static_cast<size_t>(MacAlgorithm::kHmacSha256_128)] = {sha256, 8};
  return methods;
}

// Computes each algorithm by its kernel. Other engines take batches of too few messages, and messages longer than a
// frame.
class VectorEngine final : public IcvEngine {
 public:
  VectorEngine(absl::string_view name, const Methods& methods) : name_(name), methods_(methods) {
    // The portable engine computes the other algorithms without a kernel, also if intel-ipsec-mb is available.
    if (MethodOf(MacAlgorithm::kHmacSha256_128).kernel == nullptr) ipsec_mb_ = internal::MakeIpsecMbEngine();
    if (ipsec_mb_ != nullptr) bulk_ = ipsec_mb_.get();
  }

  absl::string_view name() const override { return name_; }

  void Sign(std::span<IcvJob> jobs) override {
    Run(
        jobs, [](IcvJob& job, const MacHead& head, size_t bytes) { std::memcpy(job.icv, head.bytes, bytes); },
        [](IcvEngine& other, std::span<IcvJob> others) { other.Sign(others); });
  }

  void Verify(std::span<IcvJob> jobs) override {
    Run(
        jobs,
        [](IcvJob& job, const MacHead& head, size_t bytes) {
          job.match = internal::EqualIcv(head.bytes, job.icv, bytes);
        },
        [](IcvEngine& other, std::span<IcvJob> others) { other.Verify(others); });
  }

 private:
  // `finish` takes a job and its MAC; `by` takes another engine and its jobs.
  template <typename Finish, typename By>
  void Run(std::span<IcvJob> jobs, Finish finish, By by) {
    for (; !jobs.empty(); jobs = jobs.subspan(std::min(jobs.size(), kMaxBurst))) {
      const std::span<IcvJob> burst = jobs.first(std::min(jobs.size(), kMaxBurst));
      if (!LoadUniform(burst)) {
        RunMixed(burst, finish, by);
        continue;
      }
      const MacKey& key = *burst[0].key;
      const Method& method = MethodOf(key.algorithm());
      if (burst.size() < method.least || burst[0].length > kMaxFrameBytes) {
        by(*portable_, burst);
      } else if (method.kernel == nullptr) {
        by(*bulk_, burst);
      } else {
        method.kernel(messages_, static_cast<uint32_t>(burst.size()), heads_.data());
        for (size_t i = 0; i < burst.size(); ++i) finish(burst[i], heads_[i], key.icv_bytes());
      }
    }
  }

  const Method& MethodOf(MacAlgorithm algorithm) const { return methods_[static_cast<size_t>(algorithm)]; }

  void Load(size_t at, const IcvJob& job) {
    messages_.states[at] = job.key->states();
    messages_.data[at] = job.data;
    messages_.lengths[at] = job.length;
  }

  // Whether all jobs have one algorithm and one length, as in any flood. If so, they are in messages_.
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

  template <typename Finish, typename By>
  void RunMixed(std::span<IcvJob> burst, Finish finish, By by) {
    for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
      const Method& method = MethodOf(row.algorithm);
      if (method.kernel == nullptr) continue;
      const size_t count = Arrange(burst, row.algorithm);
      if (count < method.least) {
        for (size_t i = 0; i < count; ++i) by(*portable_, std::span<IcvJob>(jobs_[i], 1));
        continue;
      }
      method.kernel(messages_, static_cast<uint32_t>(count), heads_.data());
      for (size_t i = 0; i < count; ++i) finish(*jobs_[i], heads_[i], row.icv_bytes);
    }
    // Jobs that no kernel takes. Adjacent jobs are passed in one call.
    const auto has_kernel = [this](const IcvJob& job) {
      return job.length <= kMaxFrameBytes && MethodOf(job.key->algorithm()).kernel != nullptr;
    };
    for (auto job = burst.begin(); job != burst.end();) {
      const auto first = std::find_if_not(job, burst.end(), has_kernel);
      job = std::find_if(first, burst.end(), has_kernel);
      if (first != job) by(*bulk_, std::span<IcvJob>(first, job));
    }
  }

  // Fills messages_ and jobs_ with the jobs of one algorithm, in order of blocks, so that the lanes of a batch end
  // together (a counting sort). Returns the number of jobs.
  size_t Arrange(std::span<IcvJob> burst, MacAlgorithm algorithm) {
    const auto is_ours = [algorithm](const IcvJob& job) {
      return job.key->algorithm() == algorithm && job.length <= kMaxFrameBytes;
    };
    std::array<uint8_t, kMaxBlocks + 2> next{};  // place of the next message with this many blocks
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
  const Methods methods_;
  const std::unique_ptr<IcvEngine> portable_ = MakeOpensslEngine();
  std::unique_ptr<IcvEngine> ipsec_mb_;
  IcvEngine* bulk_ = portable_.get();  // for many messages without a kernel
  MacMessages messages_{};
  std::array<IcvJob*, kMaxBurst> jobs_{};
  std::array<MacHead, kMaxVectorMessages> heads_{};
};

}  // namespace

namespace internal {

// __builtin_cpu_supports also asks the operating system: registers that it does not save do not count.
std::unique_ptr<IcvEngine> MakeVectorAvx512Engine() {
#ifdef DPVRRP_VECTOR
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
    return std::make_unique<VectorEngine>("vector-avx512", MethodsOf(HmacMd5Avx512, HmacSha1Avx512, HmacSha256Avx512));
  }
#endif
  return nullptr;
}

std::unique_ptr<IcvEngine> MakeVectorAvx2Engine() {
#ifdef DPVRRP_VECTOR
  if (__builtin_cpu_supports("avx2")) {
    return std::make_unique<VectorEngine>("vector-avx2", MethodsOf(HmacMd5Avx2, HmacSha1Avx2, nullptr));
  }
#endif
  return nullptr;
}

}  // namespace internal
}  // namespace dpvrrp
