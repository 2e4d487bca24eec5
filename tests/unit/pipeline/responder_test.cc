// SPDX-License-Identifier: BSD-3-Clause
//
// The answers to hosts over IPv4 and ARP, and the frames that get none.
#include "pipeline/stand_in/responder.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
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
    t_.RunFor(2s);  // its group reports are sent
    return router;
  }
  VirtualRouter& AddMaster(VirtualRouterConfig config = ResponderConfig()) {
    VirtualRouter& router = Add(std::move(config));
    t_.Apply(command::Takeover{&router});
    EXPECT_THAT(t_.Transmit(), SizeIs(1));
    return router;
  }
  // The frames sent at once in answer, in hex.
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

// Hosts learn the new virtual MAC at once, and may still send requests to the old one.
TEST_F(ResponderTest, AMasterThatMovesToAnotherVridAnswersWithItsNewMac) {
  VirtualRouter& router = AddMaster();
  const MacAddress new_mac = VirtualMac(Family::kIpv4, Vrid(61));
  t_.Apply(command::SpeakNextVrid{.router = &router, .vrid = Vrid(61), .mac = new_mac});
  EXPECT_THAT(Ask(kRequest), ElementsAre(kReply));
  t_.ReceiveBurst({kRequest});  // the answer waits in the queue
  t_.Apply(command::AdoptNextVrid{&router});
  EXPECT_THAT(t_.Transmit(), IsEmpty());
  const std::string reply = ToHex(Arp(kHostMac, 2, new_mac, kVip, kHostMac, kHost));
  const Bytes at_old_mac = Arp(kVmac, 1, kHostMac, kHost, MacAddress{}, kVip);
  EXPECT_THAT(Ask(kRequest), ElementsAre(reply));
  EXPECT_THAT(Ask(at_old_mac), ElementsAre(reply));
  t_.Apply(command::ForgetMac{&router, kVmac});
  EXPECT_THAT(Ask(at_old_mac), IsEmpty());
  EXPECT_THAT(Ask(Arp(new_mac, 1, kHostMac, kHost, MacAddress{}, kVip)), ElementsAre(reply));
}

// V3-54, V3-60.
TEST_F(ResponderTest, OnlyAMasterAnswers) {
  VirtualRouter& router = Add(ResponderConfig());
  ASSERT_EQ(router.machine.state, State::kBackup);
  EXPECT_THAT(Ask(kRequest), IsEmpty());
  t_.Apply(command::PortDown{PortId(0)});
  ASSERT_EQ(router.machine.state, State::kInitialize);
  EXPECT_THAT(Ask(kRequest), IsEmpty());
  EXPECT_EQ(counters().not_master.value(), 2u);
}

TEST_F(ResponderTest, ARouterThatLosesMastershipNoLongerAnswers) {
  VirtualRouter& router = AddMaster();
  t_.Receive(AdvertFrame{.priority = 200}.Build());
  ASSERT_EQ(router.machine.state, State::kBackup);
  EXPECT_THAT(Ask(kRequest), IsEmpty());
}

// V3-60. A new master announces directly after its first advert. An answer from the virtual MAC would make the switches
// learn our port again.
TEST_F(ResponderTest, ANewMastersAnnouncementIsNotAnswered) {
  VirtualRouter& router = AddMaster();
  const Bytes advert = AdvertFrame{.priority = 200}.Build();
  const Bytes announcement = Arp(kBroadcastMac, 1, kVmac, kVip, kVmac, kVip);
  t_.ReceiveBurst({advert, announcement});
  ASSERT_EQ(router.machine.state, State::kBackup);
  EXPECT_THAT(t_.Transmit(), IsEmpty());
  EXPECT_EQ(counters().arp_replies.value(), 0u);
}

TEST_F(ResponderTest, ANewMastersAnnouncementIsNoConflict) {
  VirtualRouter& router = AddMaster();
  t_.ReceiveBurst({AdvertFrame{.priority = 200}.Build(), Arp(kBroadcastMac, 1, kHostMac, kVip, kHostMac, kVip)});
  EXPECT_EQ(router.counters.conflicts.value(), 0u);
}

