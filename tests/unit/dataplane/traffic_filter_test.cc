// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/traffic_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "filter_testing.h"
#include "support/captures.h"
#include "traffic/repair.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TrafficFilterTest, OrdinaryTrafficStaysInTheKernel) {
  for (const auto& configs : {Plain(), Responders(), Unicast()}) {
    const TrafficFilter filter = FilterOf(configs);
    for (const auto& [name, frame] : OrdinaryTraffic()) {
      for (const VlanStack& vlan : kSegments) EXPECT_FALSE(Passes(filter, WithTags(frame, vlan))) << name;
    }
  }
}

TEST(TrafficFilterTest, EveryCapturedAdvertPasses) {
  const TrafficFilter filter = FilterOf(Plain());
  size_t count = 0;
  for (const char* file : {"ah-mcast-1vip.pcap", "ah-vmac.pcap", "hmac-v3-ipv4.pcap", "hmac-v3-ipv6.pcap", "pass.pcap",
                           "v2-noauth.pcap", "v3-ipv4.pcap", "v3-ipv6.pcap"}) {
    for (const CapturedFrame& frame : ReadCapture(file)) {
      const std::optional<PacketPlaces> packet = FindPacket(frame.bytes);
      if (!packet.has_value() || (packet->protocol != kProtocolVrrp && packet->protocol != kProtocolAh)) continue;
      for (const VlanStack& vlan : kSegments) EXPECT_TRUE(Passes(filter, WithTags(frame.bytes, vlan))) << file;
      ++count;
    }
  }
  EXPECT_GT(count, 20u);
}

TEST(TrafficFilterTest, VrrpPassesWhateverItsHeader) {
  const TrafficFilter filter = FilterOf({});
  AdvertFrame frame;
  EXPECT_TRUE(Passes(filter, frame.Build()));
  frame.ip_options = Bytes(40, 1);
  EXPECT_TRUE(Passes(filter, frame.Build()));
  frame.flags_fragment = 0x2001;
  EXPECT_TRUE(Passes(filter, frame.Build()));
  frame.destination = Ip("10.1.2.3");
  EXPECT_TRUE(Passes(filter, frame.Build()));
}

// Such adverts are counted as extension-header.
TEST(TrafficFilterTest, ExtensionHeadersPassOnlyToTheVrrpGroup) {
  const TrafficFilter filter = FilterOf(Plain());
  AdvertFrame frame;
  frame.version = 3;
  frame.source = Ip("fe80::1");
  frame.addresses = {Ip("fe80::100")};
  frame.extension_headers = {60};
  EXPECT_TRUE(Passes(filter, frame.Build()));
  frame.destination = Ip("ff05::12");
  EXPECT_FALSE(Passes(filter, frame.Build()));
}

TEST(TrafficFilterTest, AhPassesToTheGroupsAndSourceAddressesThatAreConfigured) {
  const auto ah_to = [](const std::string& to) {
    return Packet(kProtocolAh, absl::StrContains(to, ':') ? "fe80::1" : "10.99.0.1", to);
  };
  std::vector<VirtualRouterConfig> other_group = Plain();
  for (VirtualRouterConfig& config : other_group) {
    config.group = config.family() == Family::kIpv4 ? Ip("224.0.0.77") : Ip("ff02::77");
  }
  for (const char* to : {"224.0.0.77", "ff02::77"}) {
    EXPECT_TRUE(Passes(FilterOf(other_group), ah_to(to)));
    EXPECT_FALSE(Passes(FilterOf(Plain()), ah_to(to)));
  }
  for (const char* to : {"10.99.0.2", "fe80::2"}) {
    EXPECT_TRUE(Passes(FilterOf(Unicast()), ah_to(to)));
    EXPECT_TRUE(Passes(FilterOf(Plain()), ah_to(to))) << "a neighbour that speaks unicast to us";
    EXPECT_FALSE(Passes(FilterOf({}), ah_to(to)));
  }
  EXPECT_TRUE(Passes(FilterOf({}), ah_to("224.0.0.18")));
}

// They are selected for `diagnose` only, so they must not make the filter select every AH packet.
TEST(TrafficFilterTest, TooManySourceAddressesAreLeftOut) {
  std::vector<VirtualRouterConfig> configs;
  for (uint32_t n = 0; n < kMaxListed; ++n) {
    configs.push_back(BackupConfig());
    configs.back().machine.source = IpAddress::V4(0x0a640002 + (n << 8));
  }
  const Bytes ah = Packet(kProtocolAh, "10.99.0.1", "10.100.0.2");
  EXPECT_FALSE(Passes(FilterOf(configs), ah));
  EXPECT_THAT(FilterOf(configs).widened, IsEmpty());
  configs.resize(100);
  EXPECT_TRUE(Passes(FilterOf(configs), ah));
}

// RFC 5227 2.4, RFC 4862 5.4: other hosts' claims to the addresses, and probes for them.
TEST(TrafficFilterTest, ClaimsToTheVirtualAddressesPass) {
  const TrafficFilter filter = FilterOf(Plain());
  for (const VlanStack& vlan : kSegments) {
    const TrafficHost thief = {kGuest.mac, Ip("10.99.0.100"), vlan}, thief6 = {kGuest.mac, Ip("2001:db8::100"), vlan};
    EXPECT_TRUE(Passes(filter, ArpAnnouncement(thief)));
    EXPECT_TRUE(Passes(filter, ArpProbe(thief)));
    EXPECT_TRUE(Passes(filter, ArpReply(thief, kGuest)));
    EXPECT_TRUE(Passes(filter, NeighbourAnnouncement(thief6)));
    EXPECT_TRUE(Passes(filter, NeighbourSolicitation(thief6, Ip("fe80::b"))));
    EXPECT_TRUE(Passes(filter, NeighbourSolicitation(On(kGuest6, vlan), thief6.address)));
  }
}

