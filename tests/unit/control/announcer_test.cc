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
constexpr PortId kPort{0};
constexpr Instant kNow{100s};

TEST(AnnouncerTest, ProgrammedAddressesWaitForTheirAcknowledgement) {
  Announcer announcer;
  announcer.OnMaster(kId, kPort, {true, false, false, true}, kNow);
  EXPECT_THAT(announcer.Take(kNow), ElementsAre(FieldsAre(kId, 1, 2)));  // advertised only: at once, together
  announcer.OnProgrammed(kId, 3);
  EXPECT_THAT(announcer.Take(kNow), ElementsAre(FieldsAre(kId, 3, 1)));
}

TEST(AnnouncerTest, ARepeatLeavesOutWhatIsStillWaiting) {
  Announcer announcer;
  announcer.OnMaster(kId, kPort, {true, true}, kNow);
  announcer.OnProgrammed(kId, 0);
  announcer.Take(kNow);
  announcer.OnTime(kNow + 250ms);
  EXPECT_THAT(announcer.Take(kNow), ElementsAre(FieldsAre(kId, 0, 1)));
  announcer.OnTime(kNow + Announcer::kLongestWait);
  EXPECT_THAT(announcer.Take(kNow), ElementsAre(FieldsAre(kId, 1, 1)));
}

TEST(AnnouncerTest, NothingIsDueAfterTheLastRepeat) {
  Announcer announcer;
  announcer.OnMaster(kId, kPort, {true}, kNow);
  announcer.OnProgrammed(kId, 0);
  announcer.OnTime(kNow + 10s);
  announcer.Take(kNow + 10s);
  EXPECT_EQ(announcer.NextDeadline(), kNever);
  announcer.OnProgrammed(kId, 0);  // put back after somebody removed it
  EXPECT_THAT(announcer.Take(kNow + 10s), ElementsAre(FieldsAre(kId, 0, 1)));
}

TEST(AnnouncerTest, LostMastershipEndsTheSchedule) {
  Announcer announcer;
  announcer.OnMaster(kId, kPort, {true}, kNow);
  announcer.OnNotMaster(kId);
  announcer.OnProgrammed(kId, 0);
  EXPECT_EQ(announcer.NextDeadline(), kNever);
  announcer.OnTime(kNow + 10s);
  EXPECT_THAT(announcer.Take(kNow), IsEmpty());
}

TEST(AnnouncerTest, RepeatsAndRefreshAreConfigured) {
  Announcer announcer;
  announcer.Configure({.interval = 0ns, .repeats = {3s}, .refresh = 10s});
  announcer.OnMaster(kId, kPort, {false, false}, kNow);
  std::vector<Nanoseconds> at;
  for (Instant now = kNow; now <= kNow + 31s; now += 500ms) {
    announcer.OnTime(now);
    for (const Announcement& a : announcer.Take(now)) {
      EXPECT_EQ(a.count, 2);
      at.push_back(now - kNow);
    }
  }
  EXPECT_THAT(at, ElementsAre(0s, 3s, 10s, 20s, 30s));
  announcer.Configure({.interval = 0ns, .repeats = {}, .refresh = 0s});  // a reload
  EXPECT_EQ(announcer.NextDeadline(), kNever);
}

// The least time between two addresses on a port; ports do not wait for each other.
TEST(AnnouncerTest, ThePaceIsKeptOnEachPort) {
  Announcer announcer;
  announcer.Configure({.interval = 10ms, .repeats = {}, .refresh = 0s});
  announcer.OnMaster(InstanceId(1), PortId(0), {false, false, false}, kNow);
  announcer.OnMaster(InstanceId(2), PortId(1), {false}, kNow);
  EXPECT_THAT(announcer.Take(kNow),
              ::testing::UnorderedElementsAre(FieldsAre(InstanceId(1), 0, 1), FieldsAre(InstanceId(2), 0, 1)));
  EXPECT_EQ(announcer.NextDeadline(), kNow + 10ms);
  EXPECT_THAT(announcer.Take(kNow + 10ms - 1ns), IsEmpty());
  EXPECT_THAT(announcer.Take(kNow + 10ms), ElementsAre(FieldsAre(InstanceId(1), 1, 1)));
  EXPECT_THAT(announcer.Take(kNow + 1s), ElementsAre(FieldsAre(InstanceId(1), 2, 1)));  // no burst for lost time
}

// 100 us is ten a millisecond: the control thread wakes once for them.
TEST(AnnouncerTest, AFastPaceIsKeptOverAMillisecond) {
  Announcer announcer;
  announcer.Configure({.interval = 100us, .repeats = {}, .refresh = 0s});
  announcer.OnMaster(kId, kPort, std::vector<bool>(100, false), kNow);
  size_t sent = 0, wakes = 0;
  for (Instant now = kNow; sent < 100 && wakes < 100; now = announcer.NextDeadline(), ++wakes) {
    size_t together = 0;
    for (const Announcement& a : announcer.Take(now)) together += a.count;
    EXPECT_LE(together, 10u);
    sent += together;
  }
  EXPECT_EQ(wakes, 10u);
  EXPECT_EQ(announcer.NextDeadline(), kNow + Announcer::kLongestWait);  // nothing waits
}

// Mastership that comes and goes faster than the pace does not make the queue grow, nor an address go before its next
// acknowledgement.
TEST(AnnouncerTest, AnAddressWaitsOnceAndOnlyWhileMaster) {
  Announcer announcer;
  announcer.Configure({.interval = 1s, .repeats = {}, .refresh = 0s});
  announcer.OnMaster(InstanceId(9), kPort, {false}, kNow);
  announcer.Take(kNow);  // the port is busy for a second
  for (int i = 0; i < 5; ++i) {
    announcer.OnNotMaster(kId);
    announcer.OnMaster(kId, kPort, {true, false}, kNow);
    if (i < 4) announcer.OnProgrammed(kId, 0);
  }
  EXPECT_THAT(announcer.Take(kNow + 2s), ElementsAre(FieldsAre(kId, 1, 1)));
  announcer.OnProgrammed(kId, 0);
  EXPECT_THAT(announcer.Take(kNow + 4s), ElementsAre(FieldsAre(kId, 0, 1)));
  EXPECT_THAT(announcer.Take(kNow + 6s), IsEmpty());
  EXPECT_EQ(announcer.NextDeadline(), kNow + Announcer::kLongestWait);
}

TEST(AnnouncerTest, FirstAnnouncementsGoBeforeRepeatsWhichDoNotPileUp) {
  Announcer announcer;
  announcer.Configure({.interval = 1s, .repeats = {1s, 2s, 3s, 4s}, .refresh = 0s});
  announcer.OnMaster(InstanceId(1), kPort, {false}, kNow);
  announcer.Take(kNow);
  announcer.OnMaster(InstanceId(2), kPort, {false}, kNow);
  announcer.OnMaster(InstanceId(3), kPort, {false}, kNow);
  announcer.OnNotMaster(InstanceId(3));
  for (int i = 1; i <= 4; ++i) announcer.OnTime(kNow + std::chrono::seconds(i));  // repeats of two masters
  std::vector<uint32_t> order;
  for (int i = 4; i < 20; ++i) {
    for (const Announcement& a : announcer.Take(kNow + std::chrono::seconds(i))) order.push_back(a.instance.value());
  }
  ASSERT_EQ(order.size(), 3u);
  EXPECT_EQ(order[0], 2u);
}

}  // namespace
}  // namespace dpvrrp
