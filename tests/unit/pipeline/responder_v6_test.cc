// SPDX-License-Identifier: BSD-3-Clause
//
// The answers to hosts over IPv6, and the groups and neighbours of IPv6 instances.
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "host_testing.h"
#include "pipeline/stand_in/responder.h"

namespace dpvrrp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kLinkLocalVip[] = "fe80::51";
constexpr char kVip6[] = "2001:db8:51::254";
constexpr char kVipGroup[] = "ff02::1:ff00:254";
constexpr char kSource[] = "fe80::2";
constexpr char kHost6[] = "2001:db8:51::10";
constexpr MacAddress kVipGroupMac{{0x33, 0x33, 0xff, 0x00, 0x02, 0x54}};
constexpr MacAddress kAllNodesMac{{0x33, 0x33, 0, 0, 0, 1}};

VirtualRouterConfig ResponderV6Config() {
  VirtualRouterConfig config = ResponderConfig();
  config.machine.version = VrrpVersion::kV3;
  config.machine.source = Ip(kSource);
  config.source_mac = kVmac6;
  config.addresses = {Ip(kLinkLocalVip), Ip(kVip6)};
  return config;
}

std::string Solicitation(const std::string& target, const std::string& option = "0101" + Hex(kHostMac)) {
  return "8700000000000000" + Hex(Ip(target)) + option;
}
std::string Advertisement(const std::string& flags, const std::string& target, const MacAddress& mac) {
  return "88000000" + flags + Hex(Ip(target)) + "0201" + Hex(mac);
}
std::string EchoV6(const char* type) { return std::string(type) + "0000001234000161626364"; }

class ResponderV6Test : public testing::Test {
 protected:
  VirtualRouter& AddBackup(VirtualRouterConfig config = ResponderV6Config()) {
    VirtualRouter& router = t_.Add(std::move(config));
    t_.RunFor(1500ms);
    return router;
  }
  VirtualRouter& AddMaster(VirtualRouterConfig config = ResponderV6Config()) {
    VirtualRouter& router = AddBackup(std::move(config));
    t_.Apply(command::Takeover{&router});
    t_.Transmit();
    return router;
  }
  // ICMPv6 messages that are answered at once, in hex, without the traffic class, which is not specified.
  std::vector<std::string> Ask(const MacAddress& to, const std::string& packet) {
    t_.ReceiveBurst({FromHex(Ethernet(to, kHostMac, "86dd") + packet)});
    std::vector<std::string> out;
    for (const Sent& sent : t_.Transmit()) {
      std::string hex = ToHex(sent.frame);
      if (hex.substr(28, 8) == "6c000000") hex.replace(28, 8, "60000000");
      out.push_back(hex);
    }
    return out;
  }
  const ResponderCounters& counters() const { return t_.shard->counters().responder; }

  const std::string kQuestion = Ipv6(kHost6, kVipGroup, Solicitation(kVip6), 255);
  const std::string kAnswer =
      Ethernet(kHostMac, kVmac6, "86dd") + Ipv6(kVip6, kHost6, Advertisement("e0000000", kVip6, kVmac6), 255);
  TestShard t_;
};

// V3-82, V3-128: R, S and O set, the virtual MAC.
TEST_F(ResponderV6Test, AMasterAnswersASolicitation) {
  AddMaster();
  EXPECT_THAT(Ask(kVipGroupMac, kQuestion), ElementsAre(kAnswer));
  EXPECT_THAT(Ask(kVmac6, Ipv6(kHost6, kVip6, Solicitation(kVip6), 255)), ElementsAre(kAnswer))
      << "unicast: neighbour unreachability detection";
  EXPECT_EQ(counters().neighbour_advertisements.value(), 2u);
}

// RFC 4861 7.2.4: the option may be absent. VPP assumed that it is present.
TEST_F(ResponderV6Test, WithoutASourceOptionTheAnswerGoesWhereTheFrameCameFrom) {
  AddMaster();
  EXPECT_THAT(Ask(kVmac6, Ipv6(kHost6, kVip6, Solicitation(kVip6, ""), 255)), ElementsAre(kAnswer));
}

TEST_F(ResponderV6Test, AProbeIsAnsweredToAllNodes) {
  AddMaster();
  EXPECT_THAT(Ask(kVipGroupMac, Ipv6("::", kVipGroup, Solicitation(kVip6, "0e01d1d6906854a9"), 255)),
              ElementsAre(Ethernet(kAllNodesMac, kVmac6, "86dd") +
                          Ipv6(kVip6, "ff02::1", Advertisement("a0000000", kVip6, kVmac6), 255)));
}

