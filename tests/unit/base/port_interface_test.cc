// SPDX-License-Identifier: BSD-3-Clause
#include "base/port_interface.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> NamesOf(absl::string_view device) { return PortInterfacesOf(device).names; }

TEST(PortInterfacesTest, PacketSocketsStandOnTheirInterface) {
  const PortInterfaces af_packet = PortInterfacesOf("net_af_packet0,iface=eth0,qpairs=2");
  EXPECT_THAT(af_packet.names, ElementsAre("eth0"));
  EXPECT_TRUE(af_packet.lend_mac);
  EXPECT_TRUE(af_packet.shared);
  EXPECT_TRUE(af_packet.takes_filter);
  EXPECT_FALSE(af_packet.made_by_driver);
  EXPECT_THAT(NamesOf("net_af_packet_lan,blocksz=4096,iface=eth0.7"), ElementsAre("eth0.7"));
  EXPECT_THAT(NamesOf("eth_af_packet0,iface=eth0"), ElementsAre("eth0"));
}

TEST(PortInterfacesTest, TheKernelSeesNothingOfWhatAnXdpProgramTakes) {
  const PortInterfaces af_xdp = PortInterfacesOf("net_af_xdp0,iface=eth0");
  EXPECT_THAT(af_xdp.names, ElementsAre("eth0"));
  EXPECT_TRUE(af_xdp.lend_mac);
  EXPECT_FALSE(af_xdp.shared);
  EXPECT_FALSE(af_xdp.takes_filter);
}

TEST(PortInterfacesTest, PcapMayHaveTwoInterfacesOrNone) {
  EXPECT_THAT(NamesOf("net_pcap0,iface=eth0"), ElementsAre("eth0"));
  EXPECT_FALSE(PortInterfacesOf("net_pcap0,iface=eth0").takes_filter);
  EXPECT_FALSE(PortInterfacesOf("net_pcap0,iface=eth0").lend_mac);  // the driver makes one up
  EXPECT_TRUE(PortInterfacesOf("net_pcap0,iface=eth0,phy_mac=1").lend_mac);
  EXPECT_THAT(NamesOf("net_pcap0,rx_iface=eth0,tx_iface=eth1"), ElementsAre("eth0", "eth1"));
  EXPECT_THAT(NamesOf("net_pcap0,rx_iface_in=eth0,tx_iface=eth0"), ElementsAre("eth0"));
  EXPECT_THAT(NamesOf("net_pcap0,rx_pcap=in.pcap,tx_pcap=out.pcap"), IsEmpty());
}

TEST(PortInterfacesTest, TapIsMadeByItsDriver) {
  const PortInterfaces tap = PortInterfacesOf("net_tap0,iface=tap7");
  EXPECT_THAT(tap.names, ElementsAre("tap7"));
  EXPECT_TRUE(tap.made_by_driver);
  EXPECT_TRUE(tap.lend_mac);
  EXPECT_FALSE(tap.shared);
  EXPECT_THAT(NamesOf("net_tap3"), ElementsAre("dtap3"));
  EXPECT_EQ(PortInterfacesOf("net_tap0,iface=tap7,remote=eth0").remote, "eth0");
}

TEST(PortInterfacesTest, VirtioUserStandsOnATapOnlyWithVhostNet) {
  EXPECT_THAT(NamesOf("net_virtio_user0,path=/dev/vhost-net,iface=tap0"), ElementsAre("tap0"));
  EXPECT_FALSE(PortInterfacesOf("virtio_user0,path=/dev/vhost-net,iface=tap0").lend_mac);
  EXPECT_THAT(NamesOf("net_virtio_user0,path=/run/vhost.sock,iface=tap0"), IsEmpty());
}

TEST(PortInterfacesTest, OthersStandOnNone) {
  for (const char* device : {"0000:3b:00.0", "3b:00.0,iface=eth0", "net_memif0,role=client,id=0", "net_ring0",
                             "net_null0", "net_af_packet0", "net_af_packet0,iface=", ""}) {
    EXPECT_EQ(PortInterfacesOf(device), PortInterfaces{}) << device;
  }
}

}  // namespace
}  // namespace dpvrrp
