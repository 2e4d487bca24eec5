// SPDX-License-Identifier: BSD-3-Clause
//
// A master whose kernel loses its address, or whose hosts have received another router's claim to it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const MacAddress kThief = Mac("02:00:0a:63:00:0a");

size_t Announcements(const std::vector<Sent>& sent) {
  return static_cast<size_t>(
      std::count_if(sent.begin(), sent.end(), [](const Sent& s) { return SeeArp(s.frame).has_value(); }));
}

class AddressLossTest : public ::testing::Test {
 protected:
  void Start(AddressLoss policy = AddressLoss::kAuto) {
    InstanceConfig config = AhInstance();
    config.address_loss = policy;
    gateway_.Start(WithInstances({config}));
    gateway_.RunFor(20s);
    ASSERT_EQ(State(), "Master");
  }
  std::string State() { return std::string(ToString(gateway_.controller.FindInstance("gw")->state)); }
  void Event(HostEvent event) { gateway_.controller.OnHostEvent(event, gateway_.Time()); }
  // `ip link del eth0`, as the kernel reports it.
  void RemoveDevice() {
    gateway_.services.removed_devices = {"eth0"};
    gateway_.services.addresses.clear();
    Event({HostEvent::Kind::kAddressRemoved, "eth0", *ParseIpPrefix("10.99.0.100/24")});
    Event({HostEvent::Kind::kLinkDown, "eth0", {}});
    gateway_.Turn();
  }
  void ReturnDevice() {
    gateway_.services.removed_devices.clear();
    gateway_.services.prepared.clear();
    Event({HostEvent::Kind::kLinkUp, "eth0", {}});
  }
  // The other router, which is lower and takes over when we resign.
  void PeerAdvertises(Nanoseconds time) {
    for (; time > 0s; time -= 1s) {
      AdvertFrame frame;
      frame.key = KeepalivedKey("s3cr3t");
      frame.sequence = sequence_ += 10;
      frame.priority = 90;
      gateway_.Receive(frame.Build());
      gateway_.RunFor(1s);
    }
  }

  Gateway gateway_;
  uint32_t sequence_ = 1000;
};

TEST_F(AddressLossTest, AMasterWithoutItsDeviceGivesWayAndReturnsWithIt) {
  Start();
  RemoveDevice();
  EXPECT_EQ(Announcements(gateway_.RunFor(2900ms)), 0u);
  EXPECT_EQ(State(), "Master");
  EXPECT_THAT(gateway_.RunFor(200ms), Contains(IsAdvert(Vrid(51), Priority(0))));
  EXPECT_EQ(State(), "Backup");
  EXPECT_THAT(gateway_.Logged("transition").back(), HasSubstr("address-lost"));
  EXPECT_THAT(gateway_.Ask("show instance gw").body, HasSubstr("away"));
  PeerAdvertises(60s);
  EXPECT_EQ(State(), "Backup") << "it does not preempt while its device is gone";
  ReturnDevice();
  EXPECT_THAT(gateway_.services.prepared, ElementsAre("eth0")) << "it may be another device";
  PeerAdvertises(5s);
  EXPECT_EQ(State(), "Master");
  EXPECT_TRUE(gateway_.services.Has("10.99.0.100/24"));
  EXPECT_THAT(gateway_.Logged("address"), Contains("holds all its addresses again"));
}

TEST_F(AddressLossTest, ADeviceThatIsMadeAgainInTimeIsUsedAtOnce) {
  Start();
  RemoveDevice();
  gateway_.RunFor(2s);
  ReturnDevice();
  const std::vector<Sent> sent = gateway_.RunFor(1ms);
  EXPECT_TRUE(gateway_.services.Has("10.99.0.100/24"));
  EXPECT_THAT(sent, Contains(IsGratuitousArp(Ip("10.99.0.100"), kPortMac)));
  gateway_.RunFor(60s);
  EXPECT_THAT(gateway_.Logged("transition"), SizeIs(2)) << "it stayed master";
}

// The kernel keeps the address of a device that is administratively down, and no host reaches it.
TEST_F(AddressLossTest, ADeviceThatIsDownCountsAsMissing) {
  Start();
  Event({HostEvent::Kind::kLinkDown, "eth0", {}});
  gateway_.Turn();
  const std::vector<Sent> sent = gateway_.RunFor(3100ms);
  EXPECT_THAT(sent, Contains(IsAdvert(Vrid(51), Priority(0))));
  EXPECT_EQ(Announcements(sent), 0u);
}

TEST_F(AddressLossTest, AnAddressOnADeviceThatComesUpIsAnnouncedAgain) {
  Start();
  Event({HostEvent::Kind::kLinkDown, "eth0", {}});
  gateway_.RunFor(1s);
  Event({HostEvent::Kind::kLinkUp, "eth0", {}});
  EXPECT_EQ(Announcements(gateway_.RunFor(1ms)), 1u);
}

TEST_F(AddressLossTest, WithoutAnotherRouterItStaysMaster) {
  Start();
  RemoveDevice();
  gateway_.RunFor(10s);
  EXPECT_EQ(State(), "Master") << "no other router has taken over";
  gateway_.RunFor(600s);
  EXPECT_THAT(gateway_.Logged("transition"), SizeIs(4)) << "tried once";
  ReturnDevice();
  gateway_.Turn();
  EXPECT_TRUE(gateway_.services.Has("10.99.0.100/24"));
}

TEST_F(AddressLossTest, WithKeepItStaysMaster) {
  Start(AddressLoss::kKeep);
  RemoveDevice();
  EXPECT_EQ(Announcements(gateway_.RunFor(60s)), 0u) << "the kernel has nothing to announce";
  EXPECT_THAT(gateway_.Logged("transition"), SizeIs(2));
  EXPECT_THAT(gateway_.Logged("address"), Contains(HasSubstr("stays master, as configured by address_loss")));
}

