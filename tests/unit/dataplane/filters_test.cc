// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/filters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dpvrrp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr MacAddress kV4Group{{0x01, 0x00, 0x5e, 0, 0, 0x12}};
constexpr MacAddress kV6Group{{0x33, 0x33, 0, 0, 0, 0x12}};

constexpr IpAddress V6(uint8_t b13, uint8_t b14, uint8_t b15) {
  return IpAddress::V6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, b13, b14, b15});
}

// As VirtualRouter's constructor completes it.
VirtualRouterConfig Config(IpAddress source, IpAddress vip) {
  VirtualRouterConfig config;
  config.vrid = Vrid(51);
  config.machine.source = source;
  config.addresses = {vip};
  config.group = VrrpGroup(config.family());
  return config;
}
VirtualRouterConfig Ipv4() { return Config(IpAddress::V4(0x0a630002), IpAddress::V4(0x0a630064)); }
VirtualRouterConfig Ipv6() { return Config(V6(0, 0, 2), V6(1, 2, 0x51)); }

TEST(WantedFramesTest, TheVrrpGroupIsAlwaysWanted) {
  WantedFrames wanted;
  EXPECT_THAT(wanted.groups(), ElementsAre(kV4Group));
  EXPECT_THAT(wanted.virtual_macs(), IsEmpty());
  wanted.Remove(Ipv4());  // never added
  EXPECT_THAT(wanted.groups(), ElementsAre(kV4Group));
}

TEST(WantedFramesTest, WithoutAResponderItIsTheInstancesGroup) {
  WantedFrames wanted;
  wanted.Add(Ipv6());
  EXPECT_THAT(wanted.groups(), ElementsAre(kV4Group, kV6Group));
  VirtualRouterConfig other = Ipv4();
  other.group = IpAddress::V4(0xefff0203);  // 239.255.2.3: 23 bits of it
  wanted.Add(other);
  EXPECT_THAT(wanted.groups(), UnorderedElementsAre(kV4Group, kV6Group, MacAddress{{0x01, 0x00, 0x5e, 0x7f, 2, 3}}));
}

TEST(WantedFramesTest, AKernelJoinsTheGroupsThatNoRouterReports) {
  WantedFrames wanted;
  VirtualRouterConfig v4 = Ipv4(), v6 = Ipv6();
  wanted.Add(v4);
  wanted.Add(v4);
  wanted.Add(v6);
  EXPECT_THAT(wanted.kernel_groups(), UnorderedElementsAre(v4.group, v6.group));
  wanted.Remove(v4);
  EXPECT_THAT(wanted.kernel_groups(), UnorderedElementsAre(v4.group, v6.group));
  wanted.Remove(v4);
  wanted.Remove(v6);
  EXPECT_THAT(wanted.kernel_groups(), IsEmpty());

  v4.reports_group = true;
  v6.responder = true;
  VirtualRouterConfig unicast = Ipv4();
  unicast.unicast_peers.emplace_back();
  for (const VirtualRouterConfig* config : {&v4, &v6, &unicast}) wanted.Add(*config);
  EXPECT_THAT(wanted.kernel_groups(), IsEmpty());
}

TEST(WantedFramesTest, WhatReportsItsGroupHearsQueries) {
  WantedFrames wanted;
  VirtualRouterConfig v4 = Ipv4(), v6 = Ipv6();
  v4.reports_group = v6.reports_group = true;
  wanted.Add(v4);
  wanted.Add(v6);
  EXPECT_THAT(wanted.groups(), UnorderedElementsAre(kV4Group, MacAddress{{0x01, 0x00, 0x5e, 0, 0, 1}}, kV6Group,
                                                    MacAddress{{0x33, 0x33, 0, 0, 0, 1}}));
}

