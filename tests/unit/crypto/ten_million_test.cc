// SPDX-License-Identifier: BSD-3-Clause
//
// A separate program, because it takes seconds and the unit tests take milliseconds: `meson test --suite slow`.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "crypto/icv_backend.h"
#include "unit/crypto/icv_agreement.h"

namespace dpvrrp {
namespace {

TEST(EveryBackendTest, AgreesWithOpensslOnTenMillionMessages) {
  const std::unique_ptr<IcvEngine> avx512 = internal::MakeVectorAvx512Engine();
  const std::unique_ptr<IcvEngine> avx2 = internal::MakeVectorAvx2Engine();
  const std::unique_ptr<IcvEngine> ipsec_mb = internal::MakeIpsecMbEngine();
  std::vector<IcvEngine*> engines;
  for (IcvEngine* engine : {avx512.get(), avx2.get(), ipsec_mb.get()}) {
    if (engine != nullptr) engines.push_back(engine);
  }
  if (engines.empty()) GTEST_SKIP() << "this machine has neither AVX-512 nor AVX2 nor intel-ipsec-mb";
  ExpectAgreement(engines, 10'000'000, 8);
}

}  // namespace
}  // namespace dpvrrp
