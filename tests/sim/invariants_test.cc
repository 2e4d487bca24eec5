// SPDX-License-Identifier: BSD-3-Clause
//
// Each judge reports its violation, and nothing short of it.
#include "sim/invariants.h"

#include <gmock/gmock.h>

#include "sim/world.h"

namespace dpvrrp::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Optional;
using testing::StartsWith;

constexpr Instant kStart{1000s};
constexpr Nanoseconds kAllowance = 50us;

TEST(RuleTest, HasTheReferenceValues) {  // conformance A3, V2-09
  EXPECT_EQ(RuleSkew(VrrpVersion::kV3, Priority(100), 10ms), 6'093'750ns);
  EXPECT_EQ(RuleDown(VrrpVersion::kV3, Priority(200), 40'950ms), 131'807'812'500ns);
  EXPECT_EQ(RuleDown(VrrpVersion::kV3, Priority(254), 10ms), 30'078'125ns);
  EXPECT_EQ(RuleDown(VrrpVersion::kV2, Priority(100), 10s), 30'609'375us);
}

TEST(OneMasterTest, CondemnsTwoMastersAndNone) {
  OneMaster judge;
  judge.Disturbed(10s);
  EXPECT_THAT(judge.Check(14s, 4s, {"A", "B"}), Optional(HasSubstr("one-master: masters are A, B")));
  EXPECT_THAT(judge.Check(14s, 4s, {}), Optional(HasSubstr("no master")));
}

TEST(OneMasterTest, WaitsUntilTheNetworkHasBeenWholeLongEnough) {
  OneMaster judge;
  judge.Disturbed(10s);
  EXPECT_EQ(judge.Check(13'999ms, 4s, {"A", "B"}), std::nullopt);
  EXPECT_EQ(judge.Check(14s, 4s, {"A"}), std::nullopt);
  judge.Disturbed(13s);
  EXPECT_EQ(judge.Check(14s, 4s, {}), std::nullopt);
}

TEST(TakeoverTest, CondemnsOneTooLate) {
  Takeover judge(kAllowance);
  judge.Armed(kStart, 3609ms);
  EXPECT_EQ(judge.Check(kStart + 3609ms + kAllowance), std::nullopt);
  EXPECT_THAT(judge.Check(kStart + 3609ms + kAllowance + 1ns), Optional(StartsWith("takeover: 0.050 ms after")));
  EXPECT_THAT(judge.BecameMaster(kStart + 4s), Optional(HasSubstr("after")));
}

TEST(TakeoverTest, CondemnsOneTooEarly) {
  Takeover judge(kAllowance);
  judge.Armed(kStart, 3609ms);
  EXPECT_THAT(judge.BecameMaster(kStart + 3608ms), Optional(StartsWith("takeover: 1.000 ms before")));
}

TEST(TakeoverTest, CondemnsOneThatNoTimerWasRunningFor) {
  Takeover judge(kAllowance);
  EXPECT_THAT(judge.BecameMaster(kStart), Optional(HasSubstr("without")));
}

TEST(TakeoverTest, KnowsThatAPriorityZeroLeavesSkewTimeAndOnlyTheFirst) {
  Takeover judge(kAllowance);
  judge.Armed(kStart, 3609ms);
  judge.Resigned(kStart + 1s, 609ms);
  judge.Resigned(kStart + 1500ms, 609ms);
  EXPECT_THAT(judge.Check(kStart + 1700ms), Optional(HasSubstr("after")));
  EXPECT_EQ(judge.BecameMaster(kStart + 1609ms), std::nullopt);
}

TEST(TakeoverTest, KnowsThatARunningTimerTakesTheNewLength) {
  Takeover judge(kAllowance);
  judge.Armed(kStart, 3900ms);
  judge.Lengths(kStart + 1s, 3100ms, 100ms);
  EXPECT_EQ(judge.BecameMaster(kStart + 3100ms), std::nullopt);
}

TEST(TakeoverTest, ExcusesANodeThatCouldNotRun) {
  Takeover judge(kAllowance);
  judge.Armed(kStart, 3s);
  judge.Excuse(kStart + 8s);
  EXPECT_EQ(judge.Check(kStart + 8s), std::nullopt);
  EXPECT_NE(judge.Check(kStart + 8s + 2 * kAllowance), std::nullopt);
}

TEST(VipFollowsMasterTest, CondemnsAVipWithoutMastershipAndMastershipWithoutVip) {
  VipFollowsMaster judge(20ms);
  EXPECT_EQ(judge.Check(kStart, true, false), std::nullopt);
  EXPECT_EQ(judge.Check(kStart + 20ms, true, false), std::nullopt);
  EXPECT_THAT(judge.Check(kStart + 21ms, true, false), Optional(HasSubstr("absent at the master")));
  EXPECT_EQ(judge.Check(kStart + 22ms, true, true), std::nullopt);
  EXPECT_EQ(judge.Check(kStart + 1s, false, true), std::nullopt);
  EXPECT_THAT(judge.Check(kStart + 1s + 21ms, false, true), Optional(HasSubstr("present without mastership")));
}

TEST(SequenceOnceTest, CondemnsANumberSentTwice) {
  SequenceOnce judge;
  EXPECT_EQ(judge.Sent(7), std::nullopt);
  EXPECT_EQ(judge.Sent(9), std::nullopt);
  EXPECT_THAT(judge.Sent(9), Optional(HasSubstr("number 9 sent after 9")));
  EXPECT_THAT(judge.Sent(8), Optional(HasSubstr("number 8 sent after 9")));
}

TEST(SequenceOnceTest, KnowsWhenTheStateFileIsLost) {
  SequenceOnce judge;
  EXPECT_EQ(judge.Sent(7), std::nullopt);
  judge.StateLost();
  EXPECT_EQ(judge.Sent(1), std::nullopt);
}

TEST(AdvertOnTimeTest, CondemnsALateAdvertAndAMissingOne) {
  AdvertOnTime judge(kAllowance);
  judge.BecameMaster(kStart);
  EXPECT_EQ(judge.Sent(kStart, 1s), std::nullopt);
  EXPECT_EQ(judge.Check(kStart + 1s + kAllowance), std::nullopt);
  EXPECT_THAT(judge.Check(kStart + 1100ms), Optional(StartsWith("advert-late: by 100.000 ms")));
  EXPECT_THAT(judge.Sent(kStart + 1100ms, 1s), Optional(StartsWith("advert-late")));
}

TEST(AdvertOnTimeTest, WantsTheFirstAtOnceAndNoneOfABackup) {
  AdvertOnTime judge(kAllowance);
  judge.BecameMaster(kStart);
  EXPECT_NE(judge.Check(kStart + 1ms), std::nullopt);
  judge.NotMaster();
  EXPECT_EQ(judge.Check(kStart + 1h), std::nullopt);
}

TEST(NoStormTest, CondemnsMoreThanTheRhythmAndTheRepliesAllow) {
  NoStorm judge;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(judge.Sent(kStart + i * 1ms, 1s), std::nullopt);
  judge.Allowed(kStart + 3ms);
  EXPECT_EQ(judge.Sent(kStart + 4ms, 1s), std::nullopt);
  EXPECT_THAT(judge.Sent(kStart + 5ms, 1s), Optional(HasSubstr("storm: 5 adverts within a second")));
}

TEST(NoStormTest, AllowsOneAnswerBetweenRegularAdvertsHoweverManyAreAskedFor) {
  NoStorm judge;
  for (int i = 0; i < 1000; ++i) judge.AnswerAllowed(kStart);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(judge.Sent(kStart + i * 1ms, 1s), std::nullopt);
  EXPECT_NE(judge.Sent(kStart + 7ms, 1s), std::nullopt);
}

TEST(BelievedTest, RefusesWhatWasSeenAndWhatLiesBehindTheWindow) {
  Believed ledger;
  for (const uint32_t n : {1u, 100u, 90u}) ledger.Accepted(n);
  for (const uint32_t n : {0u, 1u, 36u, 90u, 100u}) EXPECT_TRUE(ledger.MustRefuse(n)) << n;
  for (const uint32_t n : {37u, 89u, 99u, 101u, 0xffffffffu}) EXPECT_FALSE(ledger.MustRefuse(n)) << n;
  ledger.Restarted();
  EXPECT_TRUE(ledger.MustRefuse(99));
  EXPECT_FALSE(ledger.MustRefuse(101));
}

TEST(WorldTest, ASeedIsTheSameRunEveryTime) {
  const std::unique_ptr<IcvEngine> engine = MakeOpensslEngine();
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const Outcome first = World(seed, *engine, nullptr).Run();
    const Outcome again = World(seed, *engine, nullptr).Run();
    EXPECT_EQ(first.violation, "");
    EXPECT_EQ(first.digest, again.digest) << seed;
    EXPECT_NE(first.digest, World(seed + 100, *engine, nullptr).Run().digest);
    EXPECT_GT(first.counts.adverts, 20u) << seed;
  }
}

}  // namespace
}  // namespace dpvrrp::sim
