// SPDX-License-Identifier: BSD-3-Clause
//
// What hosts get as an answer over IPv4 and ARP, and what not.
#include "pipeline/responder.h"

#include <gtest/gtest.h>

#include "host_testing.h"

namespace dpvrrp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kVip[] = "10.99.0.100";
constexpr char kHost[] = "10.99.0.10";

class ResponderTest : public testing::Test {
 protected:
  VirtualRouter& Add(VirtualRouterConfig config) {
    VirtualRouter& router = t_.Add(std::move(config));
    t_.RunFor(2s);  // its groups are reported
    return router;
  }
  VirtualRouter& AddMaster(VirtualRouterConfig config = ResponderConfig()) {
    VirtualRouter& router = Add(std::move(config));
    t_.Apply(ShardCommand::Kind::kTakeover, router);
    EXPECT_THAT(t_.Transmit(), SizeIs(1));
    return router;
  }
  // What comes back at once, in hex.
  std::vector<std::string> Ask(const Bytes& frame) {
    t_.ReceiveBurst({frame});
    std::vector<std::string> out;
    for (const Sent& sent : t_.Transmit()) out.push_back(ToHex(sent.frame));
    return out;
  }
  std::vector<std::string> Ask(const std::string& hex) { return Ask(FromHex(hex)); }
  const ResponderCounters& counters() const { return t_.shard->counters().responder; }

  const Bytes kRequest = Arp(kBroadcastMac, 1, kHostMac, kHost, MacAddress{}, kVip);
  const std::string kReply = ToHex(Arp(kHostMac, 2, kVmac, kVip, kHostMac, kHost));
  TestShard t_;
};

// V3-80, V3-121, V3-122.
TEST_F(ResponderTest, AMasterAnswersArpWithTheVirtualMac) {
  AddMaster();
  EXPECT_THAT(Ask(kRequest), ElementsAre(kReply));
  EXPECT_EQ(counters().arp_replies.value(), 1u);
  EXPECT_EQ(t_.drops(DropReason::kNotVrrp), 1u);
}

// Hosts learn the new virtual MAC at once, and may ask at the old one for a while.
TEST_F(ResponderTest, AMasterThatMovesToAnotherVridAnswersWithItsNewMac) {
  VirtualRouter& router = AddMaster();
  const MacAddress new_mac = VirtualMac(Family::kIpv4, Vrid(61));
  ShardCommand command;
  command.kind = ShardCommand::Kind::kSpeakNextVrid;
  command.router = &router;
  command.vrid = Vrid(61);
  command.mac = new_mac;
  t_.Apply(command);
  EXPECT_THAT(Ask(kRequest), ElementsAre(kReply));
  t_.ReceiveBurst({kRequest});  // and the answer waits
  t_.Apply(ShardCommand::Kind::kAdoptNextVrid, router);
  EXPECT_THAT(t_.Transmit(), IsEmpty());
  const std::string reply = ToHex(Arp(kHostMac, 2, new_mac, kVip, kHostMac, kHost));
  const Bytes at_old_mac = Arp(kVmac, 1, kHostMac, kHost, MacAddress{}, kVip);
  EXPECT_THAT(Ask(kRequest), ElementsAre(reply));
  EXPECT_THAT(Ask(at_old_mac), ElementsAre(reply));
  command.kind = ShardCommand::Kind::kForgetMac;
  command.mac = kVmac;
  t_.Apply(command);
  EXPECT_THAT(Ask(at_old_mac), IsEmpty());
  EXPECT_THAT(Ask(Arp(new_mac, 1, kHostMac, kHost, MacAddress{}, kVip)), ElementsAre(reply));
}

// V3-54, V3-60.
TEST_F(ResponderTest, NobodyElseDoes) {
  VirtualRouter& router = Add(ResponderConfig());
  ASSERT_EQ(router.machine.state, State::kBackup);
  EXPECT_THAT(Ask(kRequest), IsEmpty());
  t_.SetPort(ShardCommand::Kind::kPortDown, PortId(0));
  ASSERT_EQ(router.machine.state, State::kInitialize);
  EXPECT_THAT(Ask(kRequest), IsEmpty());
  EXPECT_EQ(counters().not_master.value(), 2u);
}

TEST_F(ResponderTest, MastershipLostIsTheEndOfIt) {
  VirtualRouter& router = AddMaster();
  t_.Receive(AdvertFrame{.priority = 200}.Build());
  ASSERT_EQ(router.machine.state, State::kBackup);
  EXPECT_THAT(Ask(kRequest), IsEmpty());
}

