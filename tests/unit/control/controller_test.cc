// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const MacAddress kPortMac = Mac("02:00:00:00:00:0b");

AdvertFrame PeerAdvert(uint32_t sequence, uint8_t priority = 150) {
  AdvertFrame frame;
  frame.key = KeepalivedKey("s3cr3t");
  frame.sequence = sequence;
  frame.priority = priority;
  return frame;
}

// V2-14, V2-15: backup first, master after master_down_interval; advert, then the address, then gratuitous ARP.
TEST(ControllerTest, ASilentLanMakesAMasterWithItsAddress) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  ASSERT_TRUE(gateway.started.ok());
  EXPECT_THAT(gateway.RunFor(3600ms), IsEmpty());
  EXPECT_FALSE(gateway.services.Has("10.99.0.100/24"));
  const std::vector<Sent> sent = gateway.RunFor(20ms);
  EXPECT_THAT(sent, ElementsAre(IsAhAdvert(Vrid(51), Priority(100), 1u), IsGratuitousArp(Ip("10.99.0.100"), kPortMac)));
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24"));
  EXPECT_THAT(gateway.Logged("transition"),
              ElementsAre("Initialize -> Backup (startup)", "Backup -> Master (master-timeout)"));
}

// The pace is the port's: three routers take over at once and their addresses are announced one after the other.
TEST(ControllerTest, AnnouncementsKeepTheConfiguredPace) {
  Gateway gateway;
  std::vector<InstanceConfig> instances = {AhInstance("a", 1), AhInstance("b", 2), AhInstance("c", 3)};
  for (InstanceConfig& instance : instances) instance.virtual_addresses = {{*ParseIpPrefix("10.99.0.100/24"), ""}};
  Config config = WithInstances(instances);
  config.garp = {20ms, {}, 0s};
  gateway.Start(config);
  std::vector<Instant> at;
  for (const Sent& sent : gateway.RunFor(5s)) {
    if (SeeArp(sent.frame).has_value()) at.push_back(sent.at);
  }
  ASSERT_THAT(at, SizeIs(3));
  EXPECT_GE(at[1] - at[0], 20ms);
  EXPECT_GE(at[2] - at[1], 20ms);
  EXPECT_LT(at[2] - at[0], 42ms);
  // A reload changes the pace and nothing else.
  config.garp = {};
  gateway.services.next_load.config = config;
  EXPECT_EQ(*gateway.controller.Reload(gateway.Time()), "0 added, 0 removed, 0 replaced, 0 re-prioritised, 0 re-keyed");
}

TEST(ControllerTest, AnnouncementsAreRepeated) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(3700ms);
  std::vector<Nanoseconds> at;
  for (const Sent& sent : gateway.RunFor(10s)) {
    if (SeeArp(sent.frame).has_value()) at.push_back(sent.after() - 3609375us);
  }
  ASSERT_THAT(at, SizeIs(GarpConfig().repeats.size()));
  for (size_t i = 0; i < at.size(); ++i) EXPECT_NEAR((at[i] - GarpConfig().repeats[i]) / 1us, 0, 100) << i;
}

// Gratuitous ARP waits for the kernel, but not for ever.
TEST(ControllerTest, AnnouncementWaitsForTheAddressAtMostHalfASecond) {
  Gateway gateway;
  gateway.host_answers = false;
  gateway.Start(WithInstances({AhInstance()}));
  const std::vector<Sent> before = gateway.RunFor(3609375us + 490ms);
  EXPECT_THAT(before, Not(Contains(IsGratuitousArp(Ip("10.99.0.100"), kPortMac))));
  EXPECT_THAT(gateway.RunFor(20ms), Contains(IsGratuitousArp(Ip("10.99.0.100"), kPortMac)));
}

// V2-17: the address goes with mastership.
TEST(ControllerTest, AHigherPriorityTakesTheAddressAway) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(5s);
  ASSERT_TRUE(gateway.services.Has("10.99.0.100/24"));
  gateway.Receive(PeerAdvert(50).Build());
  EXPECT_FALSE(gateway.services.Has("10.99.0.100/24"));
  EXPECT_THAT(gateway.Logged("transition").back(),
              "Master -> Backup (higher-priority), last heard 10.99.0.1 priority 150");
}

// V2-18, A-11's counterpart: a goodbye per mastered instance, then the addresses go, then everything is handed back.
TEST(ControllerTest, ShutdownResignsAndRemovesAddresses) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(5s);
  gateway.controller.Shutdown(gateway.Time());
  EXPECT_FALSE(gateway.controller.Finished());
  const std::vector<Sent> sent = gateway.RunFor(1ms);
  EXPECT_TRUE(gateway.controller.Finished());
  EXPECT_FALSE(gateway.services.Has("10.99.0.100/24"));
  EXPECT_THAT(gateway.services.acquired, IsEmpty());
}

