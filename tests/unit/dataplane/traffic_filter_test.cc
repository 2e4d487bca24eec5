// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/traffic_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <map>
#include <random>
#include <string>

#include "absl/strings/match.h"
#include "bpf_interpreter.h"
#include "dataplane/filters.h"
#include "dataplane/packet_socket.h"
#include "io/unique_fd.h"
#include "support/captures.h"
#include "support/test_shard.h"
#include "traffic/host_frames.h"
#include "traffic/repair.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const TrafficHost kGuest{Mac("02:00:0a:63:00:0a"), Ip("10.99.0.10")};
const TrafficHost kGuest6{kGuest.mac, Ip("fe80::a")};
const MacAddress kGatewayMac = Mac("02:00:0a:63:00:02");
const VlanStack kSegments[] = {{}, {7, 0}, {100, 7}};

TrafficHost On(TrafficHost host, const VlanStack& vlan) {
  host.vlan = vlan;
  return host;
}
TrafficHost At(const std::string& address, const VlanStack& vlan = {}) { return {kGatewayMac, Ip(address), vlan}; }

// The tags of a segment, put into an untagged frame.
Bytes Tagged(Bytes frame, const VlanStack& vlan) {
  for (const uint16_t vid : {vlan.inner, vlan.outer}) {
    if (vid == 0) continue;
    const uint8_t tag[] = {0x81, 0x00, static_cast<uint8_t>(vid >> 8), static_cast<uint8_t>(vid)};
    frame.insert(frame.begin() + 12, std::begin(tag), std::end(tag));
  }
  return frame;
}

// An IP packet that carries another protocol, between two addresses.
Bytes Packet(uint8_t protocol, const std::string& from, const std::string& to) {
  AdvertFrame frame;
  frame.source = Ip(from);
  frame.destination = Ip(to);
  frame.protocol = protocol;
  frame.destination_mac = kGatewayMac;
  if (!frame.source.is_v4()) {
    frame.version = 3;
    frame.addresses = {Ip("fe80::100")};
  }
  return frame.Build();
}

TrafficFilter FilterOf(const std::vector<VirtualRouterConfig>& configs) {
  WantedFrames wanted;
  for (VirtualRouterConfig config : configs) {
    if (config.group.IsUnspecified()) config.group = VrrpGroup(config.family());  // as VirtualRouter does
    wanted.Add(config);
  }
  return BuildTrafficFilter(wanted.selection());
}

bool Passes(const TrafficFilter& filter, const Bytes& frame) { return RunBpf(filter.program, frame) != 0; }

// A backup on each segment, for 10.99.0.100 or fe80::100 and 2001:db8::100.
std::vector<VirtualRouterConfig> Plain() {
  std::vector<VirtualRouterConfig> configs;
  for (const VlanStack& vlan : kSegments) {
    configs.push_back(BackupConfig());
    configs.push_back(V3Config(Family::kIpv6));
    for (size_t i = configs.size() - 2; i < configs.size(); ++i) configs[i].vlan = vlan;
  }
  return configs;
}

std::vector<VirtualRouterConfig> Responders() {
  std::vector<VirtualRouterConfig> configs = Plain();
  for (VirtualRouterConfig& config : configs) config.responder = true;
  return configs;
}

std::vector<VirtualRouterConfig> Unicast() {
  std::vector<VirtualRouterConfig> configs = Plain();
  for (VirtualRouterConfig& config : configs) {
    const IpAddress peer = config.family() == Family::kIpv4 ? Ip("10.99.0.7") : Ip("fe80::7");
    config.unicast_peers = {{.address = peer, .next_hop = peer}};
  }
  return configs;
}

// Traffic that a gateway's kernel forwards, and that no virtual router needs.
std::map<std::string, Bytes> OrdinaryTraffic() {
  std::map<std::string, Bytes> frames;
  for (const auto& [name, protocol] :
       std::map<std::string, uint8_t>{{"TCP", 6}, {"UDP", 17}, {"ESP", 50}, {"SCTP", 132}}) {
    frames[name + " IPv4"] = Packet(protocol, "192.0.2.1", "198.51.100.1");
    frames[name + " IPv6"] = Packet(protocol, "2001:db8::1", "2001:db8::2");
  }
  frames["AH of IPsec"] = Packet(kProtocolAh, "192.0.2.1", "198.51.100.1");
  frames["AH of IPsec, IPv6"] = Packet(kProtocolAh, "2001:db8::1", "2001:db8:1::2");
  frames["OSPF"] = Packet(89, "10.99.0.1", "224.0.0.5");
  frames["AH of OSPFv3"] = Packet(kProtocolAh, "fe80::1", "ff02::5");
  frames["ICMP"] = EchoRequest(kGuest, At("198.51.100.1"), Bytes(4));
  frames["ICMPv6"] = EchoRequest(kGuest6, At("2001:db8:1::2"), Bytes(4));
  frames["ARP between others"] = ArpRequest(kGuest, Ip("10.99.0.11"));
  frames["ARP probe for another"] = ArpProbe(kGuest);
  frames["ND between others"] = NeighbourSolicitation(kGuest6, Ip("fe80::b"));
  frames["ND announcement of another"] = NeighbourAnnouncement(kGuest6);
  frames["LLDP"] = FromHex("0180c200000e 02000a63000a 88cc 0207 0400000000000000000000000000000000000000000000000000");
  frames["PPPoE"] =
      FromHex("02000a630002 02000a63000a 8864 1100 0001 0016 0021 4500001400000000ff7000000a0000010a000002");
  return frames;
}

