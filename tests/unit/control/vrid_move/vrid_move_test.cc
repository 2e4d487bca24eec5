// SPDX-License-Identifier: BSD-3-Clause
//
// The step of a move alone, and the moves of all instances without a controller.
#include "control/vrid_move/vrid_move.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/vrid_move/vrid_moves.h"
#include "unit/control/part_desk.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Input = VridMoveInput::Kind;

constexpr MacAddress kMacOf51{{0, 0, 0x5e, 0, 1, 51}};
constexpr Instant kMoveStart = Instant{} + std::chrono::seconds(100);

VridMove Moving() { return Step({}, {.kind = Input::kBegin, .vrid = Vrid(61)}).move; }

TEST(VridMoveStep, ABeginNamesTheNextVrid) {
  const VridMoveStep step = Step({}, {.kind = Input::kBegin, .vrid = Vrid(61)});
  EXPECT_EQ(step.move.next, Vrid(61));
  EXPECT_EQ(step.forget_mac, std::nullopt);
}

TEST(VridMoveStep, AnAbortLeavesNothing) { EXPECT_EQ(Step(Moving(), {.kind = Input::kAbort}).move, VridMove{}); }

TEST(VridMoveStep, WithThePortsMacAFinishEndsTheMove) {
  const VridMoveStep step =
      Step(Moving(), {.kind = Input::kFinish, .vrid = Vrid(51), .is_master = true, .now = kMoveStart});
  EXPECT_EQ(step.move, (VridMove{.left = Vrid(51)}));
  EXPECT_EQ(step.forget_mac, std::nullopt);
}

TEST(VridMoveStep, AMasterKeepsItsOldMacForALimitedTime) {
  const VridMoveStep left =
      Step(Moving(), {.kind = Input::kFinish, .vrid = Vrid(51), .mac = kMacOf51, .is_master = true, .now = kMoveStart});
  EXPECT_EQ(left.move.left_mac, kMacOf51);
  EXPECT_EQ(left.move.forget_left, kMoveStart + kFormerMacStays);
  EXPECT_EQ(left.forget_mac, std::nullopt);
  const VridMoveStep forgotten = Step(left.move, {.kind = Input::kForgetLeft});
  EXPECT_EQ(forgotten.forget_mac, kMacOf51);
  EXPECT_EQ(forgotten.move, (VridMove{.left = Vrid(51)}));
  EXPECT_EQ(Step(forgotten.move, {.kind = Input::kForgetLeft}).forget_mac, std::nullopt) << "once";
}

TEST(VridMoveStep, ABackupForgetsItsOldMacAtOnce) {
  const VridMoveStep step =
      Step(Moving(), {.kind = Input::kFinish, .vrid = Vrid(51), .mac = kMacOf51, .now = kMoveStart});
  EXPECT_EQ(step.forget_mac, kMacOf51);
  EXPECT_EQ(step.move, (VridMove{.left = Vrid(51)}));
}

class VridMovesTest : public testing::Test {
 protected:
  static InstanceConfig WithVirtualMac(const std::string& name, uint8_t vrid) {
    InstanceConfig config = AhInstance(name, vrid);
    config.source_mac = SourceMac::kVirtual;
    return config;
  }
  absl::Status MayBegin(const ManagedInstance& instance, uint8_t vrid) {
    return moves_.MayBegin(instance, Vrid(vrid), false, desk_.Time());
  }

  PartDesk desk_;
  VridMoves moves_{desk_.Context()};
};

TEST_F(VridMovesTest, AMovingInstanceHasTwoPlaces) {
  const ManagedInstance& instance = desk_.Add(AhInstance("gw", 51));
  EXPECT_TRUE(MayBegin(instance, 61).ok());
  moves_.Begin(instance, Vrid(61), desk_.Time());
  EXPECT_TRUE(moves_.IsMoving(instance.id));
  EXPECT_TRUE(desk_.registry.IsTaken("lan/0.0/4/51"));
  EXPECT_TRUE(desk_.registry.IsTaken("lan/0.0/4/61"));
  EXPECT_EQ(moves_.Abort(instance, desk_.Time()), "lan/0.0/4/61");
  EXPECT_FALSE(desk_.registry.IsTaken("lan/0.0/4/61"));
  EXPECT_FALSE(moves_.IsMoving(instance.id));
}

