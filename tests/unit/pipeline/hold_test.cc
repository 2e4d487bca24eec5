// SPDX-License-Identifier: BSD-3-Clause
//
// Holds of control: Fault while there is one, and the way back; the priority by command.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

class HoldTest : public ::testing::Test {
 protected:
  VirtualRouter& AddMaster() {
    VirtualRouter& router = t_.Add(BackupConfig());
    t_.RunFor(4s);
    EXPECT_EQ(router.machine.state, State::kMaster);
    t_.Events();
    return router;
  }

  TestShard t_;
};

TEST_F(HoldTest, TheLastHoldToEndStartsTheRouter) {
  VirtualRouter& router = AddMaster();
  t_.Apply(command::HoldDown{&router, Hold::kTrack});
  EXPECT_THAT(t_.Transmit(), testing::ElementsAre(IsAdvert(Vrid(51), kPriorityRelease)));
  t_.Apply(command::HoldDown{&router, Hold::kGroup});
  t_.Apply(command::EndHold{&router, Hold::kTrack});
  EXPECT_EQ(router.machine.state, State::kFault);
  EXPECT_EQ(t_.Receive(AdvertFrame{}.Build()), DropReason::kInstanceInactive);
  t_.Apply(command::EndHold{&router, Hold::kGroup});
  EXPECT_EQ(router.machine.state, State::kBackup);
  EXPECT_EQ(t_.Receive(AdvertFrame{}.Build()), DropReason::kNone);
  const auto transitions = Only<event::Transition>(t_.Events());
  ASSERT_EQ(transitions.size(), 1u) << "several between two reports are one";
}

TEST_F(HoldTest, AnUnknownTrackKeepsItInInitialize) {
  auto owned = std::make_unique<VirtualRouter>(BackupConfig());
  VirtualRouter& waiting = *owned;
  waiting.holds.Add(Hold::kUnknown);
  t_.routers.push_back(std::move(owned));
  t_.Apply(command::Add{&waiting});
  t_.RunFor(10s);
  EXPECT_EQ(waiting.machine.state, State::kInitialize);
  t_.Apply(command::HoldDown{&waiting, Hold::kTrack});
  EXPECT_EQ(waiting.machine.state, State::kFault);
  t_.Apply(command::EndHold{&waiting, Hold::kUnknown});
  EXPECT_EQ(waiting.machine.state, State::kFault);
  t_.Apply(command::EndHold{&waiting, Hold::kTrack});
  EXPECT_EQ(waiting.machine.state, State::kBackup);
}

TEST_F(HoldTest, TheFirstObservationStartsIt) {
  auto owned = std::make_unique<VirtualRouter>(BackupConfig());
  VirtualRouter& waiting = *owned;
  waiting.holds.Add(Hold::kUnknown);
  t_.routers.push_back(std::move(owned));
  t_.Apply(command::Add{&waiting});
  t_.Apply(command::EndHold{&waiting, Hold::kUnknown});
  EXPECT_EQ(waiting.machine.state, State::kBackup);
}

TEST_F(HoldTest, AHeldRouterFollowsItsPort) {
  VirtualRouter& router = AddMaster();
  t_.Apply(command::HoldDown{&router, Hold::kTrack});
  t_.Apply(command::PortDown{PortId(0)});
  EXPECT_EQ(router.machine.state, State::kInitialize);
  EXPECT_EQ(router.machine.reason, Reason::kPortDown);
  t_.Apply(command::PortUp{PortId(0)});
  EXPECT_EQ(router.machine.state, State::kFault);
  EXPECT_EQ(router.machine.reason, Reason::kTrackFault);
}

TEST_F(HoldTest, ANewPriorityIsInTheNextAdvertAtItsRegularTime) {
  VirtualRouter& router = AddMaster();
  const Instant due = router.machine.deadline;
  t_.Apply(command::SetPriority{&router, Priority(70)});
  EXPECT_TRUE(t_.Transmit().empty());
  const std::vector<Sent> sent = t_.RunUntil(due + 10ms);
  EXPECT_THAT(sent, testing::ElementsAre(IsAdvert(Vrid(51), Priority(70))));
}

TEST_F(HoldTest, ABackupWaitsAsLongAsItsNewPrioritySays) {
  VirtualRouter& router = t_.Add(BackupConfig());
  t_.Apply(command::SetPriority{&router, Priority(200)});
  EXPECT_EQ(router.machine.deadline, t_.now + 3218750us);
}

}  // namespace
}  // namespace dpvrrp
