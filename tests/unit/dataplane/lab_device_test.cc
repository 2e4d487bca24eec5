// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/lab_device.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"

namespace dpvrrp {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

// A machine: eth0 is physical, br0 has eth0 as a port, lab0 stands on nothing, up0 and up6 have default routes.
class LabDeviceTest : public testing::Test {
 protected:
  LabDeviceTest() : root_(fs::path(testing::TempDir()) / absl::StrCat("lab_device_", getpid())) {
    for (const char* folder :
         {"eth0/device", "br0/lower_eth0", "br0/upper_x", "bond/lower_br0", "lab0", "up0", "up6"}) {
      fs::create_directories(root_ / "sys/class/net" / folder);
    }
    fs::create_directories(root_ / "proc/net");
    std::ofstream(root_ / "proc/net/route")
        << "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
           "lab0\t0063630A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
           "up0\t00000000\t0163630A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n";
    std::ofstream(root_ / "proc/net/ipv6_route")
        << "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
           "fe800000000000000000000000000001 00000400 00000001 00000000 00000003      up6\n"
           "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 "
           "00000000000000000000000000000000 00000100 00000001 00000000 00000001     lab0\n";
  }
  ~LabDeviceTest() override { fs::remove_all(root_); }

  std::string Refusal(absl::string_view device) { return std::string(CheckIsLab(device, root_).message()); }

  fs::path root_;
};

TEST_F(LabDeviceTest, AcceptsWhatStaysOnTheMachine) {
  for (const char* device : {"net_null0", "net_ring0", "net_memif0,socket=/tmp/m", "net_pcap0,tx_pcap=out.pcap",
                             "net_af_packet0,iface=lab0", "net_tap0,iface=new0", "net_af_xdp0,iface=lab0"}) {
    EXPECT_EQ(Refusal(device), "") << device;
  }
}

TEST_F(LabDeviceTest, RefusesPciAndUnknownDrivers) {
  EXPECT_THAT(Refusal("0000:3b:00.0"), HasSubstr("device '0000:3b:00.0': is a PCI device"));
  EXPECT_THAT(Refusal("3b:00.0,queues=1"), HasSubstr("is a PCI device"));
  EXPECT_THAT(Refusal("net_bonding0,slave=0000:3b:00.0"), HasSubstr("is not a virtual device that is known"));
  EXPECT_THAT(Refusal("eth0"), HasSubstr("is not a virtual device that is known"));
}

TEST_F(LabDeviceTest, RefusesPhysicalInterfacesAndWhatStandsOnThem) {
  EXPECT_THAT(Refusal("net_af_packet0,iface=eth0"), HasSubstr("eth0 is a physical interface"));
  EXPECT_THAT(Refusal("net_pcap0,iface=br0"), HasSubstr("br0 stands on the physical interface eth0"));
  EXPECT_THAT(Refusal("net_af_packet0,iface=bond"), HasSubstr("bond stands on the physical interface eth0"));
  EXPECT_THAT(Refusal("net_tap0,iface=new0,remote=eth0"), HasSubstr("eth0 is a physical interface"));
}

TEST_F(LabDeviceTest, RefusesTheWayToEverywhere) {
  EXPECT_THAT(Refusal("net_af_packet0,iface=up0"), HasSubstr("up0 has the default route"));
  EXPECT_THAT(Refusal("net_af_packet0,iface=up6"), HasSubstr("up6 has the default route"));
  EXPECT_THAT(Refusal("net_af_packet0,iface=up6"), HasSubstr("--i-own-this-network"));
}

}  // namespace
}  // namespace dpvrrp
