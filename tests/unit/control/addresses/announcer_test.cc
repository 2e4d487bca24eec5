// SPDX-License-Identifier: BSD-3-Clause
#include "control/addresses/announcer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/addresses/one_instance.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::FieldsAre;
using ::testing::IsEmpty;

constexpr PortId kPort{0};

TEST(AnnouncerTest, ProgrammedAddressesWaitForTheirAcknowledgement) {
  Announcer announcer;
  announcer.OnMaster(kId, kPort, {true, false, false, true}, kNow);
  EXPECT_THAT(announcer.Take(kNow), ElementsAre(FieldsAre(kId, 1, 2)));  // advertised only: at once, together
  announcer.OnProgrammed(kId, 3);
  EXPECT_THAT(announcer.Take(kNow), ElementsAre(FieldsAre(kId, 3, 1)));
}

TEST(AnnouncerTest, ARepeatOmitsAddressesThatStillWait) {
  Announcer announcer;
  announcer.OnMaster(kId, kPort, {true, true}, kNow);
  announcer.OnProgrammed(kId, 0);
  announcer.Take(kNow);
  announcer.OnTime(kNow + 250ms);
  EXPECT_THAT(announcer.Take(kNow), ElementsAre(FieldsAre(kId, 0, 1)));
  announcer.OnTime(kNow + 10s);
  EXPECT_THAT(announcer.Take(kNow + 10s), ElementsAre(FieldsAre(kId, 0, 1)));
  announcer.OnProgrammed(kId, 1);
  EXPECT_THAT(announcer.Take(kNow + 10s), ElementsAre(FieldsAre(kId, 1, 1)));
}

TEST(AnnouncerTest, NothingIsDueAfterTheLastRepeat) {
  Announcer announcer;
  announcer.OnMaster(kId, kPort, {true}, kNow);
  announcer.OnProgrammed(kId, 0);
  announcer.OnTime(kNow + 10s);
  announcer.Take(kNow + 10s);
  EXPECT_EQ(announcer.NextDeadline(), kNever);
  announcer.OnProgrammed(kId, 0);  // added again after another program removed it
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
  EXPECT_THAT(announcer.Take(kNow + 1s),
              ElementsAre(FieldsAre(InstanceId(1), 2, 1)));  // no burst to make up for the delay
}

// 100 us is ten in a millisecond. The control thread wakes once for them.
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
  EXPECT_EQ(announcer.NextDeadline(), kNever);  // nothing waits
}

// If mastership changes faster than the pace, the queue does not grow, and no address is announced before its next
// acknowledgement.
TEST(AnnouncerTest, AnAddressWaitsOnceAndOnlyWhileMaster) {
  Announcer announcer;
  announcer.Configure({.interval = 1s, .repeats = {}, .refresh = 0s});
  announcer.OnMaster(InstanceId(9), kPort, {false}, kNow);
  announcer.Take(kNow);  // the port is in use for a second
  for (int i = 0; i < 5; ++i) {
    announcer.OnNotMaster(kId);
    announcer.OnMaster(kId, kPort, {true, false}, kNow);
    if (i < 4) announcer.OnProgrammed(kId, 0);
  }
  EXPECT_THAT(announcer.Take(kNow + 2s), ElementsAre(FieldsAre(kId, 1, 1)));
  announcer.OnProgrammed(kId, 0);
  EXPECT_THAT(announcer.Take(kNow + 4s), ElementsAre(FieldsAre(kId, 0, 1)));
  EXPECT_THAT(announcer.Take(kNow + 6s), IsEmpty());
  EXPECT_EQ(announcer.NextDeadline(), kNever);
}

