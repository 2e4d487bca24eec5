// SPDX-License-Identifier: BSD-3-Clause
//
// What control has to do with the numbers of adverts: the auth_hmac trailer's time, and the end of AH's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uint32_t kUtc = 1'700'000'000;  // at kTestStart

class NumbersTest : public testing::Test {
 protected:
  // The wall clock is ahead of the gateway's by so much.
  void Tell(std::chrono::milliseconds ahead = 0ms) {
    ControlTime t = gateway_.Time();
    t.unix_ms += ahead.count();
    gateway_.controller.OnClock(t);
  }
  size_t Commands() { return gateway_.controller.outbox().shard.size(); }

  Gateway gateway_;
};

InstanceConfig TrailerInstance() {
  InstanceConfig config = AhInstance();
  config.version = VrrpVersion::kV3;
  config.auth.kind = AuthKind::kAuthHmac;
  config.auth.algorithm = MacAlgorithm::kHmacSha256_128;
  config.auth.icv_rule = IcvRule::kRfc4302;
  config.auth.keyring = OwnKey(SecretBytes(TrailerKey()));
  return config;
}

TEST_F(NumbersTest, LcoresAreToldTheTimeOnceAndWhenItHasMoved) {
  Tell();
  EXPECT_EQ(Commands(), 1u);
  Tell(9ms);
  EXPECT_EQ(Commands(), 1u) << "the jitter of two clocks";
  Tell(10ms);
  EXPECT_EQ(Commands(), 2u);
  EXPECT_THAT(gateway_.Logged("clock"), IsEmpty());
  Tell(-3600s);
  EXPECT_EQ(Commands(), 3u);
  EXPECT_THAT(gateway_.Logged("clock"), ElementsAre("the wall clock was set back by 3600 s"));
}

TEST_F(NumbersTest, AdvertsWithATrailerCarryTheTime) {
  Tell();
  gateway_.Start(WithInstances({TrailerInstance()}));
  const std::vector<Sent> sent = gateway_.RunFor(5s);
  ASSERT_FALSE(sent.empty());
  const std::optional<SeenAdvert> advert = SeeAdvert(sent[0].frame);
  ASSERT_TRUE(advert.has_value() && advert->trailer.has_value());
  EXPECT_EQ(advert->trailer->seconds(), kUtc + 3);
  EXPECT_EQ(ReferenceTrailerHmac(advert->source, advert->trailer->message, TrailerKey()), advert->trailer->hmac);
  // Under a key of its own: AH could not go on from such a number.
  EXPECT_TRUE(gateway_.services.records.contains("lan/0.0/4/51/hmac"));
  EXPECT_FALSE(gateway_.services.records.contains("lan/0.0/4/51"));
  const std::string shown = gateway_.Ask("show instance gw").body;
  EXPECT_THAT(shown, HasSubstr("auth-hmac"));
  EXPECT_THAT(shown, HasSubstr("enforce"));
}

TEST_F(NumbersTest, ATrailerInstanceTakesItsNumbersToAnotherVrid) {
  Tell();
  gateway_.Start(WithInstances({TrailerInstance()}));
  gateway_.RunFor(5s);
  gateway_.Ask("vrid migrate gw 61");
  const std::vector<Sent> sent = gateway_.RunFor(1s);
  for (const Sent& s : sent) {
    const std::optional<SeenAdvert> advert = SeeAdvert(s.frame);
    if (!advert.has_value()) continue;
    ASSERT_TRUE(advert->trailer.has_value());
    EXPECT_EQ(ReferenceTrailerHmac(advert->source, advert->trailer->message, TrailerKey()), advert->trailer->hmac);
  }
  gateway_.Ask("vrid finish gw");
  EXPECT_TRUE(gateway_.services.records.contains("lan/0.0/4/61/hmac"));
}

// The way out that docs/operations.md names.
TEST_F(NumbersTest, AnotherVridBeginsAtOneWhenAhsNumbersRunOut) {
  gateway_.services.records["lan/0.0/4/51"].sent = 0xffff'ff00;
  gateway_.Start(WithInstances({AhInstance()}));
  gateway_.RunFor(5s);
  EXPECT_THAT(gateway_.Logged("sequence"), ElementsAre(HasSubstr("AH sequence numbers run out: 254 are left")));
  gateway_.services.next_load = LoadResult{WithInstances({AhInstance("gw", 61)}), {}, {}};
  ASSERT_TRUE(gateway_.controller.Reload(gateway_.Time()).ok());
  gateway_.Turn();
  const std::vector<Sent> sent = gateway_.RunFor(5s);
  std::vector<uint32_t> numbers;
  for (const Sent& s : sent) {
    const std::optional<SeenAdvert> advert = SeeAdvert(s.frame);
    if (advert.has_value() && advert->vrid == 61) numbers.push_back(advert->sequence.value_or(0));
  }
  EXPECT_THAT(numbers, ElementsAre(1, 2));
}

}  // namespace
}  // namespace dpvrrp
