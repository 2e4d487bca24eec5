// SPDX-License-Identifier: BSD-3-Clause
//
// AH: numbers that restart, and numbers that run out.
#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

constexpr Nanoseconds kMasterDown = 3609375us;  // of priority 100 at 1 s

class ReadmissionTest : public testing::Test {
 protected:
  VirtualRouter& Add(RestartPolicy policy) {
    VirtualRouterConfig config = AhConfig(record_);
    config.restart_policy = policy;
    return t_.Add(std::move(config));
  }
  DropReason Receive(uint32_t sequence, bool forged = false) {
    return t_.Receive(AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = sequence, .forged = forged}.Build());
  }

  SequenceRecord record_;
  TestShard t_;
};

TEST_F(ReadmissionTest, ARestartOfTheNumbersIsRefusedByDefault) {
  Add(RestartPolicy::kRefuse);
  ASSERT_EQ(Receive(1000), DropReason::kNone);
  t_.RunFor(2 * kMasterDown);
  EXPECT_EQ(Receive(1), DropReason::kStale);
}

TEST_F(ReadmissionTest, ASenderThatWasSilentForLongIsReadmitted) {
  VirtualRouter& router = Add(RestartPolicy::kReadmit);
  ASSERT_EQ(Receive(1000), DropReason::kNone);
  t_.RunFor(kMasterDown + 1ms);
  EXPECT_EQ(Receive(1), DropReason::kNone);
  EXPECT_EQ(RemarksOf(router, Remark::kReadmitted), 1u);
  EXPECT_EQ(record_.senders[0].highest, 1u);
  EXPECT_EQ(Receive(1), DropReason::kReplayed);
  EXPECT_EQ(Receive(2), DropReason::kNone);
  EXPECT_EQ(RemarksOf(router, Remark::kReadmitted), 1u);
}

TEST_F(ReadmissionTest, TheSameNumberAgainIsReadmittedToo) {
  Add(RestartPolicy::kReadmit);
  ASSERT_EQ(Receive(1), DropReason::kNone);
  t_.RunFor(kMasterDown + 1ms);
  EXPECT_EQ(Receive(1), DropReason::kNone);
}

TEST_F(ReadmissionTest, ASenderThatIsStillHeardIsNotReadmitted) {
  VirtualRouter& router = Add(RestartPolicy::kReadmit);
  for (uint32_t n = 1000; n < 1010; ++n) {
    ASSERT_EQ(Receive(n), DropReason::kNone);
    t_.RunFor(1s);
    const std::string before = StateOf(router);
    EXPECT_EQ(Receive(1), DropReason::kStale);
    EXPECT_EQ(StateOf(router), before);
  }
}

TEST_F(ReadmissionTest, ASenderWithoutTheKeyIsNotReadmitted) {
  VirtualRouter& router = Add(RestartPolicy::kReadmit);
  ASSERT_EQ(Receive(1000), DropReason::kNone);
  t_.RunFor(kMasterDown + 1ms);
  const std::string before = StateOf(router);
  EXPECT_EQ(Receive(1, true), DropReason::kStale);
  EXPECT_EQ(Receive(0), DropReason::kReplayed);
  EXPECT_EQ(StateOf(router), before);
}

// After our start the length of its silence is unknown, so a replayed capture is not readmitted.
TEST_F(ReadmissionTest, AfterOurOwnRestartSilenceIsMeasuredFromTheStart) {
  Add(RestartPolicy::kReadmit);
  ASSERT_EQ(Receive(1000), DropReason::kNone);
  t_.RunFor(100s);
  const Instant now = t_.now;
  t_.Kill();
  t_.now = now;
  t_.shard = std::make_unique<Shard>(*t_.engine, now);
  Add(RestartPolicy::kReadmit);
  t_.RunFor(1s);
  EXPECT_EQ(Receive(5), DropReason::kStale);
  t_.RunFor(kMasterDown);
  EXPECT_EQ(Receive(5), DropReason::kNone);
}

// We received nothing then, and the sender may have continued.
TEST_F(ReadmissionTest, TheTimeOfAPortThatIsDownIsNotSilence) {
  VirtualRouter& router = Add(RestartPolicy::kReadmit);
  ASSERT_EQ(Receive(1000), DropReason::kNone);
  t_.Apply(command::PortDown{PortId(0)});
  t_.RunFor(100s);
  t_.Apply(command::PortUp{PortId(0)});
  const std::string before = StateOf(router);
  EXPECT_EQ(Receive(5), DropReason::kStale);
  EXPECT_EQ(Receive(1000), DropReason::kReplayed);
  EXPECT_EQ(StateOf(router), before);
  t_.RunFor(kMasterDown + 1ms);
  EXPECT_EQ(Receive(5), DropReason::kNone);
}

// ---- Numbers that are nearly used up ----

TEST_F(ReadmissionTest, ControlIsNotifiedTwiceThatNumbersAreNearlyUsedUp) {
  VirtualRouter& router = Add(RestartPolicy::kRefuse);
  record_.sent = 0xff00'0000 - 2;
  t_.Apply(command::Takeover{&router});
  const auto told = [&](Nanoseconds time) {
    t_.RunFor(time);
    std::vector<uint64_t> left;
    for (const event::NumbersLow& event : Only<event::NumbersLow>(t_.Events())) left.push_back(event.left);
    return left;
  };
  EXPECT_THAT(told(1500ms), testing::IsEmpty());
  EXPECT_THAT(told(10s), testing::ElementsAre(0xffffffu - 1));
  record_.sent = 0xffff'0000;
  EXPECT_THAT(told(10s), testing::ElementsAre(0xffffu - 1));
  EXPECT_THAT(told(10s), testing::IsEmpty());
}

TEST_F(ReadmissionTest, ARestartNotifiesControlAgain) {
  VirtualRouter& router = Add(RestartPolicy::kRefuse);
  record_.sent = 0xffff'f000;
  t_.Apply(command::Takeover{&router});
  t_.RunFor(100ms);
  EXPECT_THAT(Only<event::NumbersLow>(t_.Events()), testing::SizeIs(1)) << "once for both";
}

}  // namespace
}  // namespace dpvrrp