TEST(TrafficFilterTest, AnswersOfUnicastPeersPass) {
  const TrafficHost peer{kGuest.mac, Ip("10.99.0.7")}, peer6{kGuest.mac, Ip("fe80::7")};
  EXPECT_TRUE(Passes(FilterOf(Unicast()), ArpReply(peer, At("10.99.0.2"))));
  EXPECT_TRUE(Passes(FilterOf(Unicast()), NeighbourAnnouncement(peer6)));
  EXPECT_FALSE(Passes(FilterOf(Plain()), ArpReply(peer, At("10.99.0.2"))));
}

TEST(TrafficFilterTest, EchoRequestsPassOnlyToAResponder) {
  const Bytes v4 = EchoRequest(kGuest, At("10.99.0.100"), Bytes(4));
  const Bytes v6 = EchoRequest(kGuest6, At("2001:db8::100"), Bytes(4));
  for (const Bytes& frame : {v4, v6}) {
    EXPECT_TRUE(Passes(FilterOf(Responders()), frame));
    EXPECT_FALSE(Passes(FilterOf(Plain()), frame));
    EXPECT_FALSE(Passes(FilterOf(Unicast()), frame));
  }
}

TEST(TrafficFilterTest, QueriesPassIfGroupsAreReported) {
  std::vector<VirtualRouterConfig> reporters = Plain();
  for (VirtualRouterConfig& config : reporters) config.reports_group = true;
  for (const auto& [host, version] : {std::pair(kGuest, 3), std::pair(kGuest6, 2)}) {
    for (const VlanStack& vlan : kSegments) {
      const Bytes query = MembershipQuery(On(host, vlan), {.version = static_cast<uint8_t>(version),
                                                           .group = host.address.is_v4() ? Ip("0.0.0.0") : Ip("::"),
                                                           .max_response = 10s});
      EXPECT_TRUE(Passes(FilterOf(reporters), query));
      EXPECT_FALSE(Passes(FilterOf(Plain()), query));
    }
  }
}

TEST(TrafficFilterTest, AnAddressCountsAsLongAsARouterHasIt) {
  WantedFrames wanted;
  VirtualRouterConfig config = BackupConfig();
  config.group = kVrrpGroupV4;
  wanted.Add(config);
  wanted.Add(config);
  EXPECT_TRUE(wanted.TakeSelectionChanged());
  wanted.Remove(config);
  EXPECT_FALSE(wanted.TakeSelectionChanged());
  EXPECT_THAT(wanted.selection().v4.hosts, ElementsAre(FilterWord(config.addresses[0])));
  wanted.Remove(config);
  EXPECT_TRUE(wanted.TakeSelectionChanged());
  EXPECT_THAT(wanted.selection().v4.hosts, IsEmpty());
  EXPECT_THAT(wanted.selection().v4.ah, ElementsAre(FilterWord(kVrrpGroupV4)));
}

TEST(TrafficFilterTest, ALongListIsComparedWholeAndATooLongOneSelectsTheKind) {
  TrafficSelection selection;
  for (uint32_t n = 0; n < kMaxListed; ++n) selection.v4.hosts.push_back(0x0a000000 + n);
  const auto arp_for = [](uint32_t address) { return ArpRequest(kGuest, IpAddress::V4(address)); };
  const TrafficFilter exact = BuildTrafficFilter(selection);
  EXPECT_THAT(exact.widened, IsEmpty());
  EXPECT_LE(exact.program.size(), kMaxInstructions);
  for (uint32_t n = 0; n < kMaxListed; ++n) EXPECT_TRUE(Passes(exact, arp_for(0x0a000000 + n))) << n;
  EXPECT_FALSE(Passes(exact, arp_for(0x0a000000 + kMaxListed)));

  selection.v4.hosts.push_back(0x0a000000 + kMaxListed);
  const TrafficFilter wide = BuildTrafficFilter(selection);
  EXPECT_THAT(wide.widened, ElementsAre("ARP"));
  EXPECT_TRUE(Passes(wide, arp_for(0x0b000000)));
  EXPECT_FALSE(Passes(wide, Packet(17, "192.0.2.1", "198.51.100.1")));
}

// The kernel limits the memory of a filter (net.core.optmem_max).
TEST(TrafficFilterTest, AProgramThatWouldBeTooLongSelectsItsLongestKinds) {
  TrafficSelection selection;
  for (uint32_t n = 0; n < kMaxListed; ++n) {
    selection.v6.hosts.push_back(n);
    for (auto* list : {&selection.v4.hosts, &selection.v4.echo, &selection.v6.echo}) {
      if (n < 200) list->push_back(n);
    }
  }
  const TrafficFilter filter = BuildTrafficFilter(selection);
  EXPECT_LE(filter.program.size(), kMaxInstructions);
  EXPECT_THAT(filter.widened, ElementsAre("neighbour discovery"));
  EXPECT_TRUE(Passes(filter, NeighbourSolicitation(kGuest6, Ip("fe80::1:1"))));
}

}  // namespace
}  // namespace dpvrrp
