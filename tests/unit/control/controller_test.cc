// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
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
  ASSERT_THAT(gateway.controller.not_started().entries(), ::testing::IsEmpty());
  EXPECT_THAT(gateway.RunFor(3600ms), IsEmpty());
  EXPECT_FALSE(gateway.services.Has("10.99.0.100/24"));
  const std::vector<Sent> sent = gateway.RunFor(20ms);
  EXPECT_THAT(sent, ElementsAre(IsAhAdvert(Vrid(51), Priority(100), 1u), IsGratuitousArp(Ip("10.99.0.100"), kPortMac)));
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24"));
  EXPECT_THAT(gateway.Logged("transition"),
              ElementsAre("Initialize -> Backup (startup)", "Backup -> Master (master-timeout)"));
}

// The pace applies to a port: three routers take over at once, and their addresses are announced one after the other.
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
  EXPECT_EQ(*gateway.controller.Reload(gateway.Time()), "0 added, 0 removed, 0 changed in place, 0 removed and added");
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

// An address is not announced before the kernel has it, however long that takes.
TEST(ControllerTest, AnnouncementWaitsForTheAddress) {
  Gateway gateway;
  gateway.host_answers = false;
  gateway.Start(WithInstances({AhInstance()}));
  EXPECT_THAT(gateway.RunFor(20s), Not(Contains(IsGratuitousArp(Ip("10.99.0.100"), kPortMac))));
  gateway.host_answers = true;
  for (const HostRequest& request : std::exchange(gateway.unanswered, {})) {
    gateway.controller.OnHostReply(gateway.services.Answer(request), gateway.Time());
  }
  EXPECT_THAT(gateway.RunFor(1ms), Contains(IsGratuitousArp(Ip("10.99.0.100"), kPortMac)));
}

// V2-17: the address is removed when mastership is lost.
TEST(ControllerTest, AMasterRemovesItsAddressForAHigherPriority) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(5s);
  ASSERT_TRUE(gateway.services.Has("10.99.0.100/24"));
  gateway.Receive(PeerAdvert(50).Build());
  EXPECT_FALSE(gateway.services.Has("10.99.0.100/24"));
  EXPECT_THAT(gateway.Logged("transition").back(),
              "Master -> Backup (higher-priority), last heard 10.99.0.1 priority 150");
}

// V2-18, A-11's counterpart: a goodbye of each master, then the addresses are removed, then every router is returned.
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

TEST(ControllerTest, ABackupIsRemovedWithoutAnAdvert) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.controller.Shutdown(gateway.Time());
  EXPECT_THAT(gateway.RunFor(10ms), IsEmpty());
  EXPECT_TRUE(gateway.controller.Finished());
}

// No address without mastership: at the start, leftovers of a crashed run are removed, but not an operator's address.
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
  EXPECT_THAT(gateway.Logged("address"), SizeIs(1));  // one event for all retries
  gateway.services.refuse = absl::OkStatus();
  gateway.RunFor(6s);
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24"));
}

// The event log names the sender of a refused frame once. The frame has no other effect.
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

TEST(ControllerTest, AMasterOnAPortWithoutLinkRemovesItsAddressAndReturnsAsBackup) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(5s);
  gateway.controller.OnPortNews({PortNews::Kind::kDown, PortId(0), "no link", {}}, gateway.Time());
  gateway.Turn();
  EXPECT_FALSE(gateway.services.Has("10.99.0.100/24"));
  EXPECT_THAT(gateway.Logged("transition").back(), HasSubstr("Master -> Initialize (port-down)"));
  gateway.controller.OnPortNews({PortNews::Kind::kUp, PortId(0), "", {}}, gateway.Time());
  gateway.Turn();
  EXPECT_THAT(gateway.Logged("transition").back(), HasSubstr("Initialize -> Backup (startup)"));
}