TEST(ControllerTest, ABackupLeavesInSilence) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.controller.Shutdown(gateway.Time());
  EXPECT_THAT(gateway.RunFor(10ms), IsEmpty());
  EXPECT_TRUE(gateway.controller.Finished());
}

// No address without mastership: what a crashed run left behind is cleared away at start, an operator's own is not.
TEST(ControllerTest, LeftoversOfACrashedRunAreRemovedAtStart) {
  Gateway gateway;
  gateway.services.addresses = {{"eth0", *ParseIpPrefix("10.99.0.100/24"), true},
                                {"eth1", *ParseIpPrefix("10.77.0.1/24"), true},
                                {"eth0", *ParseIpPrefix("10.99.0.2/24"), false}};
  gateway.Start(WithInstances({AhInstance()}));
  EXPECT_FALSE(gateway.services.Has("10.99.0.100/24"));
  EXPECT_FALSE(gateway.services.Has("10.77.0.1/24", "eth1"));
  EXPECT_TRUE(gateway.services.Has("10.99.0.2/24"));
  EXPECT_THAT(gateway.Logged("address"), Contains(HasSubstr("left over from an earlier run")).Times(2));
}

TEST(ControllerTest, AFailedAddressIsRetriedAndShown) {
  Gateway gateway;
  gateway.services.refuse = absl::UnavailableError("cannot add: ENOBUFS");
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(4s);
  EXPECT_THAT(gateway.Ask("show instance gw").body, HasSubstr("ENOBUFS"));
  EXPECT_THAT(gateway.Logged("address"), SizeIs(1));  // one event, however many tries
  gateway.services.refuse = absl::OkStatus();
  gateway.RunFor(6s);
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24"));
}

// A frame that is refused names its sender in the event log, once, and moves nothing.
TEST(ControllerTest, ARejectedSenderIsNamed) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  AdvertFrame forged = PeerAdvert(9);
  forged.forged = true;
  for (int i = 0; i < 100; ++i) gateway.Receive(forged.Build());
  const std::vector<std::string> rejected = gateway.Logged("rejected");
  ASSERT_THAT(rejected, SizeIs(1));
  EXPECT_THAT(rejected[0], HasSubstr("bad-icv from 10.99.0.1 (02:00:0a:63:00:01), sequence 9"));
}

TEST(ControllerTest, AnInstanceOnAMissingDeviceStartsNothing) {
  Gateway gateway;
  InstanceConfig config = AhInstance();
  config.virtual_addresses[0].device = "missing";
  gateway.Start(WithInstances({config}));
  EXPECT_EQ(gateway.started.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(gateway.started.message()), HasSubstr("instance gw"));
}

TEST(ControllerTest, PortWithoutLinkGivesTheAddressUpAndComesBackAsBackup) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(5s);
  gateway.controller.OnPortLink(PortId(0), false, gateway.Time());
  gateway.Turn();
  EXPECT_FALSE(gateway.services.Has("10.99.0.100/24"));
  EXPECT_THAT(gateway.Logged("transition").back(), HasSubstr("Master -> Initialize (port-down)"));
  gateway.controller.OnPortLink(PortId(0), true, gateway.Time());
  gateway.Turn();
  EXPECT_THAT(gateway.Logged("transition").back(), HasSubstr("Initialize -> Backup (startup)"));
}

TEST(ControllerTest, AVirtualMacDeviceIsUpOnlyWhileMaster) {
  Gateway gateway;
  InstanceConfig config = AhInstance();
  config.source_mac = SourceMac::kVirtual;
  gateway.Start(WithInstances({config}));
  EXPECT_THAT(gateway.services.links_up, IsEmpty());
  const std::vector<Sent> sent = gateway.RunFor(4s);
  EXPECT_THAT(sent, Contains(IsGratuitousArp(Ip("10.99.0.100"), VirtualMac(Family::kIpv4, Vrid(51)))));
  EXPECT_THAT(gateway.services.links_up, ElementsAre("vrrp.2.51"));
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24", "vrrp.2.51"));
  gateway.Receive(PeerAdvert(50).Build());
  EXPECT_THAT(gateway.services.links_up, IsEmpty());
}

