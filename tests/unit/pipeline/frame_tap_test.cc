// SPDX-License-Identifier: BSD-3-Clause
//
// The tap sees each received frame once, as it was received, with the way in which it ended. rejection_test.cc has
// every drop reason; this file has the other endings.
#include <gtest/gtest.h>

#include "host_testing.h"
#include "tap_testing.h"
#include "traffic/host_frames.h"

namespace dpvrrp {
namespace {

constexpr Nanoseconds kDownInterval = 3609375us;  // of priority 100 at 1 s

class FrameTapTest : public testing::Test {
 protected:
  FrameTapTest() { t_.shard->SetTap(&tap_); }

  // What the tap sees of these frames.
  std::vector<RecordingTap::Shown> Receive(const std::vector<Bytes>& frames) {
    tap_.shown.clear();
    t_.ReceiveBurst(frames);
    return std::move(tap_.shown);
  }
  static Bytes Ah(uint32_t sequence, bool forged = false) {
    return AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = sequence, .forged = forged}.Build();
  }

  SequenceRecord record_;
  RecordingTap tap_;
  TestShard t_;
};

TEST_F(FrameTapTest, AnAcceptedAdvertIsShownBeforeItIsObeyed) {
  VirtualRouter& router = t_.Add(BackupConfig());
  t_.Apply(command::Takeover{&router});
  const Bytes advert = AdvertFrame{.priority = 200}.Build();
  const auto shown = Receive({advert});
  ASSERT_EQ(shown.size(), 1u);
  EXPECT_EQ(shown[0].how.end, DropReason::kNone);
  EXPECT_EQ(shown[0].how.icv, IcvVerdict::kNotLooked);
  EXPECT_EQ(shown[0].how.router, &router);
  EXPECT_EQ(shown[0].frame, advert);
  EXPECT_EQ(shown[0].state, State::kMaster);
  EXPECT_EQ(router.machine.state, State::kBackup);
}

TEST_F(FrameTapTest, ARemarkIsShown) {
  t_.Add(BackupConfig());
  const auto shown = Receive({AdvertFrame{.priority = 100}.Build()});
  ASSERT_EQ(shown.size(), 1u);
  EXPECT_TRUE(shown[0].how.remarks.Has(Remark::kEqualPriority));
}

TEST_F(FrameTapTest, TheIcvIsShownWithItsVerdict) {
  t_.Add(AhConfig(record_));
  const std::vector<Bytes> sent = {Ah(7), Ah(8, true)};
  const auto shown = Receive(sent);
  ASSERT_EQ(shown.size(), 2u);
  EXPECT_EQ(shown[0].how.icv, IcvVerdict::kRight);
  EXPECT_EQ(shown[1].how.icv, IcvVerdict::kWrong);
  EXPECT_EQ(shown[1].how.end, DropReason::kBadIcv);
  for (size_t i = 0; i < sent.size(); ++i) {
    EXPECT_EQ(ToHex(std::span(shown[i].frame).subspan(34)), ToHex(std::span(sent[i]).subspan(34))) << "AH and VRRP";
  }
}

TEST_F(FrameTapTest, AReadmittedSender) {
  VirtualRouterConfig config = AhConfig(record_);
  config.restart_policy = RestartPolicy::kReadmit;
  t_.Add(std::move(config));
  EXPECT_FALSE(Receive({Ah(1000)})[0].how.readmitted);
  t_.RunFor(kDownInterval + 1ms);
  const auto shown = Receive({Ah(1), Ah(1)});
  ASSERT_EQ(shown.size(), 2u);
  EXPECT_TRUE(shown[0].how.readmitted);
  EXPECT_EQ(shown[0].how.end, DropReason::kNone);
  EXPECT_FALSE(shown[1].how.readmitted);
  EXPECT_EQ(shown[1].how.end, DropReason::kStale) << "as it was before the first was readmitted";
}

TEST_F(FrameTapTest, ABlockedSender) {
  VirtualRouter& router = t_.Add(BackupConfig());
  t_.Apply(command::Block{.place = 0, .sender = {.address = Ip("10.99.0.1")}});
  const auto shown = Receive({AdvertFrame{}.Build(), AdvertFrame{.vrid = 99}.Build()});
  ASSERT_EQ(shown.size(), 2u);
  EXPECT_EQ(shown[0].how.end, DropReason::kBlocked);
  EXPECT_EQ(shown[0].how.router, &router);
  EXPECT_EQ(shown[1].how.end, DropReason::kBlocked);
  EXPECT_EQ(shown[1].how.router, nullptr);
}

TEST_F(FrameTapTest, AHostsFrameThatTheResponderAnswers) {
  t_.Apply(command::Takeover{&t_.Add(ResponderConfig())});
  t_.Transmit();
  const Bytes request = ArpRequest({kHostMac, Ip("10.99.0.10")}, Ip("10.99.0.100"));
  const auto shown = Receive({request, AdvertFrame{.vrid = 99}.Build()});
  ASSERT_EQ(shown.size(), 2u);
  EXPECT_EQ(shown[0].how.end, DropReason::kNotVrrp);
  EXPECT_TRUE(shown[0].how.to_responder);
  EXPECT_EQ(shown[0].frame, request);
  EXPECT_FALSE(shown[1].how.to_responder);
  EXPECT_EQ(t_.Transmit().size(), 1u);
}

TEST_F(FrameTapTest, AFullBurstIsShownFrameByFrame) {
  t_.Add(AhConfig(record_));
  std::vector<Bytes> burst;
  for (uint32_t i = 0; burst.size() < kMaxBurst; ++i) {
    burst.push_back(Ah(1 + i));
    burst.push_back(Ah(1 + i, true));
    burst.push_back(AdvertFrame{.vrid = 99}.Build());
    burst.push_back(AdvertFrame{}.Build());  // without AH
  }
  burst.resize(kMaxBurst);
  EXPECT_EQ(Receive(burst).size(), kMaxBurst);
  const ShardCounters& counters = t_.shard->counters();
  uint64_t ended = counters.adverts_accepted.value();
  for (const Counter& drops : counters.drops) ended += drops.value();
  EXPECT_EQ(ended, kMaxBurst);
}

TEST_F(FrameTapTest, TakenOffItSeesNothing) {
  t_.Add(BackupConfig());
  t_.shard->SetTap(nullptr);
  EXPECT_TRUE(Receive({AdvertFrame{}.Build()}).empty());
}

}  // namespace
}  // namespace dpvrrp
