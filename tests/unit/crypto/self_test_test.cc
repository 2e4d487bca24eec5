// SPDX-License-Identifier: BSD-3-Clause
//
// SelfTest must find every kind of wrong engine, and MakeIcvEngine must skip it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "crypto/icv_backend.h"
#include "crypto/icv_engine.h"
#include "crypto/published_vectors.h"

namespace dpvrrp {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

enum class Fault {
  kSignsSha1Wrongly,
  kLosesTheLastOfABurst,  // right for one job at a time
  kMixesUpTwoLanes,       // right for the published vectors, which are too few to fill so many
  kNeverMatches,
  kAlwaysMatches,
  kForgetsToAnswer,
  kComparesTooLittle,
};

// A right engine with one fault.
class FaultyEngine final : public IcvEngine {
 public:
  explicit FaultyEngine(Fault fault) : fault_(fault) {}
  absl::string_view name() const override { return "faulty"; }

  void Sign(std::span<IcvJob> jobs) override {
    right_->Sign(jobs);
    if (fault_ == Fault::kLosesTheLastOfABurst && jobs.size() > 1) jobs.back().icv[3] ^= 1;
    if (fault_ == Fault::kMixesUpTwoLanes && jobs.size() > 50) std::swap(jobs[49].icv, jobs[50].icv);
    if (fault_ != Fault::kSignsSha1Wrongly) return;
    for (IcvJob& job : jobs) {
      if (job.key->algorithm() == MacAlgorithm::kHmacSha1_96) job.icv[11] ^= 1;
    }
  }

  void Verify(std::span<IcvJob> jobs) override {
    if (fault_ == Fault::kForgetsToAnswer && ++verified_ % 2 == 0) return;
    for (IcvJob& job : jobs) {
      IcvJob copy = job;
      right_->Sign({&copy, 1});
      const size_t compared = job.key->icv_bytes() - (fault_ == Fault::kComparesTooLittle ? 1u : 0u);
      job.match = EqualInConstantTime(copy.icv, job.icv, compared);
      if (fault_ == Fault::kNeverMatches) job.match = false;
      if (fault_ == Fault::kAlwaysMatches) job.match = true;
    }
  }

 private:
  Fault fault_;
  int verified_ = 0;
  std::unique_ptr<IcvEngine> right_ = MakeOpensslEngine();
};

absl::Status SelfTestOf(Fault fault) {
  FaultyEngine engine(fault);
  const absl::Status status = SelfTest(engine);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  return status;
}

TEST(SelfTestTest, OpensslPasses) {
  const absl::Status status = SelfTest(*MakeOpensslEngine());
  EXPECT_TRUE(status.ok()) << status;
}

TEST(SelfTestTest, NamesTheEngineTheAlgorithmAndTheVector) {
  EXPECT_THAT(SelfTestOf(Fault::kSignsSha1Wrongly).message(),
              AllOf(HasSubstr("faulty"), HasSubstr("hmac-sha1-96"), HasSubstr("RFC 2202 3 case 1")));
}

TEST(SelfTestTest, FindsAFaultThatOnlyABurstShows) {
  EXPECT_THAT(SelfTestOf(Fault::kLosesTheLastOfABurst).message(), HasSubstr("Sign is not as published"));
}

TEST(SelfTestTest, FindsAFaultThatOnlyAFullBurstShows) {
  EXPECT_THAT(SelfTestOf(Fault::kMixesUpTwoLanes).message(), AllOf(HasSubstr("of 51"), HasSubstr("not as OpenSSL's")));
}

TEST(SelfTestTest, FindsAVerifyThatRefusesTheRightOne) {
  EXPECT_THAT(SelfTestOf(Fault::kNeverMatches).message(), HasSubstr("refuses the published MAC"));
}

TEST(SelfTestTest, FindsAVerifyThatAcceptsAWrongOne) {
  for (Fault fault : {Fault::kAlwaysMatches, Fault::kForgetsToAnswer, Fault::kComparesTooLittle}) {
    EXPECT_THAT(SelfTestOf(fault).message(), HasSubstr("accepts a wrong MAC"));
  }
}

TEST(SelfTestTest, ARowWithoutAVectorFails) {
  const auto all = internal::AllPublishedVectors();
  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    std::vector<internal::PublishedVector> others(all.begin(), all.end());
    std::erase_if(others, [&](const auto& vector) { return vector.algorithm == row.algorithm; });
    const absl::Status status = internal::SelfTestWith(*MakeOpensslEngine(), others);
    EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
    EXPECT_THAT(status.message(), AllOf(HasSubstr(std::string(row.name)), HasSubstr("no published vector")));
  }
}

TEST(SelfTestTest, AVectorShorterThanTheIcvFails) {
  const auto all = internal::AllPublishedVectors();
  std::vector<internal::PublishedVector> vectors(all.begin(), all.end());
  vectors.back().mac = vectors.back().mac.substr(0, 8);
  EXPECT_THAT(internal::SelfTestWith(*MakeOpensslEngine(), vectors).message(), HasSubstr("the MAC is short"));
}

TEST(MakeIcvEngineTest, TakesTheFastestThisMachineHas) {
  const absl::StatusOr<std::unique_ptr<IcvEngine>> engine = MakeIcvEngine();
  ASSERT_TRUE(engine.ok()) << engine.status();
  std::unique_ptr<IcvEngine> fastest;
  for (const internal::IcvBackend make : internal::AllIcvBackends()) {
    if (fastest == nullptr) fastest = make();
  }
  EXPECT_EQ((*engine)->name(), fastest->name());
}

TEST(MakeIcvEngineTest, MakesTheOneNamed) {
  for (const internal::IcvBackend make : internal::AllIcvBackends()) {
    const std::unique_ptr<IcvEngine> engine = make();
    if (engine == nullptr) continue;
    const absl::StatusOr<std::unique_ptr<IcvEngine>> named = MakeIcvEngineNamed(engine->name());
    ASSERT_TRUE(named.ok()) << named.status();
    EXPECT_EQ((*named)->name(), engine->name());
  }
}

TEST(MakeIcvEngineTest, RefusesANameItDoesNotHaveAndSaysWhatThereIs) {
  const absl::Status status = MakeIcvEngineNamed("abacus").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(status.message(), AllOf(HasSubstr("'abacus'"), HasSubstr("openssl")));
}

std::unique_ptr<IcvEngine> MakeFaulty() { return std::make_unique<FaultyEngine>(Fault::kSignsSha1Wrongly); }
std::unique_ptr<IcvEngine> MakeNone() { return nullptr; }

TEST(MakeIcvEngineTest, SkipsAbsentAndWrongEngines) {
  constexpr internal::IcvBackend kBackends[] = {MakeNone, MakeFaulty, MakeOpensslEngine};
  const absl::StatusOr<std::unique_ptr<IcvEngine>> engine = internal::MakeFirstThatPasses(kBackends);
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_EQ((*engine)->name(), "openssl");
}

TEST(MakeIcvEngineTest, SaysWhyThereIsNone) {
  constexpr internal::IcvBackend kWrong[] = {MakeNone, MakeFaulty};
  const absl::Status status = internal::MakeFirstThatPasses(kWrong).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(status.message(), HasSubstr("engine faulty, hmac-sha1-96"));
  EXPECT_THAT(internal::MakeFirstThatPasses({}).status().message(), HasSubstr("there is none"));
}

}  // namespace
}  // namespace dpvrrp