// Conformance V3-15: the same VRID on the same device, two virtual routers with a device each.
TEST(ControllerTest, TheFamiliesOfAVridAreTwoInstances) {
  Gateway gateway;
  InstanceConfig v4 = AhInstance("gw4"), v6;
  v4.source_mac = v6.source_mac = SourceMac::kVirtual;
  v6.name = "gw6";
  v6.port = "lan";
  v6.version = VrrpVersion::kV3;
  v6.vrid = v4.vrid;
  v6.source_address = Ip("fe80::2");
  v6.virtual_addresses = {{*ParseIpPrefix("fe80::100/64"), "eth0"}, {*ParseIpPrefix("2001:db8::1/64"), "eth0", true}};
  gateway.Start(WithInstances({v4, v6}));
  ASSERT_TRUE(gateway.started.ok()) << gateway.started;
  gateway.RunFor(4s);
  EXPECT_THAT(gateway.services.links_up, ElementsAre("vrrp.2.51", "vrrp6.2.51"));
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24", "vrrp.2.51"));
  EXPECT_TRUE(gateway.services.Has("fe80::100/64", "vrrp6.2.51"));
  EXPECT_TRUE(gateway.services.Has("2001:db8::1/64", "vrrp6.2.51"));  // excluded ones move along
  gateway.Receive(PeerAdvert(50).Build());  // the IPv4 router has a peer; the other's business
  EXPECT_THAT(gateway.services.links_up, ElementsAre("vrrp6.2.51"));
}

void RemoveAddress(Gateway& gateway, const std::string& device) {
  gateway.services.addresses.clear();
  HostEvent event;
  event.kind = HostEvent::Kind::kAddressRemoved;
  event.device = device;
  event.prefix = *ParseIpPrefix("10.99.0.100/24");
  gateway.controller.OnHostEvent(event, gateway.Time());
}

TEST(ControllerTest, AnAddressRemovedBySomebodyElseIsPutBack) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(20s);
  RemoveAddress(gateway, "eth0");
  const std::vector<Sent> sent = gateway.RunFor(1ms);
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24"));
  EXPECT_THAT(gateway.Logged("address"), Contains(HasSubstr("removed by somebody else")));
}

InstanceConfig OnVirtualMac() {
  InstanceConfig config = AhInstance();
  config.source_mac = SourceMac::kVirtual;
  return config;
}

// The device of the virtual MAC goes, and the address with it.
void RemoveDevice(Gateway& gateway) {
  gateway.services.removed_devices = {"vrrp.2.51"};
  gateway.services.links_up.clear();
  RemoveAddress(gateway, "vrrp.2.51");
}

TEST(ControllerTest, AVirtualMacDeviceRemovedBySomebodyElseIsMadeAgain) {
  Gateway gateway;
  gateway.Start(WithInstances({OnVirtualMac()}));
  gateway.RunFor(20s);
  RemoveDevice(gateway);
  const std::vector<Sent> sent = gateway.RunFor(1s);
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24", "vrrp.2.51"));
  EXPECT_THAT(gateway.services.links_up, ElementsAre("vrrp.2.51"));
  EXPECT_THAT(sent, Contains(IsGratuitousArp(Ip("10.99.0.100"), VirtualMac(Family::kIpv4, Vrid(51)))));
  EXPECT_THAT(gateway.Logged("address"), Contains(HasSubstr("vrrp.2.51 was removed by somebody else: made again")));
}

TEST(ControllerTest, OneThatCannotBeMadeAgainIsToldOfOnce) {
  Gateway gateway;
  gateway.Start(WithInstances({OnVirtualMac()}));
  gateway.RunFor(20s);
  gateway.services.refuse_restoring = absl::NotFoundError("no eth0");
  RemoveDevice(gateway);
  gateway.RunFor(60s);
  const std::vector<std::string> told = gateway.Logged("address");
  EXPECT_EQ(std::count(told.begin(), told.end(), "vrrp.2.51 was removed by somebody else: no eth0"), 1);
  gateway.services.refuse_restoring = absl::OkStatus();
  gateway.RunFor(11s);
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24", "vrrp.2.51"));
}

TEST(ControllerTest, AFailedStartLeavesNothingBehind) {
  Gateway gateway;
  InstanceConfig good = AhInstance("good", 1);
  good.source_mac = SourceMac::kVirtual;
  InstanceConfig bad = AhInstance("bad", 2);
  bad.virtual_addresses[0].device = "missing";
  EXPECT_FALSE(gateway.controller.Start(WithInstances({good, bad}), gateway.Time()).ok());
  EXPECT_THAT(gateway.services.acquired, IsEmpty());
  EXPECT_THAT(gateway.controller.outbox().shard, IsEmpty());
  EXPECT_THAT(gateway.controller.instances(), IsEmpty());
}