// V3-54, V3-61.
TEST_F(ResponderV6Test, OnlyAMasterAnswers) {
  AddBackup();
  EXPECT_THAT(Ask(kVipGroupMac, kQuestion), IsEmpty());
  EXPECT_THAT(Ask(kVipGroupMac, Ipv6("::", kVipGroup, Solicitation(kVip6, ""), 255)), IsEmpty()) << "a probe";
  t_.Apply(command::PortDown{PortId(0)});
  EXPECT_THAT(Ask(kVipGroupMac, kQuestion), IsEmpty());
  EXPECT_EQ(counters().not_master.value(), 3u);
}

TEST_F(ResponderV6Test, AnInvalidSolicitationIsNotAnswered) {
  AddMaster();
  EXPECT_THAT(Ask(kVipGroupMac, Ipv6(kHost6, kVipGroup, Solicitation(kVip6), 254)), IsEmpty()) << "hop limit";
  EXPECT_THAT(Ask(kAllNodesMac, Ipv6(kHost6, "ff02::1", Solicitation(kVip6), 255)), IsEmpty()) << "another group";
  EXPECT_THAT(Ask(kVipGroupMac, Ipv6(kHost6, kVipGroup, Solicitation("2001:db8:52::254"), 255)), IsEmpty())
      << "another address of the same group";
  EXPECT_THAT(Ask(Mac("02:00:00:00:00:99"), Ipv6(kHost6, kVip6, Solicitation(kVip6), 255)), IsEmpty()) << "another MAC";
  EXPECT_THAT(Ask(kVipGroupMac, Ipv6(kHost6, kVipGroup, Solicitation(kVip6, "0101ff0000000001"), 255)), IsEmpty())
      << "from a group";
  std::string wrong = kQuestion;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  EXPECT_THAT(Ask(kVipGroupMac, wrong), IsEmpty()) << "checksum";
  EXPECT_THAT(Ask(kVipGroupMac, kQuestion.substr(0, 100)), IsEmpty()) << "truncated";
}

// RFC 4291 2.5.5.2: IPv4-mapped addresses never appear on a wire. Inside the daemon they stand for IPv4 addresses.
TEST_F(ResponderV6Test, Ipv4MappedAddressesAreNotAnswered) {
  const std::string ours = "00000000000000000000ffff0a630064";
  const std::string host = "00000000000000000000ffff0a63000a";
  const auto packet = [](const std::string& from, const std::string& to, const std::string& message, int hop_limit) {
    const std::string length = Hex16(message.size() / 2);
    return "60000000" + length + "3a" + absl::StrCat(absl::Hex(hop_limit, absl::kZeroPad2)) + from + to +
           Summed(message, 1, from + to + "0000" + length + "0000003a");
  };
  t_.Add(ResponderConfig());
  t_.RunFor(5s);
  ASSERT_EQ(t_.routers.back()->machine.state, State::kMaster);
  EXPECT_THAT(Ask(kVmac, packet(host, ours, EchoV6("8000"), 64)), IsEmpty());
  EXPECT_THAT(Ask(kVmac, packet(Hex(Ip(kHost6)), ours, EchoV6("8000"), 64)), IsEmpty());
  EXPECT_THAT(Ask(kVmac, packet(Hex(Ip(kHost6)), ours, "8700000000000000" + ours + "0101" + Hex(kHostMac), 255)),
              IsEmpty());
  EXPECT_THAT(Ask(kVmac, packet(Hex(Ip(kHost6)), Hex(Ip("ff02::1:ff00:0")),
                                "8700000000000000" + ours + "0101" + Hex(kHostMac), 255)),
              IsEmpty());
  const std::string all_of_ipv4 = "00000000000000000000ffff00000000";
  Ask(kAllNodesMac, packet(Hex(Ip("fe80::10")), Hex(Ip("ff02::1")), "8200000003e80000" + all_of_ipv4, 1));
  for (const Sent& sent : t_.RunFor(2s)) EXPECT_TRUE(SeeAdvert(sent.frame).has_value()) << Describe(sent.frame);
}

TEST_F(ResponderV6Test, AClaimOfAnotherHostIsReported) {
  VirtualRouter& router = AddMaster();
  t_.Events();
  Ask(kAllNodesMac, Ipv6(kVip6, "ff02::1", Advertisement("20000000", kVip6, kHostMac), 255));
  EXPECT_EQ(router.counters.conflicts.value(), 1u);
  const std::vector<ShardEvent> events = t_.Events();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(std::get<event::Conflict>(events[0]).peer, Ip(kVip6));
  EXPECT_EQ(std::get<event::Conflict>(events[0]).peer_mac, kHostMac);
}

