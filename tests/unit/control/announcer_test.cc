// SPDX-License-Identifier: BSD-3-Clause
#include "control/announcer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::FieldsAre;
using ::testing::IsEmpty;

constexpr InstanceId kId{1};
constexpr Instant kNow{100s};

TEST(AnnouncerTest, ProgrammedAddressesWaitForTheirAcknowledgement) {
  Announcer announcer;
  announcer.OnMaster(kId, {true, false, false, true}, kNow);
  EXPECT_THAT(announcer.Take(), ElementsAre(FieldsAre(kId, 1, 2)));  // advertised only: at once, together
  announcer.OnProgrammed(kId, 3);
  EXPECT_THAT(announcer.Take(), ElementsAre(FieldsAre(kId, 3, 1)));
}

TEST(AnnouncerTest, ARepeatLeavesOutWhatIsStillWaiting) {
  Announcer announcer;
  announcer.OnMaster(kId, {true, true}, kNow);
  announcer.OnProgrammed(kId, 0);
  announcer.Take();
  announcer.OnTime(kNow + 250ms);
  EXPECT_THAT(announcer.Take(), ElementsAre(FieldsAre(kId, 0, 1)));
  announcer.OnTime(kNow + Announcer::kLongestWait);
  EXPECT_THAT(announcer.Take(), ElementsAre(FieldsAre(kId, 1, 1)));
}

TEST(AnnouncerTest, NothingIsDueAfterTheLastRepeat) {
  Announcer announcer;
  announcer.OnMaster(kId, {true}, kNow);
  announcer.OnProgrammed(kId, 0);
  announcer.OnTime(kNow + 10s);
  EXPECT_EQ(announcer.NextDeadline(), kNever);
  announcer.Take();
  announcer.OnProgrammed(kId, 0);  // put back after somebody removed it
  EXPECT_THAT(announcer.Take(), ElementsAre(FieldsAre(kId, 0, 1)));
}

TEST(AnnouncerTest, LostMastershipEndsTheSchedule) {
  Announcer announcer;
  announcer.OnMaster(kId, {true}, kNow);
  announcer.OnNotMaster(kId);
  announcer.OnProgrammed(kId, 0);
  EXPECT_EQ(announcer.NextDeadline(), kNever);
  announcer.OnTime(kNow + 10s);
  EXPECT_THAT(announcer.Take(), IsEmpty());
}

}  // namespace
}  // namespace dpvrrp
