// SPDX-License-Identifier: BSD-3-Clause
//
// The part alone: the plan, the instances that wait, and the instances that are retried.
#include "control/apply/apply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/part_desk.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TrackConfig Track(std::string name) {
  TrackConfig track;
  track.name = std::move(name);
  return track;
}

GroupConfig GroupOfBoth() {
  GroupConfig group;
  group.name = "g";
  group.members = {"a", "b"};
  return group;
}

class ApplyTest : public testing::Test {
 protected:
  PartDesk desk_;
  Apply apply_{desk_.Context()};
};

TEST_F(ApplyTest, ThePlanIsTheDifferenceToTheFile) {
  desk_.registry.config() = WithInstances({AhInstance("a", 51), AhInstance("b", 52)});
  desk_.services.next_load.config = WithInstances({AhInstance("b", 52), AhInstance("c", 53)});
  const absl::StatusOr<ReloadPlan> plan = apply_.Plan();
  ASSERT_TRUE(plan.ok());
  EXPECT_THAT(plan->diff.added, ElementsAre("c"));
  EXPECT_THAT(plan->diff.removed, ElementsAre("a"));
  EXPECT_EQ(SummaryOf(*plan, 0), "1 added, 1 removed, 0 changed in place, 0 removed and added");
}

TEST_F(ApplyTest, TheSummaryCountsTracksGroupsAndScriptsThatDiffer) {
  Config& running = desk_.registry.config();
  running = WithInstances({AhInstance("a", 51), AhInstance("b", 52)});
  running.tracks = {Track("old"), Track("t")};
  Config& wanted = desk_.services.next_load.config;
  wanted = running;
  wanted.tracks = {Track("t"), Track("new")};
  wanted.tracks[0].kind = TrackKind::kPort;
  EXPECT_EQ(SummaryOf(*apply_.Plan(), 0),
            "0 added, 0 removed, 0 changed in place, 0 removed and added; tracks: 1 added, 1 removed, 1 changed");
  wanted.tracks = running.tracks;
  wanted.groups = {GroupOfBoth()};
  wanted.scripts.user = "nobody";
  wanted.scripts.fifo = "/run/f";
  EXPECT_EQ(SummaryOf(*apply_.Plan(), 0),
            "0 added, 0 removed, 0 changed in place, 0 removed and added; groups: 1 added, 0 removed, 0 changed; "
            "scripts: 2 changed");
}

TEST_F(ApplyTest, AFileWithErrorsIsNoPlan) {
  desk_.services.next_load.errors.push_back({});
  EXPECT_TRUE(absl::IsInvalidArgument(apply_.Plan().status()));
}

TEST_F(ApplyTest, ASuccessorWaitsForNameAndPlace) {
  const InstanceId id = desk_.Add(AhInstance("gw", 51)).id;
  InstanceConfig successor = AhInstance("gw", 61);
  apply_.Await(successor);
  EXPECT_TRUE(apply_.IsAwaited("lan/0.0/4/61"));
  EXPECT_EQ(apply_.AwaitedIn("lan/0.0/4/61"), "gw");
  EXPECT_EQ(apply_.AwaitedIn("lan/0.0/4/51"), "");
  EXPECT_EQ(apply_.TakeIfFree("gw"), std::nullopt) << "the name is in use";
  desk_.registry.Remove(id);
  desk_.registry.Take("lan/0.0/4/61");
  EXPECT_EQ(apply_.TakeIfFree("gw"), std::nullopt) << "the place is taken";
  desk_.registry.Release("lan/0.0/4/61");
  EXPECT_EQ(apply_.TakeIfFree("gw"), successor);
  EXPECT_EQ(apply_.TakeIfFree("gw"), std::nullopt) << "it no longer waits";
  EXPECT_FALSE(apply_.IsAwaited("lan/0.0/4/61"));
}

TEST_F(ApplyTest, AFailureIsRecordedOnceAndTriedAgain) {
  const InstanceConfig config = AhInstance();
  const absl::Status failure = absl::NotFoundError("no interface eth0");
  EXPECT_EQ(apply_.OnTried(config, failure, desk_.Time()).message(), "instance gw: no interface eth0");
  apply_.OnTried(config, failure, desk_.Time()).IgnoreError();
  EXPECT_THAT(desk_.Recorded("instance"), ElementsAre(HasSubstr("no interface eth0")));
  apply_.OnTime(desk_.Time());
  EXPECT_THAT(apply_.TakeDue(), IsEmpty());
  desk_.now = apply_.NextDeadline();
  apply_.OnTime(desk_.Time());
  EXPECT_THAT(apply_.TakeDue(), ElementsAre(config));
  EXPECT_TRUE(apply_.OnTried(config, absl::OkStatus(), desk_.Time()).ok());
  EXPECT_THAT(desk_.Recorded("instance"), ElementsAre(HasSubstr("no interface eth0"), "started"));
  EXPECT_EQ(apply_.NextDeadline(), kNever);
}

TEST_F(ApplyTest, WhileAnotherInstanceHasThePlaceNothingIsTried) {
  const InstanceConfig config = AhInstance();
  apply_.OnTried(config, absl::NotFoundError("no interface eth0"), desk_.Time()).IgnoreError();
  desk_.registry.Take("lan/0.0/4/51");
  desk_.now = apply_.NextDeadline();
  apply_.OnTime(desk_.Time());
  EXPECT_THAT(apply_.TakeDue(), IsEmpty());
  EXPECT_EQ(apply_.not_started().Find("gw")->why, "another instance uses its VRID");
}

TEST_F(ApplyTest, AfterTheShutdownHasBegunThereIsNoPlan) {
  apply_.Await(AhInstance());
  EXPECT_TRUE(apply_.BeginShutdown());
  EXPECT_FALSE(apply_.BeginShutdown());
  EXPECT_TRUE(apply_.IsShuttingDown());
  EXPECT_FALSE(apply_.IsAwaited("lan/0.0/4/51"));
  EXPECT_TRUE(absl::IsFailedPrecondition(apply_.Plan().status()));
}

}  // namespace
}  // namespace dpvrrp
