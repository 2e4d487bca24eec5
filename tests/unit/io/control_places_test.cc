// SPDX-License-Identifier: BSD-3-Clause
#include "io/control_places.h"

#include <gtest/gtest.h>

#include <vector>

namespace dpvrrp {
namespace {

constexpr Instant kNow{std::chrono::hours(1)};
constexpr Nanoseconds kLong = kControlIdleTime;
constexpr uid_t kAlice = 1000, kBob = 1001, kCarol = 1002, kDave = 1003;

class ControlPlacesTest : public testing::Test {
 protected:
  enum What { kIdle, kFollows };

  // `count` clients of a user, idle for so long.
  void Connect(size_t count, uid_t user, What what = kIdle, Nanoseconds idle = Nanoseconds(0)) {
    for (size_t i = 0; i < count; ++i) {
      connected_.push_back({ClientId(connected_.size() + 1), user, what == kIdle, kNow - idle});
    }
  }
  ControlAdmission Admit(uid_t user) { return AdmitControlClient(user, connected_, kNow); }
  // The client that makes room; 0: there is a place anyway; -1: refused.
  int64_t MakesRoom(uid_t user) {
    const ControlAdmission admission = Admit(user);
    if (!admission.admitted) return -1;
    return admission.makes_room.has_value() ? static_cast<int64_t>(admission.makes_room->value()) : 0;
  }

  std::vector<ControlPlace> connected_;
};

TEST_F(ControlPlacesTest, WhileThereIsAPlaceNoClientIsClosed) {
  Connect(20, kAlice, kIdle, kLong);
  Connect(40, 0, kIdle, kLong);
  EXPECT_EQ(MakesRoom(0), 0);
  EXPECT_EQ(MakesRoom(kAlice), 0);
}

TEST_F(ControlPlacesTest, TheLongestIdleMakesRoom) {
  Connect(30, 0, kIdle, kLong);
  Connect(1, 0, kIdle, 2 * kLong);
  Connect(1, 0, kFollows, 9 * kLong);
  Connect(32, 0, kIdle, kLong);
  EXPECT_EQ(MakesRoom(0), 31);
  EXPECT_EQ(MakesRoom(kAlice), 31);
}

TEST_F(ControlPlacesTest, AClientThatWasActiveAMomentAgoMakesNoRoomForAUser) {
  Connect(64, 0, kIdle, kLong - std::chrono::seconds(1));
  EXPECT_EQ(MakesRoom(kAlice), -1);
  EXPECT_EQ(Admit(kAlice).limit, "at most 64");
}

TEST_F(ControlPlacesTest, FollowersAreNotIdle) {
  Connect(64, 0, kFollows, 9 * kLong);
  EXPECT_EQ(MakesRoom(0), -1);
  EXPECT_EQ(MakesRoom(kAlice), -1);
}

TEST_F(ControlPlacesTest, OneUserGetsNoMoreThanAShareAndMakesRoomForItself) {
  Connect(23, kAlice, kFollows);
  EXPECT_EQ(MakesRoom(kAlice), 0);
  Connect(1, kAlice, kFollows);
  EXPECT_EQ(MakesRoom(kAlice), -1);
  EXPECT_EQ(Admit(kAlice).limit, "at most 24 of one user");
  EXPECT_EQ(MakesRoom(kBob), 0);

  connected_.back().idle = true;
  connected_.back().last_active = kNow - kLong;
  Connect(1, kBob, kIdle, 2 * kLong);  // of another user: stays
  EXPECT_EQ(MakesRoom(kAlice), 24);
}

TEST_F(ControlPlacesTest, AllUsersTogetherLeaveRootAShare) {
  Connect(24, kAlice, kFollows);
  Connect(24, kBob, kFollows);
  Connect(8, kCarol, kFollows);
  EXPECT_EQ(MakesRoom(kDave), -1);
  EXPECT_EQ(Admit(kDave).limit, "at most 56 of users other than root");
  for (size_t i = 0; i < kControlPlacesForRoot; ++i) {
    EXPECT_EQ(MakesRoom(0), 0);
    Connect(1, 0, kFollows);
  }
  // Root's own followers have its share: another user's oldest client makes room.
  EXPECT_EQ(MakesRoom(0), 1);
}

TEST_F(ControlPlacesTest, RootNeedNotWaitUntilAClientHasBeenIdleForLong) {
  Connect(56, kAlice, kFollows, kLong);
  Connect(7, 0, kFollows, kLong);
  Connect(1, 0, kIdle, kControlIdleTimeForRoot);
  EXPECT_EQ(MakesRoom(0), 64);
}

}  // namespace
}  // namespace dpvrrp