TEST_F(VridMovesTest, APlaceThatIsTakenOrAwaitedIsRefused) {
  const ManagedInstance& instance = desk_.Add(AhInstance("gw", 51));
  desk_.Add(AhInstance("other", 61));
  EXPECT_TRUE(absl::IsAlreadyExists(MayBegin(instance, 61)));
  EXPECT_TRUE(absl::IsAlreadyExists(moves_.MayBegin(instance, Vrid(62), true, desk_.Time())));
  EXPECT_TRUE(absl::IsFailedPrecondition(MayBegin(instance, 51)));
}

TEST_F(VridMovesTest, AFinishedMoveChangesTheVridEverywhere) {
  desk_.registry.config().instances = {AhInstance("gw", 51)};
  ManagedInstance& instance = desk_.Add(AhInstance("gw", 51));
  moves_.Begin(instance, Vrid(61), desk_.Time());
  const VridMoveFinished finished = moves_.Finish(instance, desk_.Time());
  EXPECT_EQ(finished.left, Vrid(51));
  EXPECT_EQ(finished.left_place, "lan/0.0/4/51");
  EXPECT_FALSE(finished.has_new_mac);
  EXPECT_EQ(instance.config.vrid, Vrid(61));
  EXPECT_EQ(desk_.registry.config().instances[0].vrid, Vrid(61));
  EXPECT_FALSE(desk_.registry.IsTaken("lan/0.0/4/51"));
  EXPECT_THAT(desk_.TakeCommands(), ElementsAre(IsCommand<command::AdoptNextVrid>()));
}

TEST_F(VridMovesTest, TheOldVirtualMacOfAMasterIsForgottenInTime) {
  ManagedInstance& instance = desk_.Add(WithVirtualMac("gw", 51), State::kMaster);
  moves_.Begin(instance, Vrid(61), desk_.Time());
  EXPECT_TRUE(moves_.Finish(instance, desk_.Time()).has_new_mac);
  desk_.TakeCommands();
  EXPECT_TRUE(absl::IsFailedPrecondition(MayBegin(instance, 71))) << "its hosts may not have learned the new MAC";
  EXPECT_EQ(moves_.NextDeadline(), desk_.now + kFormerMacStays);
  moves_.OnTime(desk_.Time());
  EXPECT_THAT(moves_.TakeForgotten(), IsEmpty());
  desk_.now = moves_.NextDeadline();
  moves_.OnTime(desk_.Time());
  EXPECT_THAT(desk_.TakeCommands(), ElementsAre(IsCommand<command::ForgetMac>()));
  EXPECT_THAT(moves_.TakeForgotten(), ElementsAre(instance.id));
  EXPECT_EQ(moves_.NextDeadline(), kNever);
  EXPECT_TRUE(MayBegin(instance, 71).ok());
}

TEST_F(VridMovesTest, AnInstanceThatIsBeingRemovedKeepsItsMacUntilItsRouterIsBack) {
  ManagedInstance& instance = desk_.Add(WithVirtualMac("gw", 51), State::kMaster);
  moves_.Begin(instance, Vrid(61), desk_.Time());
  moves_.Finish(instance, desk_.Time());
  desk_.TakeCommands();
  instance.removing = true;
  moves_.ForgetLeft(instance);
  EXPECT_THAT(desk_.TakeCommands(), IsEmpty());
  EXPECT_THAT(moves_.TakeForgotten(), IsEmpty());
}

TEST_F(VridMovesTest, AReloadMayNotGiveAwayThePlaceOfAMove) {
  const ManagedInstance& instance = desk_.Add(AhInstance("gw", 51));
  moves_.Begin(instance, Vrid(61), desk_.Time());
  Config wanted;
  wanted.instances = {AhInstance("gw", 51), AhInstance("new", 61)};
  const auto has_begun = [](const ManagedInstance&) { return true; };
  EXPECT_THAT(std::string(moves_.Check(wanted, has_begun).message()), HasSubstr("gw moves to VRID 61"));
  wanted.instances = {AhInstance("gw", 61)};
  EXPECT_TRUE(moves_.Check(wanted, has_begun).ok());
  EXPECT_THAT(moves_.FinishedBy(wanted), ElementsAre(instance.id));
  const auto has_not_begun = [](const ManagedInstance&) { return false; };
  EXPECT_TRUE(absl::IsFailedPrecondition(moves_.Check(wanted, has_not_begun)));
}

}  // namespace
}  // namespace dpvrrp
