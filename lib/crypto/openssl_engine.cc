// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cstring>

#include "crypto/cipher_key.h"
#include "crypto/icv_engine.h"
#include "crypto/openssl_digest.h"

namespace dpvrrp {
namespace {

static_assert(kMaxIcvBytes <= internal::kMaxDigestBytes);

// Computes one message after the other, without state between them.
class OpensslEngine final : public IcvEngine {
 public:
  absl::string_view name() const override { return "openssl"; }

  void Sign(std::span<IcvJob> jobs) override {
    uint8_t mac[internal::kMaxDigestBytes];
    for (IcvJob& job : jobs) {
      if (!Compute(job, mac)) std::memset(mac, 0, sizeof mac);  // a failure: no key gives this MAC but by chance
      std::copy_n(mac, job.key->icv_bytes(), job.icv);
    }
  }

  void Verify(std::span<IcvJob> jobs) override {
    uint8_t mac[internal::kMaxDigestBytes];
    for (IcvJob& job : jobs) {
      job.match = Compute(job, mac) && EqualInConstantTime(mac, job.icv, job.key->icv_bytes());
    }
  }

 private:
  static bool Compute(const IcvJob& job, uint8_t* mac) {
    if (internal::CipherKey* cipher = job.key->cipher()) return cipher->Mac(job.data, job.length, job.icv, mac);
    internal::Hmac(*job.key, job.data, job.length, mac);
    return true;
  }
};

}  // namespace

std::unique_ptr<IcvEngine> MakeOpensslEngine() { return std::make_unique<OpensslEngine>(); }

}  // namespace dpvrrp
