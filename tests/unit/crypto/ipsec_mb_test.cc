// SPDX-License-Identifier: BSD-3-Clause
//
// intel-ipsec-mb with its code for each instruction set, also those below this processor's. An older processor runs
// that code, and each has its own entry points: version 2.0 called a null one for MD5 without a session.
#include <gtest/gtest.h>

#include <memory>

#include "crypto/icv_backend.h"
#include "unit/crypto/icv_agreement.h"

namespace dpvrrp {
namespace {

struct InstructionSet {
  const char* name;
  internal::IcvBackend make;
};

class IpsecMbTest : public testing::TestWithParam<InstructionSet> {
 protected:
  void SetUp() override {
    engine = GetParam().make();
    if (engine == nullptr) GTEST_SKIP() << "no intel-ipsec-mb, or no " << GetParam().name << " on this processor";
  }
  std::unique_ptr<IcvEngine> engine;
};

INSTANTIATE_TEST_SUITE_P(InstructionSet, IpsecMbTest,
                         testing::Values(InstructionSet{"sse", internal::MakeIpsecMbSseEngine},
                                         InstructionSet{"avx2", internal::MakeIpsecMbAvx2Engine},
                                         InstructionSet{"avx512", internal::MakeIpsecMbAvx512Engine},
                                         InstructionSet{"best", internal::MakeIpsecMbEngine}),
                         [](const auto& set) { return set.param.name; });

TEST_P(IpsecMbTest, PassesTheSelfTest) {
  const absl::Status status = SelfTest(*engine);
  EXPECT_TRUE(status.ok()) << status;
}

// So many that its queue of jobs wraps often.
TEST_P(IpsecMbTest, AgreesWithOpensslOnBurstsOfAllSizes) { ExpectAgreement({engine.get()}, 50'000, 10); }

}  // namespace
}  // namespace dpvrrp
