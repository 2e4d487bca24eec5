// SPDX-License-Identifier: BSD-3-Clause
//
// The work of control for the numbers of adverts: the auth_hmac trailer's time, and the end of AH's numbers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ah/continuity.h"
#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uint32_t kUtc = 1'700'000'000;  // at kTestStart

class NumbersTest : public testing::Test {
 protected:
  // How far the wall clock is ahead of the gateway's.
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

TEST_F(NumbersTest, LcoresGetTheTimeOnceAndAfterItWasSet) {
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
  // Recorded under a key of its own, because AH could not continue from such a number.
  EXPECT_TRUE(gateway_.services.records.contains("lan/0.0/4/51/hmac"));
  EXPECT_FALSE(gateway_.services.records.contains("lan/0.0/4/51"));
  const std::string shown = gateway_.Ask("show instance gw").body;
  EXPECT_THAT(shown, HasSubstr("auth-hmac"));
  EXPECT_THAT(shown, HasSubstr("enforce"));
}

TEST_F(NumbersTest, ATrailerInstanceKeepsItsNumbersInAVridMove) {
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

// The remedy that docs/operations.md names.
TEST_F(NumbersTest, AnotherVridBeginsAtOneWhenAhsNumbersRunOut) {
  gateway_.services.records["lan/0.0/4/51"].sent = 0xffff'ff00;
  gateway_.Start(WithInstances({AhInstance()}));
  gateway_.RunFor(5s);
  EXPECT_THAT(gateway_.Logged("sequence"),
              ElementsAre(HasSubstr("AH sequence numbers are nearly used up: 254 are left")));
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

class ReservationTest : public testing::Test {
 protected:
  static constexpr uint32_t kThen = kUtc - 3600;

  InstanceConfig Owner() {
    InstanceConfig config = AhInstance();
    config.priority = kPriorityOwner;
    return config;
  }
  std::vector<uint32_t> RunFor(Nanoseconds time) { return NumbersOf(gateway_.RunFor(time)); }

  Gateway gateway_;
  SequenceRecord& record_ = gateway_.services.records["lan/0.0/4/51"];
};

TEST_F(ReservationTest, NumbersAreOnTheDiskBeforeAnLcoreUsesThem) {
  record_.sent = 41;
  gateway_.controller.Start(WithInstances({AhInstance()}), gateway_.Time());
  ASSERT_TRUE(gateway_.controller.not_started().entries().empty());
  EXPECT_EQ(gateway_.controller.outbox().write_records, 1u);
  EXPECT_EQ(record_.wanted, 41 + kReserveAhead);
  EXPECT_EQ(record_.reserved, 0u);
  gateway_.Turn();
  EXPECT_EQ(record_.reserved, 41 + kReserveAhead);
}

TEST_F(ReservationTest, NumbersAboveTheGroupsAreReserved) {
  gateway_.Start(WithInstances({AhInstance()}));
  gateway_.Receive(AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = 600'000, .priority = 150}.Build());
  for (uint32_t i = 1; i <= 61; ++i) {
    gateway_.Receive(AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = 600'000 + i, .priority = 150}.Build());
    gateway_.RunFor(1s);
  }
  EXPECT_GT(record_.reserved, 600'000 + kReserveAhead) << "before an advert is sent";
  EXPECT_EQ(record_.sent, 0u);
  gateway_.RunFor(5s);
  EXPECT_EQ(gateway_.controller.FindInstance("gw")->state, State::kMaster);
  EXPECT_GT(record_.sent, 600'061u);
}

TEST_F(ReservationTest, AnAdvertThatWaitsForANumberGetsOne) {
  gateway_.Start(WithInstances({AhInstance()}));
  gateway_.RunFor(5s);
  gateway_.Receive(AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = 3'000'000, .priority = 50}.Build());
  EXPECT_THAT(RunFor(1s), ElementsAre(3'000'001));
  EXPECT_EQ(record_.reserved, 3'000'001 + kReserveAhead);
}

TEST_F(ReservationTest, NumbersOfATrailerAreNotReserved) {
  gateway_.Start(WithInstances({TrailerInstance()}));
  EXPECT_EQ(gateway_.services.records["lan/0.0/4/51/hmac"].reserved, 0u);
}

TEST_F(ReservationTest, AfterAnHourAnOwnerContinuesAboveTheGroup) {
  record_ = {.sent = 500, .left_at = kThen};
  gateway_.Start(WithInstances({Owner()}));
  const std::vector<uint32_t> numbers = RunFor(1500ms);
  ASSERT_EQ(numbers.size(), 1u);
  EXPECT_GT(numbers[0], 500 + 3602u);
  EXPECT_LT(numbers[0], 500 + 4000u);
  EXPECT_EQ(record_.left_at, 0u) << "the instance runs";
  EXPECT_THAT(gateway_.Logged("sequence"), ElementsAre(HasSubstr("in 3600 s without us")));
}

TEST_F(ReservationTest, RoutersThatAreNotOwnersListenFirst) {
  for (const bool owner : {false, true}) {
    Gateway gateway;
    SequenceRecord& record = gateway.services.records["lan/0.0/4/51"];
    record = {.sent = 500, .left_at = kThen};
    InstanceConfig config = owner ? Owner() : AhInstance();
    if (owner) config.auth.icv_rule = IcvRule::kRfc4302;
    gateway.Start(WithInstances({config}));
    EXPECT_LE(record.sent, 501u) << owner;
  }
}

TEST_F(ReservationTest, AClockThatWentBackIsReported) {
  record_ = {.sent = 500, .left_at = kUtc + 60};
  gateway_.Start(WithInstances({Owner()}));
  EXPECT_THAT(RunFor(1500ms), ElementsAre(502));
  EXPECT_THAT(gateway_.Logged("sequence"), ElementsAre(HasSubstr("the clock is 60 s behind")));
}

TEST_F(ReservationTest, TheRemovalOfAnInstanceRecordsItsTime) {
  gateway_.Start(WithInstances({Owner()}));
  gateway_.RunFor(10s);
  gateway_.services.next_load = LoadResult{WithInstances({AhInstance("other", 9)}), {}, {}};
  ASSERT_TRUE(gateway_.controller.Reload(gateway_.Time()).ok());
  gateway_.Turn();
  EXPECT_EQ(record_.left_at, kUtc + 10);
  const uint64_t last = record_.sent;
  gateway_.RunFor(600s);
  gateway_.services.next_load = LoadResult{WithInstances({Owner()}), {}, {}};
  ASSERT_TRUE(gateway_.controller.Reload(gateway_.Time()).ok());
  gateway_.Turn();
  EXPECT_GT(record_.sent, last + 600);
}

// Until `vrid finish`, numbers sent under the new VRID are recorded under the old one only. If the daemon is killed
// then and configured for the new VRID, the numbers continue above them.
TEST_F(ReservationTest, AKillDuringAVridMoveRepeatsNoNumber) {
  gateway_.Start(WithInstances({AhInstance()}));
  gateway_.RunFor(5s);
  gateway_.Ask("vrid migrate gw 61");
  gateway_.RunFor(5s);
  EXPECT_GT(gateway_.services.records["lan/0.0/4/61"].sent, record_.sent);
  gateway_.Receive(AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = 5'000'000, .priority = 50}.Build());
  gateway_.RunFor(3s);
  EXPECT_GT(record_.sent, 5'000'000u);
  EXPECT_GT(gateway_.services.records["lan/0.0/4/61"].sent, record_.sent);
}

}  // namespace
}  // namespace dpvrrp
