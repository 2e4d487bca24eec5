// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/virtual_mac_device.h"

#include "absl/strings/str_cat.h"
#include "kernel_fixture.h"

namespace dpvrrp {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Conformance V3-15: one VRID of two families is two devices.
TEST(VirtualMacDeviceNameTest, CarriesFamilyParentAndVrid) {
  EXPECT_EQ(VirtualMacDeviceName(2, Family::kIpv4, Vrid(51)).value(), "vrrp.2.51");
  EXPECT_EQ(VirtualMacDeviceName(2, Family::kIpv6, Vrid(51)).value(), "vrrp6.2.51");
  EXPECT_EQ(VirtualMacDeviceName(999999, Family::kIpv4, Vrid(255)).value(), "vrrp.999999.255");
  EXPECT_EQ(VirtualMacDeviceName(99999, Family::kIpv6, Vrid(255)).value(), "vrrp6.99999.255");
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    EXPECT_EQ(VirtualMacDeviceName(1000000, family, Vrid(255)).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(VirtualMacDeviceNameTest, OnlyOursAreOurs) {
  EXPECT_EQ(MacOfVirtualMacDevice("vrrp.2.51"), VirtualMac(Family::kIpv4, Vrid(51)));
  EXPECT_EQ(MacOfVirtualMacDevice("vrrp6.2.51"), VirtualMac(Family::kIpv6, Vrid(51)));
  for (const char* name : {"vrrp.51", "vrrp.2.51.3", "vrrp.2.0", "vrrp.2.256", "vrrp.02.51", "vrrp.2.", "vrrp4.2.51",
                           "vrrp6.2.0", "vrrp66.2.51", "vrrp62.51", "eth0", ""}) {
    EXPECT_EQ(MacOfVirtualMacDevice(name), std::nullopt) << name;
  }
}

class VirtualMacDeviceTest : public KernelFixture {
 protected:
  absl::StatusOr<std::string> Ensure(Vrid vrid = Vrid(7), Family family = Family::kIpv4) {
    return host_->EnsureVirtualMacDevice("veth0", family, vrid);
  }
};

using LinkCounterTest = KernelFixture;

TEST_F(LinkCounterTest, CountsWhatADeviceReceives) {
  EXPECT_TRUE(absl::IsNotFound(host_->ReceivedFrames("nowhere").status()));
  const uint64_t before = host_->ReceivedFrames("veth1").value();
  Shell("ip addr add 10.0.0.1/24 dev veth0 && ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:01 dev veth0");
  Shell("bash -c 'for i in 1 2 3; do echo > /dev/udp/10.0.0.2/9; done'");
  EXPECT_GE(host_->ReceivedFrames("veth1").value(), before + 3);
}

TEST_F(VirtualMacDeviceTest, IsMadeDownOverItsParentWithTheMac) {
  const HostLink parent = host_->FindLink("veth0").value();
  const absl::StatusOr<std::string> device = Ensure();
  ASSERT_TRUE(device.ok()) << device.status();
  EXPECT_EQ(*device, absl::StrCat("vrrp.", parent.index, ".7"));
  const HostLink link = host_->FindLink(*device).value();
  EXPECT_EQ(ToString(link.mac), "00:00:5e:00:01:07");
  EXPECT_FALSE(link.up);
  Shell(absl::StrCat("ip -d link show ", *device, " | grep -q 'macvlan mode bridge'"));
}

// V3-14, V3-15.
TEST_F(VirtualMacDeviceTest, EachFamilyHasItsOwn) {
  const std::string v4 = Ensure().value(), v6 = Ensure(Vrid(7), Family::kIpv6).value();
  EXPECT_NE(v4, v6);
  EXPECT_EQ(ToString(host_->FindLink(v4)->mac), "00:00:5e:00:01:07");
  EXPECT_EQ(ToString(host_->FindLink(v6)->mac), "00:00:5e:00:02:07");
  EXPECT_THAT(host_->ListVirtualMacDevices().value(), ElementsAre(v4, v6));
  EXPECT_EQ(host_->RemoveVirtualMacDevice(v4), absl::OkStatus());
  EXPECT_THAT(host_->ListVirtualMacDevices().value(), ElementsAre(v6));
  EXPECT_EQ(host_->RemoveVirtualMacDevice(v6), absl::OkStatus());
}

// V3-16, V3-132: no address made of the virtual MAC, no DAD, and all of it again after a crash.
TEST_F(VirtualMacDeviceTest, Ipv6AddressesAreThoseThatWeAddAndSurviveACrash) {
  const std::string device = Ensure(Vrid(7), Family::kIpv6).value();
  EXPECT_EQ(ReadSysctl("ipv6/conf/" + device + "/addr_gen_mode"), "1");
  EXPECT_EQ(ReadSysctl("ipv6/conf/" + device + "/accept_dad"), "0");
  EXPECT_EQ(ReadSysctl("ipv6/conf/" + device + "/accept_ra"), "0");
  ASSERT_TRUE(Ask(HostOp::kSetLinkUp, device).ok());
  ASSERT_TRUE(Ask(HostOp::kAddAddress, device, "fe80::100/64").ok());
  ASSERT_TRUE(Ask(HostOp::kAddAddress, device, "2001:db8::100/64").ok());
  Shell("test \"$(ip -o -6 addr show dev " + device + " | wc -l)\" = 2");
  Shell("! ip -6 addr show dev " + device + " | grep -q tentative");

  host_ = NetlinkHost::Open().value();
  const std::vector<HostAddress> all = host_->ListAddresses().value();
  EXPECT_THAT(all, Contains(AllOf(Field(&HostAddress::device, device), Field(&HostAddress::ours, true),
                                  Field(&HostAddress::prefix, Prefix("fe80::100/64")))));
  EXPECT_THAT(AddressesOf(device), ElementsAre("2001:db8::100/64 ours"));
  EXPECT_EQ(Ensure(Vrid(7), Family::kIpv6).value(), device);
  EXPECT_EQ(Ask(HostOp::kAddAddress, device, "fe80::100/64"), absl::OkStatus());
  EXPECT_EQ(Ask(HostOp::kRemoveAddress, device, "fe80::100/64"), absl::OkStatus());
  EXPECT_EQ(Ask(HostOp::kRemoveAddress, device, "2001:db8::100/64"), absl::OkStatus());
  Shell("test -z \"$(ip -6 addr show dev " + device + ")\"");
}

TEST_F(VirtualMacDeviceTest, Ipv6IsOnEvenIfNewDevicesHaveItOff) {
  WriteSysctl("ipv6/conf/default/disable_ipv6", 1);
  const std::string device = Ensure(Vrid(7), Family::kIpv6).value();
  ASSERT_TRUE(Ask(HostOp::kSetLinkUp, device).ok());
  EXPECT_EQ(Ask(HostOp::kAddAddress, device, "2001:db8::100/64"), absl::OkStatus());
  Shell("test \"$(ip -o -6 addr show dev " + device + " | wc -l)\" = 1");
  EXPECT_EQ(ReadSysctl("ipv6/conf/" + Ensure(Vrid(7)).value() + "/disable_ipv6"), "1") << "IPv4's is not asked";
}

// The kernel removes the IPv6 addresses of a link that is administratively down, and reports it. The events cause them
// to be added again.
TEST_F(VirtualMacDeviceTest, Ipv6AddressesGoWithTheLinkAndCanBePutBackWhileItIsDown) {
  ASSERT_TRUE(Ask(HostOp::kAddAddress, "veth0", "2001:db8::100/64").ok());
  Shell("ip link set veth0 down");
  EXPECT_TRUE(WaitForEvent(HostEvent::Kind::kAddressRemoved, "veth0", Prefix("2001:db8::100/64")));
  EXPECT_EQ(Ask(HostOp::kAddAddress, "veth0", "2001:db8::100/64"), absl::OkStatus());
  Shell("ip link set veth0 up");
  EXPECT_THAT(AddressesOf("veth0"), ElementsAre("2001:db8::100/64 ours"));
}

TEST_F(VirtualMacDeviceTest, SettingsAreAsTheHeaderSays) {
  WriteSysctl("ipv4/conf/veth0/arp_ignore", 2);  // an operator's stricter choice stays
  const std::string device = Ensure().value();
  EXPECT_EQ(ReadSysctl("ipv4/conf/veth0/arp_ignore"), "2");
  EXPECT_EQ(ReadSysctl("ipv4/conf/veth0/arp_announce"), "2");
  EXPECT_EQ(ReadSysctl("ipv4/conf/" + device + "/arp_ignore"), "1");
  EXPECT_EQ(ReadSysctl("ipv4/conf/" + device + "/arp_announce"), "2");
  EXPECT_EQ(ReadSysctl("ipv4/conf/" + device + "/rp_filter"), "2");
  EXPECT_EQ(ReadSysctl("ipv4/conf/" + device + "/promote_secondaries"), "1");
  EXPECT_EQ(ReadSysctl("ipv6/conf/" + device + "/accept_ra"), "0");
}

TEST_F(VirtualMacDeviceTest, HasNoAddressOfItsOwnWhenUp) {
  const std::string device = Ensure().value();
  ASSERT_TRUE(Ask(HostOp::kSetLinkUp, device).ok());
  ASSERT_TRUE(Ask(HostOp::kAddAddress, device, "10.0.0.100/24").ok());
  ASSERT_TRUE(WaitForEvent(HostEvent::Kind::kAddressAdded, device, Prefix("10.0.0.100/24")));
  Shell("test -z \"$(ip -6 addr show dev " + device + ")\"");
  EXPECT_TRUE(Ask(HostOp::kAddAddress, device, "2001:db8::100/64").ok());  // but IPv6 is not switched off
}

TEST_F(VirtualMacDeviceTest, SecondEnsureLeavesItAsItIs) {
  const std::string device = Ensure().value();
  ASSERT_TRUE(Ask(HostOp::kSetLinkUp, device).ok());
  ASSERT_TRUE(Ask(HostOp::kAddAddress, device, "10.0.0.100/24").ok());
  const HostLink before = host_->FindLink(device).value();
  host_ = NetlinkHost::Open().value();
  EXPECT_EQ(Ensure().value(), device);
  EXPECT_EQ(host_->FindLink(device)->index, before.index);
  EXPECT_THAT(AddressesOf(device), ElementsAre("10.0.0.100/24 ours"));
}

TEST_F(VirtualMacDeviceTest, WrongMacModeOrKindIsRemade) {
  const std::string device = Ensure().value();
  for (const std::string& wrong :
       {std::string("link veth0 type macvlan mode bridge"),
        std::string("link veth0 address 00:00:5e:00:01:07 type macvlan mode vepa"),
        std::string("link veth1 address 00:00:5e:00:01:07 type macvlan mode bridge"), std::string("type bridge")}) {
    Shell("ip link del " + device);
    const std::string parent_first = wrong.rfind("link ", 0) == 0 ? wrong.substr(0, 11) : "";
    Shell("ip link add " + parent_first + "name " + device + " " + wrong.substr(parent_first.size()));
    const HostLink before = host_->FindLink(device).value();
    EXPECT_EQ(Ensure().value(), device) << wrong;
    EXPECT_NE(host_->FindLink(device)->index, before.index) << wrong;
    EXPECT_EQ(ToString(host_->FindLink(device)->mac), "00:00:5e:00:01:07") << wrong;
  }
}

TEST_F(VirtualMacDeviceTest, LeftoversAreListedAndRemoved) {
  const std::string seven = Ensure(Vrid(7)).value(), eight = Ensure(Vrid(8)).value();
  Shell("ip link add link veth0 name vrrp.9 address 00:00:5e:00:01:09 type macvlan mode bridge");
  Shell("ip link add link veth0 name vrrp.9.9 address 02:00:5e:00:01:09 type macvlan mode bridge");
  Shell("ip link add link veth0 name vrrp6.9.9 address 00:00:5e:00:01:09 type macvlan mode bridge");
  host_ = NetlinkHost::Open().value();
  EXPECT_THAT(host_->ListVirtualMacDevices().value(), ElementsAre(seven, eight));
  EXPECT_EQ(host_->RemoveVirtualMacDevice(seven), absl::OkStatus());
  EXPECT_EQ(host_->RemoveVirtualMacDevice(eight), absl::OkStatus());
  EXPECT_THAT(host_->ListVirtualMacDevices().value(), IsEmpty());
  EXPECT_EQ(host_->RemoveVirtualMacDevice(seven).code(), absl::StatusCode::kNotFound);
}

TEST_F(VirtualMacDeviceTest, ADeviceOfAnotherProgramIsNotRemoved) {
  EXPECT_EQ(host_->RemoveVirtualMacDevice("veth0").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(host_->FindLink("veth0").ok());
}

TEST_F(VirtualMacDeviceTest, UnknownParentIsNotFoundWithItsName) {
  const absl::Status status = host_->EnsureVirtualMacDevice("nowhere", Family::kIpv4, Vrid(7)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("nowhere"));
}

// netlink_host.h, "Routes".
TEST_F(VirtualMacDeviceTest, AddressBringsNoSecondConnectedRoute) {
  Shell("ip addr add 10.0.0.1/24 dev veth0");
  const std::string device = Ensure().value();
  ASSERT_TRUE(Ask(HostOp::kSetLinkUp, device).ok());
  ASSERT_TRUE(Ask(HostOp::kAddAddress, device, "10.0.0.100/24").ok());
  ASSERT_TRUE(Ask(HostOp::kAddAddress, device, "2001:db8::100/64").ok());
  ASSERT_TRUE(Ask(HostOp::kAddAddress, device, "fe80::100/64").ok());
  Shell("test \"$(ip -o route show 10.0.0.0/24 | wc -l)\" = 1");
  Shell("ip -o route show 10.0.0.0/24 | grep -q 'dev veth0'");
  Shell("test -z \"$(ip -6 -o route show 2001:db8::/64)\"");
  Shell("ip -6 -o route show fe80::/64 dev " + device + " | grep -q fe80");
}

}  // namespace
}  // namespace dpvrrp
