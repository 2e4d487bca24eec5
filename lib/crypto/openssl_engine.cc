// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "crypto/icv_engine.h"
#include "crypto/openssl_digest.h"

namespace dpvrrp {
namespace {

// One message after the other; no state between them.
class OpensslEngine final : public IcvEngine {
 public:
  absl::string_view name() const override { return "openssl"; }

  void Sign(std::span<IcvJob> jobs) override {
    uint8_t mac[internal::kMaxDigestBytes];
    for (IcvJob& job : jobs) {
      internal::Hmac(*job.key, job.data, job.length, mac);
      std::copy_n(mac, job.key->icv_bytes(), job.icv);
    }
  }

  void Verify(std::span<IcvJob> jobs) override {
    uint8_t mac[internal::kMaxDigestBytes];
    for (IcvJob& job : jobs) {
      internal::Hmac(*job.key, job.data, job.length, mac);
      job.match = EqualInConstantTime(mac, job.icv, job.key->icv_bytes());
    }
  }
};

}  // namespace

std::unique_ptr<IcvEngine> MakeOpensslEngine() { return std::make_unique<OpensslEngine>(); }

}  // namespace dpvrrp
