// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/host_frames.h"

#include <gtest/gtest.h>

#include "support/reference.h"
#include "support/seen_frame.h"
#include "wire/mld.h"
#include "wire/ndisc.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;

const TrafficHost kHost{{{0x02, 0, 0x0a, 0x63, 0, 0x0a}}, IpAddress::V4(0x0a63000a)};
const TrafficHost kOther{{{0x02, 0, 0x0a, 0x63, 0, 0x0b}}, IpAddress::V4(0x0a63000b)};
const TrafficHost kHost6{kHost.mac, Ip("fe80::a")};
const TrafficHost kOther6{kOther.mac, Ip("fe80::b")};

TEST(HostFramesTest, ArpAsInRfc826) {
  EXPECT_EQ(ToHex(ArpRequest(kHost, kOther.address)),
            "ffffffffffff02000a63000a0806"
            "0001080006040001"
            "02000a63000a0a63000a"
            "0000000000000a63000b");
  EXPECT_EQ(ToHex(ArpReply(kHost, kOther)),
            "02000a63000b02000a63000a0806"
            "0001080006040002"
            "02000a63000a0a63000a"
            "02000a63000b0a63000b");
  EXPECT_EQ(SeeArp(ArpAnnouncement(kHost))->sender, kHost.address);
  EXPECT_EQ(SeeArp(ArpAnnouncement(kHost))->target, kHost.address);
  EXPECT_EQ(SeeArp(ArpProbe(kHost))->sender, Ip("0.0.0.0"));
  EXPECT_EQ(SeeArp(ArpProbe(kHost))->target, kHost.address);
}

TEST(HostFramesTest, NeighbourDiscoveryPassesTheChecksOfRfc4861) {
  for (const Bytes& frame : {NeighbourSolicitation(kHost6, kOther6.address), NeighbourAnnouncement(kHost6)}) {
    SeenNd nd;
    EXPECT_TRUE(ParseNd(*reinterpret_cast<const Ipv6Header*>(&frame[14]), std::span(frame).subspan(54), nd));
    EXPECT_EQ(*nd.link_layer, kHost.mac);
  }
  EXPECT_EQ(SeeNa(NeighbourAnnouncement(kHost6))->target, kHost6.address);
}

TEST(HostFramesTest, AnEchoRequestHasRightChecksums) {
  const Bytes data = {0x61, 0x62, 0x63};
  EXPECT_EQ(ToHex(EchoRequest(kHost, kOther, data)),
            "02000a63000b02000a63000a0800"
            "4500001f0000000040016604"
            "0a63000a0a63000b"
            "0800216812340001616263");
  const Bytes v6 = EchoRequest(kHost6, kOther6, data);
  EXPECT_EQ(ReferenceChecksum(kHost6.address, kOther6.address, 58, std::span(v6).subspan(54)), 0);
}

TEST(HostFramesTest, AQueryIsReadAsItWasMeant) {
  const GroupQuery v4[] = {{1, Ip("0.0.0.0"), 10s}, {2, Ip("224.0.0.18"), 1s}, {3, Ip("0.0.0.0"), 12700ms}};
  for (const GroupQuery& query : v4) {
    const Bytes frame = MembershipQuery(kHost, query);
    const std::span<const uint8_t> ip = std::span(frame).subspan(14);
    EXPECT_EQ(ReferenceChecksum(ip.first(24)), 0);
    EXPECT_EQ(ToHex(ip.first(1)) + ToHex(ip.subspan(8, 2)) + ToHex(ip.subspan(20, 4)), "46010294040000");
    GroupQuery seen;
    ASSERT_TRUE(ParseIgmpQuery(ip.subspan(24), seen)) << int{query.version};
    EXPECT_EQ(seen.version, query.version);
    EXPECT_EQ(seen.group, query.group);
    EXPECT_EQ(seen.max_response, query.max_response);
  }
  const GroupQuery v6[] = {{1, Ip("ff02::12"), 1s}, {2, Ip("::"), 32700ms}};
  for (const GroupQuery& query : v6) {
    const Bytes frame = MembershipQuery(kHost6, query);
    GroupQuery seen;
    ASSERT_TRUE(ParseMldQuery(*reinterpret_cast<const Ipv6Header*>(&frame[14]), std::span(frame).subspan(62), seen));
    EXPECT_EQ(seen.version, query.version);
    EXPECT_EQ(seen.group, query.group);
    EXPECT_EQ(seen.max_response, query.max_response);
  }
}

TEST(HostFramesTest, ATaggedSegment) {
  TrafficHost host = kHost;
  host.vlan = {7, 0};
  EXPECT_EQ(ToHex(ArpAnnouncement(host)).substr(24, 12), "8100c0070806");
}

}  // namespace
}  // namespace dpvrrp