// V3-60. A new master announces right behind its first advert; an answer from the virtual MAC would lead the switches
// back to us.
TEST_F(ResponderTest, ANewMastersAnnouncementIsNotAnswered) {
  VirtualRouter& router = AddMaster();
  const Bytes advert = AdvertFrame{.priority = 200}.Build();
  const Bytes announcement = Arp(kBroadcastMac, 1, kVmac, kVip, kVmac, kVip);
  t_.ReceiveBurst({advert, announcement});
  ASSERT_EQ(router.machine.state, State::kBackup);
  EXPECT_THAT(t_.Transmit(), IsEmpty());
  EXPECT_EQ(counters().arp_replies.value(), 0u);
}

TEST_F(ResponderTest, NorIsItAConflict) {
  VirtualRouter& router = AddMaster();
  t_.ReceiveBurst({AdvertFrame{.priority = 200}.Build(), Arp(kBroadcastMac, 1, kHostMac, kVip, kHostMac, kVip)});
  EXPECT_EQ(router.counters.conflicts.value(), 0u);
}

TEST_F(ResponderTest, WhatWasToBeAnsweredIsWithdrawnWithMastership) {
  VirtualRouterConfig config = ResponderConfig();
  config.id = InstanceId(2);
  config.vrid = Vrid(52);
  config.source_mac = VirtualMac(Family::kIpv4, Vrid(52));
  config.addresses = {Ip("10.99.0.200")};
  AddMaster(std::move(config));
  VirtualRouter& router = AddMaster();
  t_.ReceiveBurst({kRequest, Arp(kBroadcastMac, 1, kHostMac, kHost, MacAddress{}, "10.99.0.200"), kRequest});
  t_.Receive(AdvertFrame{.priority = 200}.Build());
  ASSERT_EQ(router.machine.state, State::kBackup);
  const std::vector<Sent> sent = t_.Transmit();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(SeeArp(sent[0].frame)->sender, Ip("10.99.0.200"));
}

TEST_F(ResponderTest, ARemovedInstanceAnswersNothing) {
  VirtualRouter& router = AddMaster();
  t_.Apply(ShardCommand::Kind::kRemove, router);
  t_.RunFor(1ms);
  t_.Events();
  EXPECT_THAT(Ask(kRequest), IsEmpty());
  EXPECT_FALSE(counters().not_ours.value() > 0) << "without a responder frames are not even looked at";
}

TEST_F(ResponderTest, WithoutTheOptionNothingIsAnswered) {
  VirtualRouterConfig config = ResponderConfig();
  config.responder = false;
  AddMaster(std::move(config));
  EXPECT_THAT(Ask(kRequest), IsEmpty());
  VirtualRouterConfig other = ResponderConfig();  // and another's does not change that
  other.id = InstanceId(2);
  other.vrid = Vrid(52);
  other.addresses = {Ip("10.99.0.200")};
  Add(std::move(other));
  EXPECT_THAT(Ask(kRequest), IsEmpty());
}

// RFC 5227 1.1, 2.1.1: a probe has no sender address; an address of ours must not be taken for free.
TEST_F(ResponderTest, AProbeIsAnswered) {
  AddMaster();
  EXPECT_THAT(Ask(Arp(kBroadcastMac, 1, kHostMac, "0.0.0.0", MacAddress{}, kVip)),
              ElementsAre(ToHex(Arp(kHostMac, 2, kVmac, kVip, kHostMac, "0.0.0.0"))));
}

TEST_F(ResponderTest, ARequestToOneOfOurMacsIsAnswered) {
  AddMaster();
  EXPECT_THAT(Ask(Arp(kVmac, 1, kHostMac, kHost, MacAddress{}, kVip)), ElementsAre(kReply));
  EXPECT_THAT(Ask(Arp(kPortMac, 1, kHostMac, kHost, MacAddress{}, kVip)), ElementsAre(kReply));
  EXPECT_THAT(Ask(Arp(Mac("02:00:00:00:00:99"), 1, kHostMac, kHost, MacAddress{}, kVip)), IsEmpty())
      << "to somebody else, seen in promiscuous mode";
}

