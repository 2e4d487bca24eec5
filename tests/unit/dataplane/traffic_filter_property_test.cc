// SPDX-License-Identifier: BSD-3-Clause
//
// The filter that the kernel runs for a shared port, compared with what a shard needs, and with the kernel.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <random>

#include "dataplane/packet_socket.h"
#include "filter_testing.h"
#include "io/unique_fd.h"
#include "traffic/repair.h"

namespace dpvrrp {
namespace {

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
bool IsForeignAh(const Bytes& frame) {
  const size_t packet = EtherTypeAt(frame) + 2;
  if (frame.size() < packet) return false;
  const bool v4 = frame[packet - 2] == 0x08;
  if (frame.size() < packet + (v4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header))) return false;
  const uint8_t* at = frame.data() + packet;
  if ((v4 ? at[9] : at[6]) != kProtocolAh) return false;
  const std::string destination = v4 ? ToHex({at + 16, 4}) : ToHex({at + 24, 16});
  if (destination == (v4 ? "e0000012" : ToHex(Ip("ff02::12").bytes()))) return false;
  return destination != (v4 ? "0a630002" : ToHex(Ip("fe80::2").bytes()));
}

TEST(TrafficFilterPropertyTest, WhatAShardWantsPasses) {
  std::mt19937 random(28);
  for (const auto& configs : {Plain(), MixedFamilies(), Responders(), Unicast(), Unicast(Responders())}) {
    const TrafficFilter filter = FilterOf(configs);
    Oracle shard(configs);
    std::map<std::string, int> wanted;
    for (int round = 0; round < 150; ++round) {
      for (Bytes frame : WantedOrNot()) {
        frame = WithTags(std::move(frame), kSegments[round % 3]);
        if (round >= 3) ChangeSomeBytes(frame, random);
        const std::string why = shard.Wants(frame);
        ++wanted[why];
        EXPECT_TRUE(why.empty() || IsForeignAh(frame) || Passes(filter, frame)) << why << ": " << ToHex(frame);
      }
    }
    EXPECT_GT(wanted.size(), 5u);  // otherwise the shard refuses everything for one reason
    EXPECT_GT(wanted[" claim"] + wanted[" answered claim"], 10) << wanted.size();
  }
}

// On a socket for which no privilege is needed: a datagram is judged as a frame would be.
TEST(TrafficFilterPropertyTest, TheKernelJudgesAsTheInterpreterDoes) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
  const UniqueFd to(ends[0]), from(ends[1]);
  std::mt19937 random(4);
  for (const auto& configs : {Plain(), MixedFamilies(), Responders(), Unicast(), Unicast(Responders())}) {
    const TrafficFilter filter = FilterOf(configs);
    ASSERT_TRUE(SetPacketFilter(from.get(), filter.program).ok());
    size_t passed = 0;
    for (int round = 0; round < 30; ++round) {
      for (Bytes frame : WantedOrNot()) {
        frame = WithTags(std::move(frame), kSegments[round % 3]);
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