TEST(AnnouncerTest, FirstAnnouncementsPrecedeRepeatsAndRepeatsDoNotAccumulate) {
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

// ---- On kernel devices ----

TEST(AnnouncerTest, AnAddressIsAnnouncedWhereItsDeviceIs) {
  Announcer announcer;
  announcer.SetOutlets(kId, {{true, ""}, {false, "eth1"}, {true, ""}, {true, "eth2"}});
  announcer.OnMaster(kId, kPort, {false, false, false, false}, kNow);
  EXPECT_THAT(announcer.Take(kNow), ElementsAre(FieldsAre(kId, 0, 1), FieldsAre(kId, 2, 2)));
  EXPECT_THAT(announcer.TakeOnDevices(kNow),
              ::testing::UnorderedElementsAre(FieldsAre(kId, 1, 1), FieldsAre(kId, 3, 1)));
  announcer.OnTime(kNow + 250ms);  // a repeat
  announcer.OnNotMaster(kId);
  EXPECT_THAT(announcer.TakeOnDevices(kNow + 250ms), IsEmpty());
  announcer.Forget(kId);
  announcer.OnMaster(kId, kPort, {false, false, false, false}, kNow + 1s);
  EXPECT_THAT(announcer.TakeOnDevices(kNow + 1s), IsEmpty());
}

TEST(AnnouncerTest, ThePaceIsKeptOnEachDevice) {
  Announcer announcer;
  announcer.Configure({.interval = 10ms, .repeats = {}, .refresh = 0s});
  announcer.SetOutlets(InstanceId(1), {{false, "eth1"}, {false, "eth1"}});
  announcer.SetOutlets(InstanceId(2), {{false, "eth1"}});
  announcer.SetOutlets(InstanceId(3), {{false, "eth2"}});
  announcer.OnMaster(InstanceId(1), PortId(0), {false, false}, kNow);
  announcer.OnMaster(InstanceId(2), PortId(1), {false}, kNow);
  announcer.OnMaster(InstanceId(3), PortId(0), {false}, kNow);
  EXPECT_THAT(announcer.TakeOnDevices(kNow),
              ::testing::UnorderedElementsAre(FieldsAre(InstanceId(1), 0, 1), FieldsAre(InstanceId(3), 0, 1)));
  EXPECT_EQ(announcer.NextDeadline(), kNow + 10ms);
  EXPECT_THAT(announcer.TakeOnDevices(kNow + 10ms), ElementsAre(FieldsAre(InstanceId(1), 1, 1)));
  EXPECT_THAT(announcer.TakeOnDevices(kNow + 1s), ElementsAre(FieldsAre(InstanceId(2), 0, 1)));
}

// The control thread sends them itself, and must not be busy with it.
TEST(AnnouncerTest, WithoutAnIntervalDevicesHaveAPaceAllTheSame) {
  Announcer announcer;
  announcer.SetOutlets(kId, Outlets(255, {false, "eth1"}));
  announcer.OnMaster(kId, kPort, std::vector<bool>(255, false), kNow);
  size_t sent = 0;
  for (const Announcement& a : announcer.TakeOnDevices(kNow)) sent += a.count;
  EXPECT_EQ(sent, 50u);
  EXPECT_EQ(announcer.NextDeadline(), kNow + 1ms);
}

TEST(AnnouncerTest, AnotherMacOfADeviceIsAnnouncedThereIfTheAddressIsHeld) {
  Announcer announcer;
  announcer.SetOutlets(kId, {{true, "eth1"}, {true, ""}, {false, "eth1"}});
  announcer.OnDeviceMac(kId, 0);
  announcer.OnMaster(kId, kPort, {false, false, true}, kNow);
  announcer.Take(kNow);
  announcer.TakeOnDevices(kNow);
  for (const uint16_t index : {0, 1, 2}) announcer.OnDeviceMac(kId, index);
  EXPECT_THAT(announcer.TakeOnDevices(kNow + 1ms), ElementsAre(FieldsAre(kId, 0, 1)));
  EXPECT_THAT(announcer.Take(kNow + 1ms), IsEmpty());
}

// ---- Hosts may have learned another MAC ----

class CorrectionTest : public ::testing::Test {
 protected:
  CorrectionTest() {
    announcer_.Configure({.interval = 0ns, .repeats = {}, .refresh = 0s, .correction_interval = 1s});
    announcer_.OnMaster(kId, kPort, {false}, kNow);
    announcer_.Take(kNow);
  }
  // The times of announcements within `time` of now, if `trigger` is called every 100 ms for `triggered`.
  std::vector<Nanoseconds> Times(Nanoseconds time, Nanoseconds triggered, Nanoseconds spacing, bool twice) {
    std::vector<Nanoseconds> at;
    for (Nanoseconds passed = 0s; passed <= time; passed += 100ms) {
      const Instant now = kNow + 1min + passed;
      if (passed <= triggered) {
        EXPECT_TRUE(announcer_.Again(kId, spacing, twice, now));
      }
      announcer_.OnTime(now);
      if (!announcer_.Take(now).empty()) at.push_back(passed);
    }
    return at;
  }
  Announcer announcer_;
};

TEST_F(CorrectionTest, IsSentAtOnceAndOnceMore) { EXPECT_THAT(Times(10s, 0s, 1s, true), ElementsAre(0s, 1s)); }

TEST_F(CorrectionTest, IsSentOnceIfAnotherHostWouldAnswer) { EXPECT_THAT(Times(60s, 0s, 10s, false), ElementsAre(0s)); }

// The number of requests does not matter.
TEST_F(CorrectionTest, IsBounded) { EXPECT_THAT(Times(6s, 3s, 1s, true), ElementsAre(0s, 1s, 2s, 3s, 4s)); }

TEST_F(CorrectionTest, DefendsOnceInTenSeconds) {  // RFC 5227 2.4
  EXPECT_THAT(Times(60s, 25s, 10s, false), ElementsAre(0s, 10s, 20s, 30s));
}

TEST_F(CorrectionTest, OmitsAddressesThatAreNotHeld) {
  announcer_.OnLost(kId, 0);
  EXPECT_THAT(Times(10s, 5s, 1s, true), IsEmpty());
}

TEST_F(CorrectionTest, CanBeSwitchedOffAndNeedsAMaster) {
  announcer_.Again(kId, 1s, true, kNow);
  announcer_.Take(kNow);
  announcer_.Configure({.interval = 0ns, .repeats = {}, .refresh = 0s, .correction_interval = 0s});
  EXPECT_EQ(announcer_.NextDeadline(), kNever);
  EXPECT_FALSE(announcer_.Again(kId, 1s, true, kNow + 10s));
  announcer_.Configure({});
  EXPECT_FALSE(announcer_.Again(InstanceId(2), 1s, true, kNow + 10s));
}

// An address that was lost while its announcement waited for the pace.
TEST_F(CorrectionTest, AnAddressThatIsLostIsNotAnnounced) {
  announcer_.OnProgrammed(kId, 0);
  announcer_.OnLost(kId, 0);
  EXPECT_THAT(announcer_.Take(kNow), IsEmpty());
  announcer_.OnProgrammed(kId, 0);
  EXPECT_THAT(announcer_.Take(kNow), ElementsAre(FieldsAre(kId, 0, 1)));
}

}  // namespace
}  // namespace dpvrrp