TEST_F(ResponderTest, OtherAddressesAndOtherArpAreLeftAlone) {
  AddMaster();
  EXPECT_THAT(Ask(Arp(kBroadcastMac, 1, kHostMac, kHost, MacAddress{}, "10.99.0.101")), IsEmpty());
  EXPECT_THAT(Ask(Arp(kBroadcastMac, 1, kHostMac, kHost, MacAddress{}, "10.99.0.2")), IsEmpty()) << "our own";
  EXPECT_EQ(counters().not_ours.value(), 2u);
  EXPECT_THAT(Ask(Arp(kVmac, 2, kHostMac, kHost, kVmac, kVip)), IsEmpty()) << "a reply";
  EXPECT_THAT(Ask(Arp(kBroadcastMac, 1, Mac("03:00:00:00:00:01"), kHost, MacAddress{}, kVip)), IsEmpty())
      << "from a group";
  Bytes truncated = kRequest;
  truncated.pop_back();
  EXPECT_THAT(Ask(truncated), IsEmpty());
  EXPECT_EQ(counters().malformed.value(), 1u);
}

// The VLAN of the question is that of the answer, and another VLAN's address is not ours.
TEST_F(ResponderTest, ASegmentIsPortAndTags) {
  VirtualRouterConfig config = ResponderConfig();
  config.vlan = {7, 0};
  AddMaster(std::move(config));
  EXPECT_THAT(Ask(kRequest), IsEmpty());
  EXPECT_THAT(Ask(Arp(kBroadcastMac, 1, kHostMac, kHost, MacAddress{}, kVip, "810000070806")),
              ElementsAre(ToHex(Arp(kHostMac, 2, kVmac, kVip, kHostMac, kHost, "8100c0070806"))));
  EXPECT_THAT(Ask(Arp(kBroadcastMac, 1, kHostMac, kHost, MacAddress{}, kVip, "810000080806")), IsEmpty());
  Bytes request = kRequest;
  t_.ReceiveBurst({request}, PortId(3));
  EXPECT_THAT(t_.Transmit(), IsEmpty());
}

TEST_F(ResponderTest, TagsThatThePortTookOffCount) {
  VirtualRouterConfig config = ResponderConfig();
  config.vlan = {7, 0};
  AddMaster(std::move(config));
  Bytes request = kRequest;
  const Frame frame{request.data(), static_cast<uint16_t>(request.size()), PortId(0), VlanStack{7, 0}};
  t_.shard->Receive({&frame, 1}, t_.now);
  EXPECT_THAT(t_.Transmit(), SizeIs(1));
}

TEST_F(ResponderTest, EveryAddressIsAnsweredFor) {
  VirtualRouterConfig config = ResponderConfig();
  config.addresses.clear();
  for (uint32_t i = 0; i < 255; ++i) config.addresses.push_back(IpAddress::V4(0x0a640000 + i));
  AddMaster(std::move(config));
  for (const char* vip : {"10.100.0.0", "10.100.0.77", "10.100.0.254"}) {
    EXPECT_THAT(Ask(Arp(kBroadcastMac, 1, kHostMac, kHost, MacAddress{}, vip)),
                ElementsAre(ToHex(Arp(kHostMac, 2, kVmac, vip, kHostMac, kHost))));
  }
}

// ---- ICMP ----

class EchoTest : public ResponderTest {
 protected:
  static std::string Request(const std::string& packet, const MacAddress& to = kVmac) {
    return Ethernet(to, kHostMac, "0800") + packet;
  }
  const std::string kEcho = Ipv4(kHost, kVip, 1, EchoV4(8));
  const std::string kEchoReply = Ethernet(kHostMac, kVmac, "0800") + Ipv4(kVip, kHost, 1, EchoV4(0));
};

// V3-86.
TEST_F(EchoTest, AMasterThatAcceptsReplies) {
  AddMaster();
  EXPECT_THAT(Ask(Request(kEcho)), ElementsAre(kEchoReply));
  EXPECT_THAT(Ask(Request(kEcho, kPortMac)), ElementsAre(kEchoReply));
  EXPECT_THAT(Ask(Request(kEcho) + "000000000000"), ElementsAre(kEchoReply)) << "padding";
  EXPECT_EQ(counters().echo_replies.value(), 3u);
}

TEST_F(EchoTest, WithoutAcceptModeOnlyTheOwnerDoes) {
  VirtualRouterConfig config = ResponderConfig();
  config.accept = false;
  VirtualRouter& router = AddMaster(std::move(config));
  EXPECT_THAT(Ask(Request(kEcho)), IsEmpty());
  EXPECT_EQ(counters().not_accepted.value(), 1u);
  EXPECT_THAT(Ask(kRequest), ElementsAre(kReply)) << "V3-84: ARP is answered all the same";
  t_.SetPriority(router, kPriorityOwner);
  EXPECT_THAT(Ask(Request(kEcho)), ElementsAre(kEchoReply));
}

