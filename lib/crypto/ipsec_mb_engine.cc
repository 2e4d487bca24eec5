// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>
#include <memory>

#include "base/limits.h"
#include "crypto/equal_icv.h"
#include "crypto/icv_backend.h"

#ifdef DPVRRP_IPSEC_MB
#include <intel-ipsec-mb.h>
#endif

namespace dpvrrp {
#ifdef DPVRRP_IPSEC_MB
namespace {

struct FreeManager {
  void operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }
};
using Manager = std::unique_ptr<IMB_MGR, FreeManager>;

struct alignas(16) Tag {
  uint8_t bytes[16];
};
static_assert(internal::kMaxShortIcvBytes <= sizeof(Tag));

// intel-ipsec-mb: a message a lane, as in the vector engine, but lanes are filled and emptied one job at a time. Its
// form of a key, the two states in host order one word after the other, is MacKey's. HMACs with MD5, SHA-1 and SHA-256;
// the other algorithms are left to the portable engine.
class IpsecMbEngine final : public IcvEngine {
 public:
  explicit IpsecMbEngine(Manager manager) : manager_(std::move(manager)) {}

  absl::string_view name() const override { return "ipsec-mb"; }

  void Sign(std::span<IcvJob> jobs) override {
    Run(
        jobs, [](IcvJob& job, const Tag& tag) { std::copy_n(tag.bytes, job.key->icv_bytes(), job.icv); },
        [this](IcvJob& job) {
          portable_->Sign({&job, 1});
        });
  }

  void Verify(std::span<IcvJob> jobs) override {
    Run(
        jobs,
        [](IcvJob& job, const Tag& tag) { job.match = internal::EqualIcv(tag.bytes, job.icv, job.key->icv_bytes()); },
        [this](IcvJob& job) {
          portable_->Verify({&job, 1});
        });
  }

 private:
  static bool Takes(const IcvJob& job) {
    // A job longer than any frame has a length the library might not take.
    return IsComputedInBulk(job.key->algorithm()) && job.length <= kMaxFrameBytes;
  }

  // `other`: what to do with a job that is not for the library.
  template <typename Finish, typename Other>
  void Run(std::span<IcvJob> jobs, Finish finish, Other other) {
    for (; !jobs.empty(); jobs = jobs.subspan(std::min(jobs.size(), kMaxBurst))) {
      const std::span<IcvJob> burst = jobs.first(std::min(jobs.size(), kMaxBurst));
      for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
        uint32_t count = 0;
        for (IcvJob& job : burst) {
          if (job.key->algorithm() == row.algorithm && Takes(job)) ours_[count++] = &job;
        }
        if (count == 0) continue;
        if (row.algorithm == MacAlgorithm::kHmacMd5_96) {
          SubmitJobs(count);
        } else {
          SubmitHashes(count,
                       row.algorithm == MacAlgorithm::kHmacSha1_96 ? IMB_AUTH_HMAC_SHA_1 : IMB_AUTH_HMAC_SHA_256);
        }
        for (uint32_t i = 0; i < count; ++i) finish(*ours_[i], tags_[i]);
      }
      for (IcvJob& job : burst) {
        if (!Takes(job)) other(job);
      }
    }
  }

  void Fill(uint32_t i, IMB_HASH_ALG hash, IMB_JOB& job) {
    const IcvJob& ours = *ours_[i];
    job.cipher_mode = IMB_CIPHER_NULL;
    job.cipher_direction = IMB_DIR_ENCRYPT;
    job.chain_order = IMB_ORDER_HASH_CIPHER;
    job.hash_alg = hash;
    job.src = ours.data;
    job.hash_start_src_offset_in_bytes = 0;
    job.msg_len_to_hash_in_bytes = ours.length;
    job.auth_tag_output = tags_[i].bytes;
    job.auth_tag_output_len_in_bytes = ours.key->icv_bytes();
    job.u.HMAC._hashed_auth_key_xor_ipad = reinterpret_cast<const uint8_t*>(ours.key->inner());
    job.u.HMAC._hashed_auth_key_xor_opad = reinterpret_cast<const uint8_t*>(ours.key->outer());
  }

  void SubmitHashes(uint32_t count, IMB_HASH_ALG hash) {
    for (uint32_t i = 0; i < count; ++i) Fill(i, hash, hash_jobs_[i]);
    IMB_SUBMIT_HASH_BURST_NOCHECK(manager_.get(), hash_jobs_.data(), count, hash);
  }

  // For MD5, which the call for hashes does not know (1.3).
  void SubmitJobs(uint32_t count) {
    IMB_JOB* jobs[kMaxBurst];
    // The queue holds twice the burst and is empty between bursts; only where it wraps are there fewer.
    for (uint32_t done = 0; done < count;) {
      const uint32_t got = IMB_GET_NEXT_BURST(manager_.get(), count - done, jobs);
      for (uint32_t i = 0; i < got; ++i) Fill(done + i, IMB_AUTH_MD5, *jobs[i]);
      IMB_SUBMIT_BURST_NOCHECK(manager_.get(), got, jobs);
      done += got;
    }
    while (IMB_FLUSH_BURST(manager_.get(), kMaxBurst, jobs) != 0) continue;
  }

  const Manager manager_;
  const std::unique_ptr<IcvEngine> portable_ = MakeOpensslEngine();
  std::array<IcvJob*, kMaxBurst> ours_{};
  std::array<Tag, kMaxBurst> tags_{};
  std::array<IMB_JOB, kMaxBurst> hash_jobs_{};
};

}  // namespace

namespace internal {

std::unique_ptr<IcvEngine> MakeIpsecMbEngine() {
  Manager manager(alloc_mb_mgr(0));
  if (manager == nullptr) return nullptr;
  IMB_ARCH arch = IMB_ARCH_NONE;
  init_mb_mgr_auto(manager.get(), &arch);
  if (arch == IMB_ARCH_NONE || imb_get_errno(manager.get()) != 0) return nullptr;
  return std::make_unique<IpsecMbEngine>(std::move(manager));
}

}  // namespace internal
#else
namespace internal {
std::unique_ptr<IcvEngine> MakeIpsecMbEngine() { return nullptr; }
}  // namespace internal
#endif
}  // namespace dpvrrp