TEST_F(AddressLossTest, WithResignItIsNeverMasterWithoutTheAddress) {
  Start(AddressLoss::kResign);
  RemoveDevice();
  gateway_.RunFor(600s);
  EXPECT_EQ(State(), "Fault");
  gateway_.controller.OnPortNews({PortNews::Kind::kDown, PortId(0), "no link", {}}, gateway_.Time());
  gateway_.controller.OnPortNews({PortNews::Kind::kUp, PortId(0), "", {}}, gateway_.Time());
  gateway_.RunFor(10s);
  EXPECT_EQ(State(), "Fault") << "also after the port is up";
  ReturnDevice();
  gateway_.Turn();
  gateway_.RunFor(5s);
  EXPECT_EQ(State(), "Master");
  EXPECT_TRUE(gateway_.services.Has("10.99.0.100/24"));
}

// RFC 4862 5.4.5: the kernel has the address and does not use it.
TEST_F(AddressLossTest, FailedDuplicateAddressDetectionCountsAsLost) {
  Start();
  HostEvent event{HostEvent::Kind::kAddressAdded, "eth0", *ParseIpPrefix("10.99.0.100/24")};
  event.dad_failed = true;
  Event(event);
  EXPECT_THAT(gateway_.RunFor(3100ms), Contains(IsAdvert(Vrid(51), Priority(0))));
}

TEST_F(AddressLossTest, ADeviceThatIsDownAtTheStartIsKnown) {
  gateway_.services.links_down = {"eth0"};
  gateway_.Start(WithInstances({AhInstance()}));
  EXPECT_EQ(Announcements(gateway_.RunFor(6s)), 0u);
  EXPECT_EQ(State(), "Master");
  EXPECT_THAT(gateway_.RunFor(1s), Contains(IsAdvert(Vrid(51), Priority(0))));
}

// ---- Another router or host has claimed the address ----

TEST_F(AddressLossTest, AMasterThatHearsAnotherMasterAnnouncesAgain) {
  Start();
  AdvertFrame lower;
  lower.key = KeepalivedKey("s3cr3t");
  lower.priority = 90;
  lower.sequence = 1000;
  gateway_.shard.Receive(lower.Build());
  EXPECT_EQ(Announcements(gateway_.RunFor(1ms)), 1u);
  EXPECT_EQ(Announcements(gateway_.RunFor(10s)), 1u) << "and once more";
  EXPECT_THAT(
      gateway_.Logged("announce"),
      ElementsAre("10.99.0.1 (02:00:0a:63:00:01) was master at the same time, priority 90: announcing its addresses "
                  "again"));
}

TEST_F(AddressLossTest, AMasterWhoseAdvertWasLateAnnouncesAgain) {
  Start();
  gateway_.shard.now += 4s;  // SIGSTOP
  const std::vector<Sent> sent = gateway_.RunFor(10ms);
  EXPECT_EQ(Announcements(sent), 1u);
  EXPECT_THAT(gateway_.Logged("announce"), ElementsAre(HasSubstr("late, another router may have been master")));
}

TEST_F(AddressLossTest, AShortPauseHasNoEffect) {
  Start();
  gateway_.shard.now += 1500ms;
  EXPECT_EQ(Announcements(gateway_.RunFor(5s)), 0u);
}

TEST_F(AddressLossTest, AMachineThatWasSuspendedAnnouncesAgain) {
  Start();
  ControlTime t = gateway_.Time();
  gateway_.controller.OnClock(t);
  t.unix_ms += 2000;
  gateway_.controller.OnClock(t);
  EXPECT_EQ(Announcements(gateway_.RunFor(5s)), 0u) << "too short for another router to take over";
  t = gateway_.Time();
  t.unix_ms += 60'000;
  gateway_.controller.OnClock(t);
  EXPECT_EQ(Announcements(gateway_.RunFor(5s)), 2u);
}

// B9: a host's claim on a port for which the kernel answers.
TEST_F(AddressLossTest, AConflictIsReportedAndAnswered) {
  Start();
  const Bytes claim = FromHex("ffffffffffff02000a63000a0806000108000604000102000a63000a0a6300640000000000000a630064");
  gateway_.shard.Receive(claim);
  EXPECT_EQ(Announcements(gateway_.RunFor(1ms)), 1u);
  EXPECT_THAT(gateway_.Logged("conflict"), ElementsAre(HasSubstr(ToString(kThief) + " claims 10.99.0.100")));
  size_t answered = 0;
  for (int i = 0; i < 20; ++i) {
    gateway_.shard.Receive(claim);
    answered += Announcements(gateway_.RunFor(1s));
  }
  EXPECT_LE(answered, 2u) << "once in ten seconds (RFC 5227 2.4)";
  EXPECT_GE(answered, 1u);
}

// The kernel answers at the MAC of the device that has the address, which need not be the port's.
TEST_F(AddressLossTest, OurOwnKernelIsNoConflict) {
  Start();
  gateway_.services.own_macs = {kThief};
  const Bytes claim = FromHex("ffffffffffff02000a63000a0806000108000604000102000a63000a0a6300640000000000000a630064");
  for (int i = 0; i < 20; ++i) {
    gateway_.shard.Receive(claim);
    EXPECT_EQ(Announcements(gateway_.RunFor(1s)), 0u);
  }
  EXPECT_THAT(gateway_.Logged("conflict"), IsEmpty());
  EXPECT_EQ(gateway_.controller.FindInstance("gw")->router->counters.conflicts.value(), 1u) << "the lcore counts it";
}

}  // namespace
}  // namespace dpvrrp