// V3-63, V3-64.
TEST_F(EchoTest, ABackupDoesNot) {
  Add(ResponderConfig());
  EXPECT_THAT(Ask(Request(kEcho)), IsEmpty());
  EXPECT_THAT(Ask(Request(kEcho, kPortMac)), IsEmpty());
}

TEST_F(EchoTest, WhatIsNotARightRequestToUsIsNotReplied) {
  AddMaster();
  const std::string request = EchoV4(8);
  EXPECT_THAT(Ask(Request(kEcho, kBroadcastMac)), IsEmpty()) << "broadcast";
  EXPECT_THAT(Ask(Request(kEcho, Mac("02:00:00:00:00:99"))), IsEmpty()) << "to another MAC";
  EXPECT_THAT(Ask(Request(Ipv4("224.0.0.5", kVip, 1, request))), IsEmpty()) << "from a group";
  EXPECT_THAT(Ask(Request(Ipv4("0.0.0.0", kVip, 1, request))), IsEmpty()) << "from nobody";
  EXPECT_THAT(Ask(Request(Ipv4("255.255.255.255", kVip, 1, request))), IsEmpty()) << "from all";
  EXPECT_THAT(Ask(Request(Ipv4(kVip, kVip, 1, request))), IsEmpty()) << "from ourselves";
  EXPECT_THAT(Ask(Request(Ipv4(kHost, "10.99.0.101", 1, request))), IsEmpty()) << "to another address";
  EXPECT_THAT(Ask(Request(Ipv4(kHost, kVip, 1, EchoV4(0)))), IsEmpty()) << "a reply";
  EXPECT_THAT(Ask(Request(Ipv4(kHost, kVip, 17, request))), IsEmpty()) << "UDP";
  const auto changed = [&](size_t byte, uint8_t value) {
    Bytes packet = FromHex(kEcho);
    packet[byte] = value;
    if (byte != 10 && byte < 20) {  // put the header's checksum right
      packet[10] = packet[11] = 0;
      const uint16_t sum = ReferenceChecksum(std::span(packet).first(20));
      packet[10] = static_cast<uint8_t>(sum >> 8);
      packet[11] = static_cast<uint8_t>(sum);
    }
    return Request(ToHex(packet));
  };
  EXPECT_THAT(Ask(changed(1, 0x10)), SizeIs(1)) << "the control of the test itself";
  EXPECT_THAT(Ask(changed(10, 0x12)), IsEmpty()) << "IP checksum";
  EXPECT_THAT(Ask(changed(0, 0x65)), IsEmpty()) << "version";
  EXPECT_THAT(Ask(changed(0, 0x44)), IsEmpty()) << "header length";
  EXPECT_THAT(Ask(changed(0, 0x46)), IsEmpty()) << "options";
  EXPECT_THAT(Ask(changed(3, 200)), IsEmpty()) << "longer than the frame";
  EXPECT_THAT(Ask(changed(6, 0x20)), IsEmpty()) << "the first fragment";
  EXPECT_THAT(Ask(changed(7, 0x01)), IsEmpty()) << "a later fragment";
  EXPECT_THAT(Ask(changed(21, 1)), IsEmpty()) << "ICMP code, and so its checksum";
}

TEST_F(EchoTest, ALongRequestIsRepliedInFull) {
  AddMaster();
  std::string message = "0800000012340001";
  for (int i = 0; i < 1472; ++i) absl::StrAppend(&message, absl::Hex(i & 0xff, absl::kZeroPad2));
  std::string reply = message;
  reply.replace(0, 2, "00");
  EXPECT_THAT(Ask(Request(Ipv4(kHost, kVip, 1, Summed(message, 1)))),
              ElementsAre(Ethernet(kHostMac, kVmac, "0800") + Ipv4(kVip, kHost, 1, Summed(reply, 1))));
}

// ---- Bounds ----

