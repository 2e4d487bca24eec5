// SPDX-License-Identifier: BSD-3-Clause
#include "control/addresses/outlets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/fake_services.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Outlet kOnPort{true, ""};

class OutletsTest : public testing::Test {
 protected:
  // Of an address on each of these devices.
  Outlets On(std::vector<std::string> devices) {
    config_.virtual_addresses.clear();
    for (const std::string& device : devices) {
      config_.virtual_addresses.push_back({*ParseIpPrefix("10.99.0.100/24"), device});
    }
    return OutletsOf(config_, port_, [](const std::string& device) { return device != "lo" && device != "dummy0"; });
  }

  InstanceConfig config_ = AhInstance();
  PortBinding port_{.name = "lan", .id = PortId(0), .mac = MacAddress{}, .interfaces = {"eth0"}};
};

TEST_F(OutletsTest, ThePortAnnouncesWhatIsOnItsInterfaceOrOnNone) {
  EXPECT_THAT(On({"eth0"}), IsEmpty());
  EXPECT_THAT(On({"", "eth0"}), IsEmpty());
}

TEST_F(OutletsTest, AnotherDeviceAnnouncesItself) {
  EXPECT_THAT(On({"eth0", "eth1", "", "br0"}),
              ElementsAre(kOnPort, Outlet{false, "eth1"}, kOnPort, Outlet{false, "br0"}));
}

TEST_F(OutletsTest, AVlanDeviceIsThePortsForAnInstanceWithItsTags) {
  EXPECT_THAT(On({"eth0.100"}), ElementsAre(Outlet{false, "eth0.100"}));
  config_.vlan = {100, 0};
  EXPECT_THAT(On({"eth0.100"}), IsEmpty());
  EXPECT_THAT(On({"eth0"}), ElementsAre(Outlet{false, "eth0"}));
  EXPECT_THAT(On({"eth0.101"}), ElementsAre(Outlet{false, "eth0.101"}));
  config_.vlan = {100, 7};
  EXPECT_THAT(On({"eth0.100.7"}), IsEmpty());
}

// The kernel answers on eth0 for an address of the loopback.
TEST_F(OutletsTest, ADeviceWithoutNeighboursIsLeftToThePort) { EXPECT_THAT(On({"lo", "dummy0"}), IsEmpty()); }

TEST_F(OutletsTest, BothInterfacesOfAPortAreThePorts) {
  port_.interfaces = {"rx0", "tx0"};
  EXPECT_THAT(On({"rx0", "tx0"}), IsEmpty());
}

// A port of DPDK and a device of the same segment would show the switch one virtual MAC at two of its ports.
TEST_F(OutletsTest, BesideANicOfDpdkAnAddressOfTheSourcesSubnetIsAnnouncedByThePort) {
  port_.interfaces.clear();
  EXPECT_THAT(On({"eth0", "lo", ""}), IsEmpty());
}

TEST_F(OutletsTest, BesideANicOfDpdkBothAnnounceAnAddressOfAnotherSubnet) {
  port_.interfaces.clear();
  config_.source_address = IpAddress::V4(0x0a620002);  // 10.98.0.2
  EXPECT_THAT(On({"eth0", "lo", ""}), ElementsAre(Outlet{true, "eth0"}, kOnPort, kOnPort));
}

TEST_F(OutletsTest, BesideANicOfDpdkThePortAnnouncesIpv6) {
  port_.interfaces.clear();
  config_.source_address = *ParseIpAddress("fe80::2");
  config_.virtual_addresses = {{*ParseIpPrefix("2001:db8::100/64"), "eth1"}};
  EXPECT_THAT(OutletsOf(config_, port_, [](const std::string&) { return true; }), IsEmpty());
}

}  // namespace
}  // namespace dpvrrp