TEST(WantedFramesTest, AResponderHearsQueriesAndSolicitations) {
  WantedFrames wanted;
  VirtualRouterConfig v4 = Ipv4(), v6 = Ipv6();
  v4.responder = v6.responder = true;
  wanted.Add(v4);
  EXPECT_THAT(wanted.groups(), UnorderedElementsAre(kV4Group, MacAddress{{0x01, 0x00, 0x5e, 0, 0, 1}}));
  wanted.Remove(v4);
  wanted.Add(v6);
  EXPECT_THAT(wanted.groups(), UnorderedElementsAre(kV4Group, kV6Group, MacAddress{{0x33, 0x33, 0, 0, 0, 1}},
                                                    MacAddress{{0x33, 0x33, 0xff, 0, 0, 2}},
                                                    MacAddress{{0x33, 0x33, 0xff, 1, 2, 0x51}}));
}

TEST(WantedFramesTest, AUnicastInstanceIsAskedForByItsPeers) {
  WantedFrames wanted;
  VirtualRouterConfig v6 = Ipv6();
  v6.unicast_peers = {{.address = V6(0, 0, 1), .next_hop = V6(0, 0, 1)}};
  wanted.Add(v6);
  EXPECT_THAT(wanted.groups(), ElementsAre(kV4Group, MacAddress{{0x33, 0x33, 0xff, 0, 0, 2}}));
}

TEST(WantedFramesTest, AVirtualMacIsWantedByTheRoutersThatHaveItAsSource) {
  WantedFrames wanted;
  VirtualRouterConfig v4 = Ipv4(), v6 = Ipv6();
  v4.source_mac = MacAddress{{2, 0, 0, 0, 0, 1}};
  v6.source_mac = VirtualMac(Family::kIpv6, Vrid(51));
  wanted.Add(v4);
  wanted.Add(v6);
  EXPECT_THAT(wanted.virtual_macs(), ElementsAre(v6.source_mac));
}

TEST(WantedFramesTest, AMoveToAnotherVridWantsBothMacsMeanwhile) {
  const MacAddress old_mac = VirtualMac(Family::kIpv4, Vrid(51)), new_mac = VirtualMac(Family::kIpv4, Vrid(61));
  const auto config = [&] {
    VirtualRouterConfig c = Ipv4();
    c.source_mac = old_mac;
    return c;
  };
  WantedFrames wanted;
  VirtualRouter router(config());
  wanted.Add(router.config);
  wanted.AddMac(new_mac);
  wanted.AddMac(MacAddress{});  // of an instance without a virtual MAC
  EXPECT_THAT(wanted.virtual_macs(), UnorderedElementsAre(old_mac, new_mac));
  router.next_mac = new_mac;
  wanted.Remove(router);  // in the middle of it
  EXPECT_THAT(wanted.virtual_macs(), IsEmpty());

  wanted.Add(router.config);
  wanted.AddMac(new_mac);
  router.former_mac = std::exchange(router.config.source_mac, std::exchange(router.next_mac, MacAddress{}));
  router.config.vrid = Vrid(61);
  wanted.Remove(router);  // just after
  EXPECT_THAT(wanted.virtual_macs(), IsEmpty());
}

// The same VRID on other VLANs of the port: one place in its table.
TEST(WantedFramesTest, AnAddressStaysUntilItsLastUserIsRemoved) {
  WantedFrames wanted;
  VirtualRouterConfig config = Ipv6();
  config.source_mac = VirtualMac(Family::kIpv6, Vrid(51));
  wanted.Add(config);
  EXPECT_TRUE(wanted.TakeGroupsChanged() && wanted.TakeMacsChanged());
  wanted.Add(config);
  wanted.Remove(config);
  EXPECT_FALSE(wanted.TakeGroupsChanged() || wanted.TakeMacsChanged());
  EXPECT_THAT(wanted.groups(), ElementsAre(kV4Group, kV6Group));
  wanted.Remove(config);
  EXPECT_TRUE(wanted.TakeGroupsChanged() && wanted.TakeMacsChanged());
  EXPECT_THAT(wanted.groups(), ElementsAre(kV4Group));
  EXPECT_THAT(wanted.virtual_macs(), IsEmpty());
}

}  // namespace
}  // namespace dpvrrp
