// SPDX-License-Identifier: BSD-3-Clause
//
// AH: numbers that begin again, and numbers that run out.
#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

constexpr Nanoseconds kDownInterval = 3609375us;  // of priority 100 at 1 s

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

TEST_F(ReadmissionTest, BeginningAgainIsRefusedUnlessSaidOtherwise) {
  Add(RestartPolicy::kRefuse);
  ASSERT_EQ(Receive(1000), DropReason::kNone);
  t_.RunFor(2 * kDownInterval);
  EXPECT_EQ(Receive(1), DropReason::kStale);
}

TEST_F(ReadmissionTest, WhoWasSilentForLongMayBeginAgain) {
  VirtualRouter& router = Add(RestartPolicy::kReadmit);
  ASSERT_EQ(Receive(1000), DropReason::kNone);
  t_.RunFor(kDownInterval + 1ms);
  EXPECT_EQ(Receive(1), DropReason::kNone);
  EXPECT_EQ(RemarksOf(router, Remark::kReadmitted), 1u);
  EXPECT_EQ(record_.senders[0].highest, 1u);
  EXPECT_EQ(Receive(1), DropReason::kReplayed);
  EXPECT_EQ(Receive(2), DropReason::kNone);
  EXPECT_EQ(RemarksOf(router, Remark::kReadmitted), 1u);
}

TEST_F(ReadmissionTest, TheSameNumberAgainBeginsAgainToo) {
  Add(RestartPolicy::kReadmit);
  ASSERT_EQ(Receive(1), DropReason::kNone);
  t_.RunFor(kDownInterval + 1ms);
  EXPECT_EQ(Receive(1), DropReason::kNone);
}

TEST_F(ReadmissionTest, WhoIsStillHeardMayNot) {
  VirtualRouter& router = Add(RestartPolicy::kReadmit);
  for (uint32_t n = 1000; n < 1010; ++n) {
    ASSERT_EQ(Receive(n), DropReason::kNone);
    t_.RunFor(1s);
    const std::string before = StateOf(router);
    EXPECT_EQ(Receive(1), DropReason::kStale);
    EXPECT_EQ(StateOf(router), before);
  }
}

TEST_F(ReadmissionTest, NobodyWithoutTheKeyMay) {
  VirtualRouter& router = Add(RestartPolicy::kReadmit);
  ASSERT_EQ(Receive(1000), DropReason::kNone);
  t_.RunFor(kDownInterval + 1ms);
  const std::string before = StateOf(router);
  EXPECT_EQ(Receive(1, true), DropReason::kStale);
  EXPECT_EQ(Receive(0), DropReason::kReplayed);
  EXPECT_EQ(StateOf(router), before);
}

// Nobody knows how long it has been silent, so a capture played right after our start finds nobody in.
TEST_F(ReadmissionTest, AfterOurOwnRestartTheSilenceBeginsWithUs) {
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
  t_.RunFor(kDownInterval);
  EXPECT_EQ(Receive(5), DropReason::kNone);
}

// We were deaf then, and the sender may have gone on.
TEST_F(ReadmissionTest, WhileOurPortIsDownNobodyIsSilent) {
  VirtualRouter& router = Add(RestartPolicy::kReadmit);
  ASSERT_EQ(Receive(1000), DropReason::kNone);
  t_.SetPort(ShardCommand::Kind::kPortDown, PortId(0));
  t_.RunFor(100s);
  t_.SetPort(ShardCommand::Kind::kPortUp, PortId(0));
  const std::string before = StateOf(router);
  EXPECT_EQ(Receive(5), DropReason::kStale);
  EXPECT_EQ(Receive(1000), DropReason::kReplayed);
  EXPECT_EQ(StateOf(router), before);
  t_.RunFor(kDownInterval + 1ms);
  EXPECT_EQ(Receive(5), DropReason::kNone);
}

// ---- The end of the numbers ----

TEST_F(ReadmissionTest, ControlIsToldTwiceThatNumbersRunOut) {
  VirtualRouter& router = Add(RestartPolicy::kRefuse);
  record_.sent = 0xff00'0000 - 2;
  t_.Apply(ShardCommand::Kind::kTakeover, router);
  const auto told = [&](Nanoseconds time) {
    t_.RunFor(time);
    std::vector<uint64_t> left;
    for (const ShardEvent& event : t_.Events()) {
      if (event.kind == ShardEvent::Kind::kNumbersLow) left.push_back(event.count);
    }
    return left;
  };
  EXPECT_THAT(told(1500ms), testing::IsEmpty());
  EXPECT_THAT(told(10s), testing::ElementsAre(0xffffffu - 1));
  record_.sent = 0xffff'0000;
  EXPECT_THAT(told(10s), testing::ElementsAre(0xffffu - 1));
  EXPECT_THAT(told(10s), testing::IsEmpty());
}

TEST_F(ReadmissionTest, ARestartTellsAgain) {
  VirtualRouter& router = Add(RestartPolicy::kRefuse);
  record_.sent = 0xffff'f000;
  t_.Apply(ShardCommand::Kind::kTakeover, router);
  t_.RunFor(100ms);
  size_t told = 0;
  for (const ShardEvent& event : t_.Events()) told += event.kind == ShardEvent::Kind::kNumbersLow;
  EXPECT_EQ(told, 1u) << "once for both";
}

}  // namespace
}  // namespace dpvrrp