// V3-86, V3-64.
TEST_F(ResponderV6Test, AMasterThatAcceptsRepliesToEcho) {
  VirtualRouter& router = AddMaster();
  const std::string request = Ipv6(kHost6, kVip6, EchoV6("8000"), 64);
  EXPECT_THAT(Ask(kVmac6, request),
              ElementsAre(Ethernet(kHostMac, kVmac6, "86dd") + Ipv6(kVip6, kHost6, EchoV6("8100"), 64)));
  EXPECT_THAT(Ask(kVmac6, Ipv6("fe80::10", kLinkLocalVip, EchoV6("8000"), 64)), SizeIs(1));
  std::string wrong = request;
  wrong.back() = '0';
  EXPECT_THAT(Ask(kVmac6, wrong), IsEmpty()) << "checksum";
  EXPECT_THAT(Ask(kVipGroupMac, request), IsEmpty()) << "to a group of Ethernet";
  EXPECT_THAT(Ask(kVmac6, Ipv6(kHost6, kVip6, EchoV6("8100"), 64)), IsEmpty()) << "a reply";
  t_.Apply(command::Resign{&router});
  t_.Transmit();
  EXPECT_THAT(Ask(kVmac6, request), IsEmpty());
}

TEST_F(ResponderV6Test, WithoutAcceptModeItDoesNot) {
  VirtualRouterConfig config = ResponderV6Config();
  config.accept = false;
  AddMaster(std::move(config));
  EXPECT_THAT(Ask(kVmac6, Ipv6(kHost6, kVip6, EchoV6("8000"), 64)), IsEmpty());
  EXPECT_EQ(counters().not_accepted.value(), 1u);
  EXPECT_THAT(Ask(kVipGroupMac, kQuestion), ElementsAre(kAnswer)) << "V3-84";
}

// ---- Groups ----

class MembershipV6Test : public ResponderV6Test {
 protected:
  // "4 ff020000...": record type and group of MLDv2 reports.
  std::vector<std::string> Reports(Nanoseconds time) {
    std::vector<std::string> out;
    for (const Sent& sent : t_.RunFor(time)) {
      const std::string hex = ToHex(sent.frame);
      if (hex.substr(24, 4) != "86dd" || hex.substr(2 * 62, 2) != "8f") continue;
      EXPECT_EQ(hex.substr(12, 12), Hex(kPortMac));
      EXPECT_EQ(hex.substr(2 * 22, 32), Hex(Ip(kSource)));
      out.push_back(hex.substr(2 * 62 + 17, 1) + " " + hex.substr(2 * 62 + 24));
    }
    return out;
  }
  static std::string Record(char type, const char* group) { return std::string(1, type) + " " + Hex(Ip(group)); }
  void Query(const char* to, const std::string& group) {
    const std::string message =
        "82000000"
        "03e8"
        "0000" +
        Hex(Ip(group)) + "0a7d0000";
    const std::string pseudo = Hex(Ip("fe80::10")) + Hex(Ip(to)) + "0000001c0000003a";
    t_.ReceiveBurst(
        {FromHex("33330000000102000a63000a86dd"
                 "6000000000240001" +
                 Hex(Ip("fe80::10")) + Hex(Ip(to)) + "3a00050200000100" + Summed(message, 1, pseudo))});
  }
};

// V3-81, V3-66.
TEST_F(MembershipV6Test, SolicitedNodeGroupsAreAMasters) {
  VirtualRouter& router = t_.Add(ResponderV6Config());
  EXPECT_THAT(Reports(2s), ElementsAre(Record('4', "ff02::12"), Record('4', "ff02::12")));
  t_.Apply(command::Takeover{&router});
  EXPECT_THAT(Reports(2s),
              testing::UnorderedElementsAre(Record('4', kVipGroup), Record('4', kVipGroup),
                                            Record('4', "ff02::1:ff00:51"), Record('4', "ff02::1:ff00:51")));
  t_.Apply(command::Resign{&router});
  EXPECT_THAT(Reports(0s), ElementsAre(Record('3', "ff02::1:ff00:51"), Record('3', kVipGroup)));
  t_.Apply(command::Remove{&router});
  EXPECT_THAT(Reports(0s), ElementsAre(Record('3', "ff02::12")));
}

TEST_F(MembershipV6Test, QueriesAreAnswered) {
  VirtualRouterConfig config = ResponderV6Config();
  config.machine.advertisement_interval = 10s;  // it stays backup for long enough
  AddBackup(std::move(config));
  Query("ff02::1", "::");
  EXPECT_THAT(Reports(1001ms), ElementsAre(Record('2', "ff02::12")));
  Query("ff02::12", "ff02::12");  // its destination could be that of VRRP
  EXPECT_THAT(Reports(1001ms), ElementsAre(Record('2', "ff02::12")));
  Query(kVipGroup, kVipGroup);
  EXPECT_THAT(Reports(1001ms), IsEmpty()) << "it is not master";
}