TEST(TrafficFilterTest, OrdinaryTrafficStaysInTheKernel) {
  for (const auto& configs : {Plain(), Responders(), Unicast()}) {
    const TrafficFilter filter = FilterOf(configs);
    for (const auto& [name, frame] : OrdinaryTraffic()) {
      for (const VlanStack& vlan : kSegments) EXPECT_FALSE(Passes(filter, Tagged(frame, vlan))) << name;
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
      for (const VlanStack& vlan : kSegments) EXPECT_TRUE(Passes(filter, Tagged(frame.bytes, vlan))) << file;
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

TEST(TrafficFilterTest, AhPassesToTheGroupsAndUnicastSourcesThatAreConfigured) {
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
    EXPECT_FALSE(Passes(FilterOf(Plain()), ah_to(to)));
  }
  EXPECT_TRUE(Passes(FilterOf({}), ah_to("224.0.0.18")));
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

// Every frame that changes a shard or makes it send or count must pass, except what docs/decisions/0028 excludes: AH to
// a destination that is not ours, frames too short for the fields that are compared, and questions for addresses of
// others. Frames are valid ones with random bytes changed in their headers, checksums repaired.
class Oracle {
 public:
  explicit Oracle(const std::vector<VirtualRouterConfig>& configs) {
    for (VirtualRouterConfig config : configs) {
      config.machine.priority = kPriorityOwner;  // so that it stays master, and answers
      shard_.Add(config);
    }
    shard_.RunFor(10s);
    shard_.Events();
  }

  // Why the shard wants the frame; empty: it does not.
  std::string Wants(const Bytes& frame) {
    const uint64_t before = Answers();
    const DropReason end = shard_.Receive(frame);
    const bool excluded = end == DropReason::kNotVrrp || end == DropReason::kBadDestination ||
                          end == DropReason::kTruncated || end == DropReason::kUnknownSegment;
    std::string why = excluded ? "" : std::string(ToString(end));
    if (Answers() != before) why += " answered";
    for (const ShardEvent& event : shard_.Events()) {
      const bool claimed =
          std::holds_alternative<event::Conflict>(event) || std::holds_alternative<event::Probed>(event);
      if (claimed) why += " claim";
    }
    shard_.Transmit();
    shard_.now += 100s;  // so that no limit of a second applies
    return why;
  }

 private:
  uint64_t Answers() const {
    const ResponderCounters& n = shard_.shard->counters().responder;
    return n.arp_replies.value() + n.neighbour_advertisements.value() + n.echo_replies.value() +
           n.not_accepted.value() + n.not_master.value();
  }

  TestShard shard_;
};

std::vector<Bytes> WantedOrNot() {
  std::vector<Bytes> frames;
  for (const auto& [name, frame] : OrdinaryTraffic()) frames.push_back(frame);
  for (const char* address : {"10.99.0.100", "10.99.0.2", "10.99.0.7"}) {
    const TrafficHost host{kGuest.mac, Ip(address)};
    frames.insert(frames.end(),
                  {ArpAnnouncement(host), ArpProbe(host), ArpRequest(kGuest, host.address),
                   ArpReply(host, At("10.99.0.2")), EchoRequest(kGuest, At(address), Bytes(4)),
                   Packet(kProtocolAh, "10.99.0.7", address), Packet(kProtocolVrrp, "10.99.0.7", address)});
  }
  for (const char* address : {"fe80::100", "2001:db8::100", "fe80::2", "fe80::7"}) {
    const TrafficHost host{kGuest.mac, Ip(address)};
    frames.insert(frames.end(),
                  {NeighbourAnnouncement(host), NeighbourSolicitation(kGuest6, host.address),
                   NeighbourSolicitation(host, Ip("fe80::b")), EchoRequest(kGuest6, At(address), Bytes(4))});
  }
  for (const char* to : {"224.0.0.18", "10.99.0.2"}) {
    AdvertFrame advert;
    advert.destination = Ip(to);
    frames.push_back(advert.Build());
    advert.key = KeepalivedKey("s3cr3t");
    frames.push_back(advert.Build());
  }
  AdvertFrame v6;
  v6.version = 3;
  v6.source = Ip("fe80::1");
  v6.addresses = {Ip("fe80::100"), Ip("2001:db8::100")};
  frames.push_back(v6.Build());
  v6.extension_headers = {0};
  frames.push_back(v6.Build());
  return frames;
}

void ChangeSomeBytes(Bytes& frame, std::mt19937& random) {
  const auto below = [&](size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random); };
  for (size_t n = below(4); n > 0; --n) {
    const uint8_t usual[] = {0, 1, 2, 7, 0x12, 0x33, 0x45, 0x51, 51, 58, 100, 112, 0xff};
    frame[below(std::min<size_t>(frame.size(), 70))] = usual[below(sizeof usual)];
  }
  RepairChecksums(frame);
}

// AH to a destination that is not configured, by the bytes at their places, whatever the rest of the header.
bool IsForeignAh(const Bytes& frame, const VirtualRouterConfig& config) {
  const size_t packet = EtherTypeAt(frame) + 2;
  if (frame.size() < packet) return false;
  const bool v4 = frame[packet - 2] == 0x08;
  if (frame.size() < packet + (v4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header))) return false;
  const uint8_t* at = frame.data() + packet;
  if ((v4 ? at[9] : at[6]) != kProtocolAh) return false;
  const std::string destination = v4 ? ToHex({at + 16, 4}) : ToHex({at + 24, 16});
  if (destination == (v4 ? "e0000012" : ToHex(Ip("ff02::12").bytes()))) return false;
  const bool to_source = destination == (v4 ? "0a630002" : ToHex(Ip("fe80::2").bytes()));
  return !to_source || config.unicast_peers.empty();
}

TEST(TrafficFilterTest, WhatAShardWantsPasses) {
  std::mt19937 random(28);
  for (const auto& configs : {Plain(), Responders(), Unicast()}) {
    const TrafficFilter filter = FilterOf(configs);
    Oracle shard(configs);
    std::map<std::string, int> wanted;
    for (int round = 0; round < 150; ++round) {
      for (Bytes frame : WantedOrNot()) {
        frame = Tagged(std::move(frame), kSegments[round % 3]);
        if (round >= 3) ChangeSomeBytes(frame, random);
        const std::string why = shard.Wants(frame);
        ++wanted[why];
        EXPECT_TRUE(why.empty() || IsForeignAh(frame, configs[0]) || Passes(filter, frame))
            << why << ": " << ToHex(frame);
      }
    }
    EXPECT_GT(wanted.size(), 5u);  // otherwise the shard refuses everything for one reason
    EXPECT_GT(wanted[" claim"] + wanted[" answered claim"], 10) << wanted.size();
  }
}

// On a socket for which no privilege is needed: a datagram is judged as a frame would be.
TEST(TrafficFilterTest, TheKernelJudgesAsTheInterpreterDoes) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
  const UniqueFd to(ends[0]), from(ends[1]);
  std::mt19937 random(4);
  for (const auto& configs : {Plain(), Responders(), Unicast()}) {
    const TrafficFilter filter = FilterOf(configs);
    ASSERT_TRUE(SetPacketFilter(from.get(), filter.program).ok());
    size_t passed = 0;
    for (int round = 0; round < 30; ++round) {
      for (Bytes frame : WantedOrNot()) {
        frame = Tagged(std::move(frame), kSegments[round % 3]);
        if (round >= 3) ChangeSomeBytes(frame, random);
        if (round % 5 == 4) frame.resize(random() % frame.size() + 1);
        const ssize_t sent = send(to.get(), frame.data(), frame.size(), MSG_DONTWAIT);
        uint8_t buffer[2048];
        const ssize_t received = recv(from.get(), buffer, sizeof buffer, MSG_DONTWAIT);
        ASSERT_EQ(received > 0, Passes(filter, frame)) << ToHex(frame) << " " << sent;
        passed += received > 0;
      }
    }
    EXPECT_GT(passed, 100u);
  }
  EXPECT_TRUE(SetPacketFilter(from.get(), {}).ok());
  EXPECT_EQ(send(to.get(), "x", 1, MSG_DONTWAIT), 1);
  uint8_t byte;
  EXPECT_EQ(recv(from.get(), &byte, 1, MSG_DONTWAIT), 1);
}

}  // namespace
}  // namespace dpvrrp