TEST(ControllerTest, TheEventLogSaysWhyAPortIsDownAndLcoresGetOneCommand) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.controller.OnPortNews({PortNews::Kind::kDown, PortId(0), "interface eth0 is administratively down", {}},
                                gateway.Time());
  EXPECT_THAT(gateway.controller.outbox().shard, SizeIs(1));
  gateway.controller.OnPortNews({PortNews::Kind::kDown, PortId(0), "interface eth0 was removed", {}}, gateway.Time());
  EXPECT_THAT(gateway.controller.outbox().shard, SizeIs(1));
  gateway.Turn();
  EXPECT_THAT(gateway.Logged("port"),
              ElementsAre("port lan: interface eth0 is administratively down", "port lan: interface eth0 was removed"));
}

TEST(ControllerTest, AMasterAnnouncesThePortsNewMacAndSendsFromIt) {
  const MacAddress mac = Mac("02:00:00:00:00:99");
  Gateway gateway;
  InstanceConfig other = AhInstance("virtual", 52);
  other.source_mac = SourceMac::kVirtual;
  other.virtual_addresses[0].prefix.address = Ip("10.99.0.200");
  gateway.Start(WithInstances({AhInstance(), other}));
  gateway.RunFor(20s);  // after the repeats
  gateway.controller.OnPortNews({PortNews::Kind::kMacChanged, PortId(0), "", mac}, gateway.Time());
  const std::vector<Sent> sent = gateway.RunFor(100ms);
  EXPECT_THAT(sent, Contains(IsGratuitousArp(Ip("10.99.0.100"), mac)));
  EXPECT_THAT(sent, Not(Contains(IsGratuitousArp(Ip("10.99.0.200"), VirtualMac(Family::kIpv4, Vrid(52))))));
  std::set<MacAddress> sources;
  for (const Sent& s : gateway.RunFor(5s)) {
    if (const auto advert = SeeAdvert(s.frame)) sources.insert(advert->source_mac);
  }
  EXPECT_EQ(sources, (std::set<MacAddress>{mac, VirtualMac(Family::kIpv4, Vrid(52))}));
  EXPECT_EQ(gateway.controller.view().registry.ports()[0].mac, mac);
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
  ASSERT_THAT(gateway.controller.not_started().entries(), ::testing::IsEmpty());
  gateway.RunFor(4s);
  EXPECT_THAT(gateway.services.links_up, ElementsAre("vrrp.2.51", "vrrp6.2.51"));
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24", "vrrp.2.51"));
  EXPECT_TRUE(gateway.services.Has("fe80::100/64", "vrrp6.2.51"));
  EXPECT_TRUE(gateway.services.Has("2001:db8::1/64", "vrrp6.2.51"));  // excluded addresses are added too
  gateway.Receive(PeerAdvert(50).Build());  // the IPv4 router has a master now, the IPv6 router has none
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

TEST(ControllerTest, AnAddressThatAnotherProgramRemovesIsAddedAgain) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(20s);
  RemoveAddress(gateway, "eth0");
  const std::vector<Sent> sent = gateway.RunFor(1ms);
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24"));
  EXPECT_THAT(gateway.Logged("address"), Contains(HasSubstr("removed by another program")));
}

InstanceConfig OnVirtualMac() {
  InstanceConfig config = AhInstance();
  config.source_mac = SourceMac::kVirtual;
  return config;
}

// The device of the virtual MAC is removed, and its address with it.
void RemoveDevice(Gateway& gateway) {
  gateway.services.removed_devices = {"vrrp.2.51"};
  gateway.services.links_up.clear();
  RemoveAddress(gateway, "vrrp.2.51");
}

TEST(ControllerTest, AVirtualMacDeviceThatAnotherProgramRemovesIsCreatedAgain) {
  Gateway gateway;
  gateway.Start(WithInstances({OnVirtualMac()}));
  gateway.RunFor(20s);
  RemoveDevice(gateway);
  const std::vector<Sent> sent = gateway.RunFor(1s);
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24", "vrrp.2.51"));
  EXPECT_THAT(gateway.services.links_up, ElementsAre("vrrp.2.51"));
  EXPECT_THAT(sent, Contains(IsGratuitousArp(Ip("10.99.0.100"), VirtualMac(Family::kIpv4, Vrid(51)))));
  EXPECT_THAT(gateway.Logged("address"),
              Contains(HasSubstr("vrrp.2.51 was removed by another program: created again")));
}