TEST_F(ResponderTest, QueuedAnswersAreWithdrawnWithMastership) {
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
  t_.Apply(command::Remove{&router});
  t_.RunFor(1ms);
  t_.Events();
  EXPECT_THAT(Ask(kRequest), IsEmpty());
  EXPECT_FALSE(counters().not_ours.value() > 0) << "without a responder frames are not parsed";
}

TEST_F(ResponderTest, WithoutTheOptionNothingIsAnswered) {
  VirtualRouterConfig config = ResponderConfig();
  config.responder = false;
  AddMaster(std::move(config));
  EXPECT_THAT(Ask(kRequest), IsEmpty());
  VirtualRouterConfig other = ResponderConfig();  // a responder of another instance does not change that
  other.id = InstanceId(2);
  other.vrid = Vrid(52);
  other.addresses = {Ip("10.99.0.200")};
  Add(std::move(other));
  EXPECT_THAT(Ask(kRequest), IsEmpty());
}

// RFC 5227 1.1, 2.1.1: a probe has no sender address. The host must not conclude that our address is free.
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
      << "to another host, received in promiscuous mode";
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

// The answer has the VLAN of the request. An address of another VLAN is not ours.
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

TEST_F(ResponderTest, TagsRemovedByThePortCount) {
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
TEST_F(EchoTest, AMasterWithAcceptModeReplies) {
  AddMaster();
  EXPECT_THAT(Ask(Request(kEcho)), ElementsAre(kEchoReply));
  EXPECT_THAT(Ask(Request(kEcho, kPortMac)), ElementsAre(kEchoReply));
  EXPECT_THAT(Ask(Request(kEcho) + "000000000000"), ElementsAre(kEchoReply)) << "padding";
  EXPECT_EQ(counters().echo_replies.value(), 3u);
}

TEST_F(EchoTest, WithoutAcceptModeOnlyTheOwnerReplies) {
  VirtualRouterConfig config = ResponderConfig();
  config.accept = false;
  VirtualRouter& router = AddMaster(std::move(config));
  EXPECT_THAT(Ask(Request(kEcho)), IsEmpty());
  EXPECT_EQ(counters().not_accepted.value(), 1u);
  EXPECT_THAT(Ask(kRequest), ElementsAre(kReply)) << "V3-84: ARP is still answered";
  t_.SetPriority(router, kPriorityOwner);
  EXPECT_THAT(Ask(Request(kEcho)), ElementsAre(kEchoReply));
}

// V3-63, V3-64.
TEST_F(EchoTest, ABackupDoesNotReply) {
  Add(ResponderConfig());
  EXPECT_THAT(Ask(Request(kEcho)), IsEmpty());
  EXPECT_THAT(Ask(Request(kEcho, kPortMac)), IsEmpty());
}

TEST_F(EchoTest, AnInvalidRequestGetsNoReply) {
  AddMaster();
  const std::string request = EchoV4(8);
  EXPECT_THAT(Ask(Request(kEcho, kBroadcastMac)), IsEmpty()) << "broadcast";
  EXPECT_THAT(Ask(Request(kEcho, Mac("02:00:00:00:00:99"))), IsEmpty()) << "to another MAC";
  EXPECT_THAT(Ask(Request(Ipv4("224.0.0.5", kVip, 1, request))), IsEmpty()) << "from a group";
  EXPECT_THAT(Ask(Request(Ipv4("0.0.0.0", kVip, 1, request))), IsEmpty()) << "from the unspecified address";
  EXPECT_THAT(Ask(Request(Ipv4("255.255.255.255", kVip, 1, request))), IsEmpty()) << "from the broadcast address";
  EXPECT_THAT(Ask(Request(Ipv4(kVip, kVip, 1, request))), IsEmpty()) << "from ourselves";
  EXPECT_THAT(Ask(Request(Ipv4(kHost, "10.99.0.101", 1, request))), IsEmpty()) << "to another address";
  EXPECT_THAT(Ask(Request(Ipv4(kHost, kVip, 1, EchoV4(0)))), IsEmpty()) << "a reply";
  EXPECT_THAT(Ask(Request(Ipv4(kHost, kVip, 17, request))), IsEmpty()) << "UDP";
  const auto changed = [&](size_t byte, uint8_t value) {
    Bytes packet = FromHex(kEcho);
    packet[byte] = value;
    if (byte != 10 && byte < 20) {  // corrects the checksum of the header
      packet[10] = packet[11] = 0;
      const uint16_t sum = ReferenceChecksum(std::span(packet).first(20));
      packet[10] = static_cast<uint8_t>(sum >> 8);
      packet[11] = static_cast<uint8_t>(sum);
    }
    return Request(ToHex(packet));
  };
  EXPECT_THAT(Ask(changed(1, 0x10)), SizeIs(1)) << "checks the test itself";
  EXPECT_THAT(Ask(changed(10, 0x12)), IsEmpty()) << "IP checksum";
  EXPECT_THAT(Ask(changed(0, 0x65)), IsEmpty()) << "version";
  EXPECT_THAT(Ask(changed(0, 0x44)), IsEmpty()) << "header length";
  EXPECT_THAT(Ask(changed(0, 0x46)), IsEmpty()) << "options";
  EXPECT_THAT(Ask(changed(3, 200)), IsEmpty()) << "longer than the frame";
  EXPECT_THAT(Ask(changed(6, 0x20)), IsEmpty()) << "the first fragment";
  EXPECT_THAT(Ask(changed(7, 0x01)), IsEmpty()) << "a later fragment";
  EXPECT_THAT(Ask(changed(21, 1)), IsEmpty()) << "ICMP code, and thereby the checksum";
}

TEST_F(EchoTest, ALongRequestGetsAFullReply) {
  AddMaster();
  std::string message = "0800000012340001";
  for (int i = 0; i < 1472; ++i) absl::StrAppend(&message, absl::Hex(i & 0xff, absl::kZeroPad2));
  std::string reply = message;
  reply.replace(0, 2, "00");
  EXPECT_THAT(Ask(Request(Ipv4(kHost, kVip, 1, Summed(message, 1)))),
              ElementsAre(Ethernet(kHostMac, kVmac, "0800") + Ipv4(kVip, kHost, 1, Summed(reply, 1))));
}

// ---- Bounds ----

TEST_F(ResponderTest, AdvertsAreSentBeforeAnswers) {
  VirtualRouter& router = Add(ResponderConfig());
  t_.Apply(command::Takeover{&router});
  t_.Announce(router, 0, 1);
  t_.ReceiveBurst({kRequest});
  const std::vector<Sent> sent = t_.Transmit();
  ASSERT_THAT(sent, SizeIs(3));
  EXPECT_THAT(sent[0], IsAdvert(Vrid(51), Priority(100)));
  EXPECT_THAT(sent[1], IsGratuitousArp(Ip(kVip), kVmac));
  EXPECT_EQ(ToHex(sent[2].frame), kReply);
}

TEST_F(ResponderTest, AnswersWithoutRoomAreSentInTheNextBurst) {
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

// ---- Another host claims an address ----

class ConflictTest : public ResponderTest {
 protected:
  std::vector<event::Conflict> Conflicts() { return Only<event::Conflict>(t_.Events()); }
  const Bytes kClaim = Arp(kBroadcastMac, 1, kHostMac, kVip, MacAddress{}, kVip);
};

TEST_F(ConflictTest, AMasterReportsIt) {
  VirtualRouter& router = AddMaster();
  EXPECT_THAT(Ask(kClaim), SizeIs(1)) << "it also answers";
  const std::vector<event::Conflict> events = Conflicts();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].instance, InstanceId(1));
  EXPECT_EQ(events[0].peer, Ip(kVip));
  EXPECT_EQ(events[0].peer_mac, kHostMac);
  EXPECT_EQ(events[0].count, 1u);

  Ask(Arp(kHostMac, 2, kHostMac, kVip, kHostMac, kHost));  // a reply to another host
  t_.now += kNoticeInterval - 1ms;
  Ask(kClaim);
  EXPECT_THAT(Conflicts(), IsEmpty()) << "at most one notice in kNoticeInterval";
  EXPECT_EQ(router.counters.conflicts.value(), 3u);
  t_.now += 1ms;
  Ask(kClaim);
  EXPECT_THAT(Conflicts(), SizeIs(1));
}

TEST_F(ConflictTest, ItsOwnAnnouncementAndTheMasterOfABackupAreNoConflicts) {
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