// No address without mastership, also if the kernel added it and its answer got lost.
TEST(ControllerTest, AnAddressWhoseAnswerWasLostDoesNotOutliveMastership) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.services.lose_answers = true;
  gateway.RunFor(3700ms);
  gateway.services.lose_answers = false;
  ASSERT_TRUE(gateway.services.Has("10.99.0.100/24"));
  gateway.Receive(PeerAdvert(50).Build());
  gateway.RunFor(2s);
  EXPECT_FALSE(gateway.services.Has("10.99.0.100/24"));
}

TEST(ControllerTest, AStopDoesNotOvertakeAnAddressWhoseAnswerWasLost) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.services.lose_answers = true;
  gateway.RunFor(3700ms);
  gateway.services.lose_answers = false;
  gateway.controller.Shutdown(gateway.Time());
  gateway.RunFor(2s);
  EXPECT_TRUE(gateway.controller.Finished());
  EXPECT_FALSE(gateway.services.Has("10.99.0.100/24"));
}

// Resigned and back before control had looked: the address never went, so there is nothing to wait for.
TEST(ControllerTest, AnAddressThatIsStillThereIsAnnouncedAtOnce) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(20s);
  ManagedInstance& instance = *gateway.controller.FindInstance("gw");
  gateway.controller.Resign(instance, gateway.Time());
  gateway.controller.Takeover(instance, gateway.Time());
  EXPECT_THAT(gateway.RunFor(1ms), Contains(IsGratuitousArp(Ip("10.99.0.100"), kPortMac)));
}

// The parent of a virtual-MAC device may be down when we become master.
TEST(ControllerTest, AVirtualMacDeviceThatCannotBeSetUpIsRetriedAndShown) {
  Gateway gateway;
  InstanceConfig config = AhInstance();
  config.source_mac = SourceMac::kVirtual;
  gateway.services.refuse_link_up = absl::UnavailableError("cannot set vrrp.2.51 up: Network is down");
  gateway.Start(WithInstances({config}));
  gateway.RunFor(4s);
  EXPECT_THAT(gateway.Ask("show instance gw").body, HasSubstr("Network is down"));
  gateway.services.refuse_link_up = absl::OkStatus();
  const std::vector<Sent> sent = gateway.RunFor(6s);
  EXPECT_THAT(gateway.services.links_up, ElementsAre("vrrp.2.51"));
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24", "vrrp.2.51"));
}

TEST(ControllerTest, AVirtualMacDeviceThatACrashedRunLeftUpIsSetDown) {
  Gateway gateway;
  gateway.services.addresses = {{"vrrp.2.51", *ParseIpPrefix("10.99.0.100/24"), true}};
  gateway.services.links_up = {"vrrp.2.51"};
  InstanceConfig config = AhInstance();
  config.source_mac = SourceMac::kVirtual;
  gateway.Start(WithInstances({config}));
  EXPECT_THAT(gateway.services.addresses, IsEmpty());
  EXPECT_THAT(gateway.services.links_up, IsEmpty());
}

TEST(ControllerTest, AnInstanceThatNeverChangedStateHasNoSince) {
  Gateway gateway;
  gateway.controller.OnPortLink(PortId(0), false, gateway.Time());
  gateway.Start(WithInstances({AhInstance()}));
  EXPECT_THAT(gateway.Ask("show instance gw --json").body, HasSubstr(R"("since":null)"));
  EXPECT_THAT(gateway.Ask("show instances --json").body, HasSubstr(R"("since":null)"));
}

// One forged frame for each of many instances: the log is not for that alone.
TEST(ControllerTest, NoticesOfFramesAreFewHoweverManyInstancesThereAre) {
  std::vector<InstanceConfig> instances;
  for (int vrid = 1; vrid <= 255; ++vrid) {
    instances.push_back(AhInstance(absl::StrCat("gw", vrid), static_cast<uint8_t>(vrid)));
    instances.back().virtual_addresses[0].device.clear();
  }
  Gateway gateway;
  gateway.Start(WithInstances(std::move(instances)));
  for (int round = 0; round < 2; ++round) {
    for (int vrid = 1; vrid <= 255; ++vrid) {
      AdvertFrame forged;  // without AH
      forged.vrid = static_cast<uint8_t>(vrid);
      gateway.Receive(forged.Build());
    }
    EXPECT_EQ(gateway.Logged("rejected").size(), 100u + 101u * static_cast<size_t>(round));
    gateway.RunFor(11s);
    gateway.controller.OnClock(gateway.Time());
    EXPECT_EQ(gateway.Logged("rejected").size(), 101u * static_cast<size_t>(round + 1));
    EXPECT_EQ(gateway.Logged("rejected").back(),
              "155 more notices of frames were left out in 10 s; see show drops, diagnose");
  }
}

}  // namespace
}  // namespace dpvrrp