TEST_F(ResponderTest, AdvertsOvertakeAnswers) {
  VirtualRouter& router = Add(ResponderConfig());
  t_.Apply(ShardCommand::Kind::kTakeover, router);
  t_.Announce(router, 0, 1);
  t_.ReceiveBurst({kRequest});
  const std::vector<Sent> sent = t_.Transmit();
  ASSERT_THAT(sent, SizeIs(3));
  EXPECT_THAT(sent[0], IsAdvert(Vrid(51), Priority(100)));
  EXPECT_THAT(sent[1], IsGratuitousArp(Ip(kVip), kVmac));
  EXPECT_EQ(ToHex(sent[2].frame), kReply);
}

TEST_F(ResponderTest, WhatDoesNotFitIntoABurstGoesWithTheNext) {
  AddMaster();
  t_.ReceiveBurst({kRequest, kRequest, kRequest});
  EXPECT_THAT(t_.Transmit(2), SizeIs(2));
  EXPECT_EQ(t_.shard->NextDeadline(), Instant::min());
  EXPECT_THAT(t_.Transmit(2), SizeIs(1));
  EXPECT_GT(t_.shard->NextDeadline(), t_.now);
}

TEST_F(ResponderTest, AFullQueueIsCounted) {
  AddMaster();
  const std::vector<Bytes> burst(kMaxBurst, kRequest);
  for (size_t sent = 0; sent < kMaxReadyFrames + kMaxBurst; sent += kMaxBurst) t_.ReceiveBurst(burst);
  EXPECT_EQ(counters().queue_full.value(), kMaxBurst);
  EXPECT_EQ(counters().arp_replies.value(), kMaxReadyFrames);
}

TEST_F(ResponderTest, AnswersHaveARateAndABurst) {
  AddMaster();
  const std::vector<Bytes> burst(kMaxBurst, kRequest);
  const auto flood = [&](size_t frames) {
    const uint64_t before = counters().arp_replies.value();
    for (size_t i = 0; i < frames; i += kMaxBurst) {
      t_.ReceiveBurst(burst);
      t_.Transmit();
    }
    return counters().arp_replies.value() - before;
  };
  EXPECT_EQ(flood(2048), static_cast<uint64_t>(kResponsesPerSecond / 10));
  EXPECT_EQ(counters().limited.value(), 2048u - kResponsesPerSecond / 10);
  t_.now += 10ms;
  EXPECT_EQ(flood(2048), static_cast<uint64_t>(kResponsesPerSecond / 100));
  t_.now += 100ms;
  EXPECT_EQ(flood(2048), static_cast<uint64_t>(kResponsesPerSecond / 10));
}

// ---- Somebody else claims an address ----

class ConflictTest : public ResponderTest {
 protected:
  std::vector<ShardEvent> Conflicts() {
    std::vector<ShardEvent> found;
    for (const ShardEvent& event : t_.Events()) {
      if (event.kind == ShardEvent::Kind::kConflict) found.push_back(event);
    }
    return found;
  }
  const Bytes kClaim = Arp(kBroadcastMac, 1, kHostMac, kVip, MacAddress{}, kVip);
};

TEST_F(ConflictTest, AMasterReportsIt) {
  VirtualRouter& router = AddMaster();
  EXPECT_THAT(Ask(kClaim), SizeIs(1)) << "and answers";
  const std::vector<ShardEvent> events = Conflicts();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].instance, InstanceId(1));
  EXPECT_EQ(events[0].peer, Ip(kVip));
  EXPECT_EQ(events[0].peer_mac, kHostMac);
  EXPECT_EQ(events[0].count, 1u);

  Ask(Arp(kHostMac, 2, kHostMac, kVip, kHostMac, kHost));  // a reply to somebody
  t_.now += kNoticeInterval - 1ms;
  Ask(kClaim);
  EXPECT_THAT(Conflicts(), IsEmpty()) << "at most one notice in kNoticeInterval";
  EXPECT_EQ(router.counters.conflicts.value(), 3u);
  t_.now += 1ms;
  Ask(kClaim);
  EXPECT_THAT(Conflicts(), SizeIs(1));
}

TEST_F(ConflictTest, ItsOwnAnnouncementAndABackupsMasterAreNone) {
  VirtualRouter& router = AddMaster();
  Ask(Arp(kBroadcastMac, 1, kVmac, kVip, kVmac, kVip));
  EXPECT_THAT(Conflicts(), IsEmpty());
  t_.Receive(AdvertFrame{.priority = 200}.Build());
  ASSERT_EQ(router.machine.state, State::kBackup);
  Ask(kClaim);
  EXPECT_THAT(Conflicts(), IsEmpty());
}

}  // namespace
}  // namespace dpvrrp