// There are more addresses than frames that can wait, and no report is lost.
TEST_F(MembershipV6Test, TwoInstancesOf255AddressesJoinAll) {
  std::vector<VirtualRouter*> routers;
  for (uint8_t i = 0; i < 2; ++i) {
    VirtualRouterConfig config = ResponderV6Config();
    config.id = InstanceId(i + 1u);
    config.vrid = Vrid(static_cast<uint8_t>(51 + i));
    config.advertised = 80;
    config.addresses.clear();
    for (int n = 0; n < 255; ++n) {
      config.addresses.push_back(Ip(absl::StrCat("fe80::", i + 1, ":", absl::Hex(n + 1))));
    }
    routers.push_back(&t_.Add(std::move(config)));
  }
  Reports(2s);
  for (VirtualRouter* router : routers) t_.Apply(command::Takeover{router});
  std::vector<std::string> reports = Reports(3s);
  EXPECT_THAT(reports, SizeIs(2 * 2 * 255));
  std::sort(reports.begin(), reports.end());
  EXPECT_EQ(std::unique(reports.begin(), reports.end()) - reports.begin(), 2 * 255);
}

// ---- Unicast peers ----

class NeighboursV6Test : public ResponderV6Test {
 protected:
  static VirtualRouterConfig Config() {
    VirtualRouterConfig config = ResponderV6Config();
    config.unicast_peers = {{.address = Ip("fe80::1"), .next_hop = Ip("fe80::1")}};
    return config;
  }
  const MacAddress kPeerMac{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x01}};
};

TEST_F(NeighboursV6Test, AreSolicited) {
  VirtualRouter& router = t_.Add(Config());
  std::vector<std::string> sent;
  for (const Sent& s : t_.Transmit()) sent.push_back(ToHex(s.frame));
  ASSERT_FALSE(sent.empty());
  sent[0].replace(28, 8, "60000000");
  EXPECT_EQ(sent[0], Ethernet(Mac("33:33:ff:00:00:01"), kPortMac, "86dd") +
                         Ipv6(kSource, "ff02::1:ff00:1", Solicitation("fe80::1", "0101" + Hex(kPortMac)), 255));
  Ask(kPortMac, Ipv6("fe80::1", kSource, Advertisement("60000000", "fe80::1", kPeerMac), 255));
  EXPECT_TRUE(router.neighbours[0].known);
  EXPECT_EQ(router.neighbours[0].mac, kPeerMac);
}

TEST_F(NeighboursV6Test, ASolicitationToUsIsLearnedFromAndAnsweredAtThePortsMac) {
  VirtualRouter& router = AddBackup(Config());
  EXPECT_THAT(Ask(Mac("33:33:ff:00:00:02"),
                  Ipv6("fe80::1", "ff02::1:ff00:2", Solicitation(kSource, "0101" + Hex(kPeerMac)), 255)),
              ElementsAre(Ethernet(kPeerMac, kPortMac, "86dd") +
                          Ipv6(kSource, "fe80::1", Advertisement("e0000000", kSource, kPortMac), 255)));
  EXPECT_TRUE(router.neighbours[0].known);
}

// RFC 4861 7.2.5: without the Override flag it does not change a known address.
TEST_F(NeighboursV6Test, AnAdvertisementThatDoesNotOverrideChangesNothing) {
  VirtualRouter& router = AddBackup(Config());
  Ask(kPortMac, Ipv6("fe80::1", kSource, Advertisement("40000000", "fe80::1", kPeerMac), 255));
  ASSERT_EQ(router.neighbours[0].mac, kPeerMac);
  Ask(kPortMac, Ipv6("fe80::1", kSource, Advertisement("40000000", "fe80::1", kHostMac), 255));
  EXPECT_EQ(router.neighbours[0].mac, kPeerMac);
  Ask(kPortMac, Ipv6("fe80::1", kSource, Advertisement("60000000", "fe80::1", kHostMac), 255));
  EXPECT_EQ(router.neighbours[0].mac, kHostMac);
}

TEST_F(NeighboursV6Test, AnAdvertisementToOthersIsNotLearnedFrom) {
  VirtualRouter& router = AddBackup(Config());
  Ask(kAllNodesMac, Ipv6("fe80::1", "ff02::1", Advertisement("20000000", "fe80::1", kPeerMac), 255));
  EXPECT_FALSE(router.neighbours[0].known);
}

}  // namespace
}  // namespace dpvrrp
