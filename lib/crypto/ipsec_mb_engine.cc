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

// The library dispatches each job of a job burst by the job's session. Versions after 1.3 require the session, and call
// a null function without it; 1.3 has no sessions. The session depends only on the algorithms. So one session serves
// every job of MD5, and no job pays for the atomic counter that imb_set_session() increments. False: the library
// refuses.
#ifdef DPVRRP_IPSEC_MB_SESSIONS
bool PrepareSession(IMB_MGR* manager, IMB_JOB& prototype) { return imb_set_session(manager, &prototype) != 0; }
void CopySession(const IMB_JOB& prototype, IMB_JOB& job) {
  std::copy(std::begin(prototype.suite_id), std::end(prototype.suite_id), std::begin(job.suite_id));
  job.session_id = prototype.session_id;
}
#else
bool PrepareSession(IMB_MGR*, IMB_JOB&) { return true; }
void CopySession(const IMB_JOB&, IMB_JOB&) {}
#endif

void SetAlgorithms(IMB_HASH_ALG hash, IMB_JOB& job) {
  job.cipher_mode = IMB_CIPHER_NULL;
  job.cipher_direction = IMB_DIR_ENCRYPT;
  job.chain_order = IMB_ORDER_HASH_CIPHER;
  job.hash_alg = hash;
}

// intel-ipsec-mb: one message in each lane, as in the vector engine, but lanes are filled and emptied one job at a
// time. Its form of a key, the two states in host order one word after the other, is the form of MacKey. Computes HMACs
// with MD5, SHA-1 and SHA-256; the portable engine computes the other algorithms.
class IpsecMbEngine final : public IcvEngine {
 public:
  // Null if the library refuses a session for MD5.
  static std::unique_ptr<IcvEngine> Make(Manager manager) {
    IMB_JOB md5{};
    SetAlgorithms(IMB_AUTH_MD5, md5);
    if (!PrepareSession(manager.get(), md5)) return nullptr;
    return std::unique_ptr<IcvEngine>(new IpsecMbEngine(std::move(manager), md5));
  }

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
  IpsecMbEngine(Manager manager, const IMB_JOB& md5) : manager_(std::move(manager)), md5_(md5) {}

  static bool Takes(const IcvJob& job) {
    // A job longer than any frame has a length that the library might refuse.
    return IsComputedInBulk(job.key->algorithm()) && job.length <= kMaxFrameBytes;
  }

  // `other` is called for a job that the library does not compute.
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
    SetAlgorithms(hash, job);
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

  // For MD5: the call for bursts of hashes supports the SHAs only (1.3 and 2.0).
  void SubmitJobs(uint32_t count) {
    IMB_JOB* jobs[kMaxBurst];
    // The queue holds twice the burst and is empty between bursts. Only where it wraps, fewer jobs are contiguous.
    for (uint32_t done = 0; done < count;) {
      const uint32_t got = IMB_GET_NEXT_BURST(manager_.get(), count - done, jobs);
      for (uint32_t i = 0; i < got; ++i) {
        Fill(done + i, IMB_AUTH_MD5, *jobs[i]);
        CopySession(md5_, *jobs[i]);
      }
      IMB_SUBMIT_BURST_NOCHECK(manager_.get(), got, jobs);
      done += got;
    }
    while (IMB_FLUSH_BURST(manager_.get(), kMaxBurst, jobs) != 0) continue;
  }

  const Manager manager_;
  const IMB_JOB md5_;  // has the session
  const std::unique_ptr<IcvEngine> portable_ = MakeOpensslEngine();
  std::array<IcvJob*, kMaxBurst> ours_{};
  std::array<Tag, kMaxBurst> tags_{};
  std::array<IMB_JOB, kMaxBurst> hash_jobs_{};
};

}  // namespace

namespace internal {
namespace {

// `init` makes the library use its code for an instruction set, for which the processor must have `features`.
std::unique_ptr<IcvEngine> MakeWith(uint64_t features, void (*init)(IMB_MGR*)) {
  Manager manager(alloc_mb_mgr(0));
  if (manager == nullptr || (manager->features & features) != features) return nullptr;
  init(manager.get());
  if (imb_get_errno(manager.get()) != 0) return nullptr;
  return IpsecMbEngine::Make(std::move(manager));
}

}  // namespace

std::unique_ptr<IcvEngine> MakeIpsecMbEngine() {
  return MakeWith(IMB_CPUFLAGS_SSE, [](IMB_MGR* manager) { init_mb_mgr_auto(manager, nullptr); });
}
std::unique_ptr<IcvEngine> MakeIpsecMbSseEngine() { return MakeWith(IMB_CPUFLAGS_SSE, init_mb_mgr_sse); }
std::unique_ptr<IcvEngine> MakeIpsecMbAvx2Engine() { return MakeWith(IMB_CPUFLAGS_AVX2, init_mb_mgr_avx2); }
std::unique_ptr<IcvEngine> MakeIpsecMbAvx512Engine() { return MakeWith(IMB_CPUFLAGS_AVX512, init_mb_mgr_avx512); }

}  // namespace internal
#else
namespace internal {
std::unique_ptr<IcvEngine> MakeIpsecMbEngine() { return nullptr; }
std::unique_ptr<IcvEngine> MakeIpsecMbSseEngine() { return nullptr; }
std::unique_ptr<IcvEngine> MakeIpsecMbAvx2Engine() { return nullptr; }
std::unique_ptr<IcvEngine> MakeIpsecMbAvx512Engine() { return nullptr; }
}  // namespace internal
#endif
}  // namespace dpvrrp
