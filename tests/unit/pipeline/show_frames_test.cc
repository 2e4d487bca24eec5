// SPDX-License-Identifier: BSD-3-Clause
//
// command::ShowFrames, and which frames a selection selects.
#include <gtest/gtest.h>

#include "pipeline/receive/frame_copy.h"
#include "tap_testing.h"
#include "traffic/host_frames.h"

namespace dpvrrp {
namespace {

class ShowFramesTest : public testing::Test {
 protected:
  ShowFramesTest() { t_.shard->SetCopier(&tap_); }
  static bool Shown(const FrameSelection& wanted, Bytes frame, VlanStack stripped = {}) {
    const Frame received{frame.data(), static_cast<uint16_t>(frame.size()), PortId(0), stripped};
    return wanted.Selects(received, {});
  }

  struct SelectingTap final : FrameTap {
    void Select(const FrameSelection& selection) override { wanted = selection; }
    void Saw(const Frame& frame, const Disposition& how, Instant) override { shown += wanted.Selects(frame, how); }
    FrameSelection wanted;
    size_t shown = 0;
  };
  SelectingTap tap_;
  TestShard t_;
};

TEST_F(ShowFramesTest, TheCommandTurnsTheTapOnAndOff) {
  t_.Add(BackupConfig());
  t_.Receive(AdvertFrame{}.Build());
  EXPECT_EQ(tap_.shown, 0u);
  t_.Apply(command::ShowFrames{true, {.vrid = Vrid(51)}});
  t_.Receive(AdvertFrame{}.Build());
  t_.Receive(AdvertFrame{.vrid = 52}.Build());
  EXPECT_EQ(tap_.shown, 1u);
  t_.Apply(command::ShowFrames{true, {.only_refused = true}});
  t_.Receive(AdvertFrame{}.Build());
  t_.Receive(AdvertFrame{.vrid = 52}.Build());
  EXPECT_EQ(tap_.shown, 2u);
  t_.Apply(command::ShowFrames{false, {}});
  t_.Receive(AdvertFrame{.vrid = 52}.Build());
  EXPECT_EQ(tap_.shown, 2u);
}

TEST_F(ShowFramesTest, WithoutACopierTheCommandHasNoEffect) {
  t_.shard->SetCopier(nullptr);
  t_.Apply(command::ShowFrames{true, {}});
  t_.Receive(AdvertFrame{}.Build());
}

TEST_F(ShowFramesTest, EveryConditionMustHold) {
  const Bytes frame = AdvertFrame{.source = Ip("10.99.0.9"), .vrid = 7}.Build();
  EXPECT_TRUE(Shown({}, frame));
  EXPECT_TRUE(Shown({.any_sender = false, .vrid = Vrid(7), .sender = Ip("10.99.0.9")}, frame));
  EXPECT_FALSE(Shown({.any_sender = false, .vrid = Vrid(8), .sender = Ip("10.99.0.9")}, frame));
  EXPECT_FALSE(Shown({.any_sender = false, .vrid = Vrid(7), .sender = Ip("10.99.0.8")}, frame));
  EXPECT_TRUE(Shown({.any_vlan = false, .vlan = {100, 0}}, frame, {100, 0}));
  EXPECT_FALSE(Shown({.any_vlan = false, .vlan = {100, 0}}, frame));
  EXPECT_TRUE(Shown({.any_vlan = false}, frame));
  EXPECT_FALSE(Shown({.any_port = false, .port = PortId(1)}, frame));
  EXPECT_FALSE(Shown({.only_refused = true}, frame));
}

TEST_F(ShowFramesTest, OrdinaryTrafficIsNotSelected) {
  Bytes frame = AdvertFrame{}.Build();
  const Frame received{frame.data(), static_cast<uint16_t>(frame.size()), PortId(0), {}};
  EXPECT_FALSE(FrameSelection{}.Selects(received, {.end = DropReason::kNotVrrp}));
  EXPECT_FALSE(FrameSelection{}.Selects(received, {.to_responder = true}));
}

TEST(FrameCopyTest, ALongFrameIsCut) {
  Bytes frame(FrameCopy::kBytes + 1, 0x5a);
  const FrameCopy copy({frame.data(), static_cast<uint16_t>(frame.size()), PortId(3), {100, 7}},
                       {.end = DropReason::kTruncated, .icv = IcvVerdict::kWrong}, kTestStart);
  EXPECT_EQ(copy.length, FrameCopy::kBytes + 1);
  EXPECT_EQ(copy.frame().length, FrameCopy::kBytes);
  EXPECT_EQ(copy.frame().data[FrameCopy::kBytes - 1], 0x5a);
  EXPECT_EQ(copy.frame().port, PortId(3));
  EXPECT_EQ(copy.frame().stripped, (VlanStack{100, 7}));
  EXPECT_EQ(copy.how().end, DropReason::kTruncated);
  EXPECT_EQ(copy.how().icv, IcvVerdict::kWrong);
}

}  // namespace
}  // namespace dpvrrp
