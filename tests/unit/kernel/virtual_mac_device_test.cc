// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/virtual_mac_device.h"

#include "absl/strings/str_cat.h"
#include "kernel_fixture.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(VirtualMacDeviceNameTest, CarriesParentAndVrid) {
  EXPECT_EQ(VirtualMacDeviceName(2, Vrid(51)).value(), "vrrp.2.51");
  EXPECT_EQ(VirtualMacDeviceName(999999, Vrid(255)).value(), "vrrp.999999.255");
  EXPECT_EQ(VirtualMacDeviceName(1000000, Vrid(255)).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(VirtualMacDeviceNameTest, OnlyOursAreOurs) {
  EXPECT_TRUE(IsVirtualMacDeviceName("vrrp.2.51"));
  for (const char* name : {"vrrp.51", "vrrp.2.51.3", "vrrp.2.0", "vrrp.2.256", "vrrp.02.51", "vrrp.2.", "eth0", ""}) {
    EXPECT_FALSE(IsVirtualMacDeviceName(name)) << name;
  }
}

class VirtualMacDeviceTest : public KernelFixture {
 protected:
  absl::StatusOr<std::string> Ensure(Vrid vrid = Vrid(7)) {
    return host_->EnsureVirtualMacDevice("veth0", vrid, VirtualMac(Family::kIpv4, vrid));
  }
};

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
  host_ = NetlinkHost::Open().value();
  EXPECT_THAT(host_->ListVirtualMacDevices().value(), ElementsAre(seven, eight));
  EXPECT_EQ(host_->RemoveVirtualMacDevice(seven), absl::OkStatus());
  EXPECT_EQ(host_->RemoveVirtualMacDevice(eight), absl::OkStatus());
  EXPECT_THAT(host_->ListVirtualMacDevices().value(), IsEmpty());
  EXPECT_EQ(host_->RemoveVirtualMacDevice(seven).code(), absl::StatusCode::kNotFound);
}

TEST_F(VirtualMacDeviceTest, SomebodyElsesDeviceIsNotRemoved) {
  EXPECT_EQ(host_->RemoveVirtualMacDevice("veth0").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(host_->FindLink("veth0").ok());
}

TEST_F(VirtualMacDeviceTest, UnknownParentIsNotFoundWithItsName) {
  const absl::Status status =
      host_->EnsureVirtualMacDevice("nowhere", Vrid(7), VirtualMac(Family::kIpv4, Vrid(7))).status();
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