// eth0 was deleted and created again: the device is named after its ifindex.
TEST(ControllerTest, ARecreatedVirtualMacDeviceIsNamedAfterItsInterface) {
  Gateway gateway;
  gateway.Start(WithInstances({OnVirtualMac()}));
  gateway.RunFor(20s);
  gateway.services.restored_as = {{"vrrp.2.51", "vrrp.9.51"}};
  RemoveDevice(gateway);
  gateway.RunFor(1s);
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24", "vrrp.9.51"));
  EXPECT_FALSE(gateway.services.Has("10.99.0.100/24", "vrrp.2.51"));
  EXPECT_THAT(gateway.services.acquired, ElementsAre("vrrp.9.51"));
  EXPECT_THAT(gateway.Logged("address"),
              Contains(HasSubstr("vrrp.2.51 was removed by another program: created again as vrrp.9.51")));
  gateway.services.restored_as.clear();
  gateway.services.next_load.config = WithInstances({});
  gateway.controller.Reload(gateway.Time()).IgnoreError();
  gateway.RunFor(1s);
  EXPECT_THAT(gateway.services.acquired, IsEmpty());
}

TEST(ControllerTest, ADeviceThatCannotBeCreatedAgainIsReportedOnce) {
  Gateway gateway;
  InstanceConfig config = OnVirtualMac();
  config.address_loss = AddressLoss::kKeep;
  gateway.Start(WithInstances({config}));
  gateway.RunFor(20s);
  gateway.services.refuse_restoring = absl::NotFoundError("no eth0");
  RemoveDevice(gateway);
  gateway.RunFor(60s);
  const std::vector<std::string> told = gateway.Logged("address");
  EXPECT_EQ(std::count(told.begin(), told.end(), "vrrp.2.51 was removed by another program: no eth0"), 1);
  gateway.services.refuse_restoring = absl::OkStatus();
  gateway.RunFor(11s);
  EXPECT_TRUE(gateway.services.Has("10.99.0.100/24", "vrrp.2.51"));
}

// No address without mastership, even if the kernel added it and its answer was lost.
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

// It resigned and became master again before control polled: the address was never removed, so control need not wait.
TEST(ControllerTest, AnAddressThatIsStillProgrammedIsAnnouncedAtOnce) {
  Gateway gateway;
  gateway.Start(WithInstances({AhInstance()}));
  gateway.RunFor(20s);
  ManagedInstance& instance = *gateway.controller.FindInstance("gw");
  gateway.controller.orders().Resign({&instance}, gateway.Time());
  gateway.controller.orders().Takeover({&instance}, gateway.Time());
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

TEST(ControllerTest, AVirtualMacDeviceLeftUpByACrashedRunIsSetDown) {
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
  gateway.controller.OnPortNews({PortNews::Kind::kDown, PortId(0), "no link", {}}, gateway.Time());
  gateway.Start(WithInstances({AhInstance()}));
  EXPECT_THAT(gateway.Ask("show instance gw --json").body, HasSubstr(R"("since":null)"));
  EXPECT_THAT(gateway.Ask("show instances --json").body, HasSubstr(R"("since":null)"));
}

// One forged frame for each of many instances must not fill the log.
TEST(ControllerTest, NoticesOfFramesAreLimitedForAllInstancesTogether) {
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
              "155 more notices of frames left out in 10 s; see show drops, diagnose");
  }
}

// A port that is down is recorded before the instances start.
TEST(ControllerTest, TheFirstEventOfARunFollowsTheLastOfTheRunBefore) {
  FakeServices services;
  const ControlTime time{kTestStart, 1'700'000'000'000};
  for (const uint64_t number : {1, 2}) {
    Controller controller(services, {{.name = "lan", .id = PortId(0), .mac = kPortMac}}, {}, "none", time);
    controller.OnPortNews({PortNews::Kind::kDown, PortId(0), "no carrier", {}}, time);
    EXPECT_EQ(controller.events().last_number(), number);
  }
}

}  // namespace
}  // namespace dpvrrp
