// SPDX-License-Identifier: BSD-3-Clause
//
// An lcore uses only numbers that are reserved on the disk (ah/continuity.h), and an owner continues at the number that
// the group may have reached.
#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ReservationTest : public testing::Test {
 protected:
  VirtualRouter& AddMaster(uint32_t reserved, VirtualRouterConfig config) {
    record_.reserved = reserved;
    VirtualRouter& router = t_.Add(std::move(config));
    t_.Apply(command::Takeover{&router});
    return router;
  }
  VirtualRouter& AddMaster(uint32_t reserved) { return AddMaster(reserved, AhConfig(record_)); }
  void Reserve(VirtualRouter& router, uint64_t up_to) { t_.Apply(command::AllowNumbers{&router, up_to}); }
  // The requested numbers.
  std::vector<uint64_t> Wanted() {
    std::vector<uint64_t> wanted;
    for (const event::NumbersWanted& event : Only<event::NumbersWanted>(t_.Events())) wanted.push_back(event.number);
    return wanted;
  }
  static std::vector<uint32_t> Numbers(const std::vector<Sent>& sent) {
    std::vector<uint32_t> numbers;
    for (const Sent& s : sent) {
      if (const auto advert = SeeAdvert(s.frame)) numbers.push_back(advert->sequence.value_or(0));
    }
    return numbers;
  }
  void Hear(uint32_t sequence, uint8_t priority = 50) {
    ASSERT_EQ(
        t_.Receive(AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = sequence, .priority = priority}.Build()),
        DropReason::kNone);
  }

  SequenceRecord record_;
  TestShard t_;
};

TEST_F(ReservationTest, AnAdvertWaitsForItsNumberAndControlIsAskedOnce) {
  VirtualRouter& router = AddMaster(2);
  EXPECT_THAT(Numbers(t_.RunFor(5500ms)), ElementsAre(1, 2));
  EXPECT_THAT(Wanted(), ElementsAre(3));
  EXPECT_EQ(router.counters.sequence_exhausted.value(), 0u);
  EXPECT_GT(t_.shard->NextDeadline(), t_.now) << "no turn of the loop is spent on waiting";
  Reserve(router, 1000);
  EXPECT_THAT(Numbers(t_.Transmit()), ElementsAre(3)) << "one advert, not those that it missed";
  EXPECT_THAT(Numbers(t_.RunFor(1s)), ElementsAre(4));
  EXPECT_THAT(Wanted(), IsEmpty());
}

TEST_F(ReservationTest, AJumpOfTheGroupIsFollowedAfterTheReservation) {
  VirtualRouter& router = AddMaster(1'000'000);
  EXPECT_THAT(Numbers(t_.RunFor(1500ms)), ElementsAre(1, 2));
  Hear(1'000'000);
  EXPECT_THAT(Numbers(t_.RunFor(1s)), IsEmpty());
  EXPECT_THAT(Wanted(), ElementsAre(1'000'001));
  EXPECT_EQ(record_.sent, 2u);
  Reserve(router, 1'000'000);  // not enough
  EXPECT_THAT(t_.Transmit(), IsEmpty());
  EXPECT_THAT(Wanted(), ElementsAre(1'000'001));
  Reserve(router, 2'000'000);
  EXPECT_THAT(Numbers(t_.Transmit()), ElementsAre(1'000'001));
}

// By this rule the numbers of peers do not affect ours.
TEST_F(ReservationTest, WithTheRfc4302RulePeersDoNotMakeUsWait) {
  VirtualRouterConfig config = AhConfig(record_);
  config.icv_rule = IcvRule::kRfc4302;
  AddMaster(3, std::move(config));
  AdvertFrame other{.key = KeepalivedKey("s3cr3t"), .rule = IcvRule::kRfc4302, .sequence = 9'000'000, .priority = 50};
  ASSERT_EQ(t_.Receive(other.Build()), DropReason::kNone);
  EXPECT_THAT(Numbers(t_.RunFor(3500ms)), ElementsAre(1, 2, 3));
  EXPECT_THAT(Wanted(), ElementsAre(4));
}

// Under AES-GMAC each copy has its own number: a copy that was sent is not sent again.
TEST_F(ReservationTest, TheCopyThatWaitedIsTheNextOne) {
  VirtualRouterConfig config = V3Config();
  config.auth = AuthKind::kAh;
  config.icv_rule = IcvRule::kRfc4302;
  config.spi = 0x1234;
  config.keys = OneKey(*MacKey::Create(MacAlgorithm::kAes128Gmac, Bytes(20, 7)));
  config.record = &record_;
  VirtualRouter& router = AddMaster(1, std::move(config));
  t_.Apply(command::SpeakNextVrid{.router = &router, .vrid = Vrid(61)});
  const std::vector<Sent> first = t_.Transmit();
  ASSERT_THAT(Numbers(first), ElementsAre(1));
  EXPECT_EQ(SeeAdvert(first[0].frame)->vrid, 51);
  EXPECT_THAT(Wanted(), ElementsAre(2));
  Reserve(router, 10);
  const std::vector<Sent> second = t_.Transmit();
  ASSERT_THAT(Numbers(second), ElementsAre(2));
  EXPECT_EQ(SeeAdvert(second[0].frame)->vrid, 61);
}

TEST_F(ReservationTest, AGoodbyeOfARouterThatIsNotRemovedWaits) {
  VirtualRouter& router = AddMaster(1);
  EXPECT_THAT(t_.Transmit(), SizeIs(1));
  t_.Apply(command::Resign{&router});
  EXPECT_THAT(t_.Transmit(), IsEmpty());
  Reserve(router, 10);
  EXPECT_THAT(t_.Transmit(), ElementsAre(IsAhAdvert(Vrid(51), kPriorityRelease, 2)));
}

// Control can no longer answer. ~TestShard checks that the router was returned.
TEST_F(ReservationTest, ARemovedRouterDoesNotWait) {
  VirtualRouter& router = AddMaster(1);
  EXPECT_THAT(t_.Transmit(), SizeIs(1));
  t_.Apply(command::Remove{&router});
  EXPECT_THAT(t_.Transmit(), IsEmpty());
  EXPECT_EQ(record_.sent, 1u);
}

TEST_F(ReservationTest, ARouterRemovedWhileItWaitsIsReturned) {
  VirtualRouter& router = AddMaster(0x7fff'ffff);
  Hear(0x7fff'ffff);
  EXPECT_THAT(t_.Transmit(), IsEmpty());
  t_.Apply(command::Remove{&router});
  EXPECT_THAT(t_.Transmit(), IsEmpty());
}

TEST_F(ReservationTest, AnAdvertThatWaitsIsNotSentAfterMastershipIsLost) {
  VirtualRouter& router = AddMaster(1);
  EXPECT_THAT(Numbers(t_.RunFor(1500ms)), ElementsAre(1));
  Hear(500, 200);
  Reserve(router, 1000);
  EXPECT_THAT(t_.Transmit(), IsEmpty());
}

// ---- An owner that returns ----

class OwnerTest : public ReservationTest {
 protected:
  VirtualRouter& AddOwner(IcvRule rule = IcvRule::kKeepalived) {
    VirtualRouterConfig config = AhConfig(record_);
    config.icv_rule = rule;
    config.machine.priority = kPriorityOwner;
    return t_.Add(std::move(config));
  }
};

TEST_F(OwnerTest, AfterAnHourWithoutLinkItContinuesAboveTheGroup) {
  AddOwner();
  EXPECT_THAT(Numbers(t_.RunFor(2500ms)), ElementsAre(1, 2, 3));
  t_.Apply(command::PortDown{PortId(0)});
  EXPECT_THAT(t_.RunFor(3600s), IsEmpty());
  t_.Apply(command::PortUp{PortId(0)});
  const std::vector<uint32_t> numbers = Numbers(t_.RunFor(500ms));
  ASSERT_THAT(numbers, SizeIs(1));
  EXPECT_GT(numbers[0], 3603u);
  EXPECT_LT(numbers[0], 4000u);
}

TEST_F(OwnerTest, AShortTimeWithoutLinkHasNoEffect) {
  AddOwner();
  EXPECT_THAT(Numbers(t_.RunFor(2500ms)), ElementsAre(1, 2, 3));
  t_.Apply(command::PortDown{PortId(0)});
  t_.RunFor(900ms);
  t_.Apply(command::PortUp{PortId(0)});
  EXPECT_THAT(Numbers(t_.RunFor(500ms)), ElementsAre(4));
}

TEST_F(OwnerTest, WithTheRfc4302RuleItContinuesItsOwnNumbers) {
  AddOwner(IcvRule::kRfc4302);
  EXPECT_THAT(Numbers(t_.RunFor(500ms)), ElementsAre(1));
  t_.Apply(command::PortDown{PortId(0)});
  t_.RunFor(3600s);
  t_.Apply(command::PortUp{PortId(0)});
  EXPECT_THAT(Numbers(t_.RunFor(500ms)), ElementsAre(2));
}

// During a start-up delay no advert is received either (V3-54).
TEST_F(OwnerTest, AfterItsStartUpDelayItContinuesAboveTheGroup) {
  record_.sent = 100;
  VirtualRouterConfig config = AhConfig(record_);
  config.machine.priority = kPriorityOwner;
  config.machine.startup_delay = 60s;
  t_.Add(std::move(config));
  const std::vector<uint32_t> numbers = Numbers(t_.RunFor(60s + 500ms));
  ASSERT_THAT(numbers, SizeIs(1));
  EXPECT_GT(numbers[0], 160u);
}

// Decision 0011: the backup that continued the numbers meanwhile obeys the owner at once.
TEST_F(OwnerTest, ItsStandInAcceptsTheAdvert) {
  SequenceRecord standin_record;
  TestShard standin;
  VirtualRouter& backup = standin.Add([&] {
    VirtualRouterConfig config = AhConfig(standin_record);
    config.machine.source = Ip("10.99.0.3");
    return config;
  }());
  AddOwner();
  for (const Sent& s : t_.RunFor(2500ms)) ASSERT_EQ(standin.Receive(s.frame), DropReason::kNone);
  t_.Apply(command::PortDown{PortId(0)});
  EXPECT_GT(standin.RunFor(600s).size(), 590u);
  ASSERT_EQ(backup.machine.state, State::kMaster);
  t_.RunFor(600s);
  t_.Apply(command::PortUp{PortId(0)});
  const std::vector<Sent> first = t_.Transmit();
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_EQ(standin.Receive(first[0].frame), DropReason::kNone);
  EXPECT_EQ(backup.machine.state, State::kBackup);
}

}  // namespace
}  // namespace dpvrrp
